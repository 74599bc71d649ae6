import { Badge, Group } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { TextLink } from '#/kit/bits';
import { PermissionList, permissionsPerPage } from '#/pages/roles/PermissionList';
import type { Permission } from '#/pages/roles/role';
import { userInit } from '../user';
import { userRolesText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/permissions');

const isDirect = (p: Permission) => p.sources?.some((s) => s.source_type === 'DIRECT') ?? false;

export function PermissionsPage() {
  const t = useText(userRolesText).permissions;
  const { tenant, userId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const add = useSend('post', '/users/{id}/permissions');
  const remove = useSend('delete', '/users/{id}/permissions');
  const query = useList<'/users/{id}/permissions', Permission>('/users/{id}/permissions', {
    params: { path: { id: userId }, query: { page: page - 1, per_page: permissionsPerPage, include_totals: 'true' } },
  });
  return (
    <PermissionList
      words={t}
      query={query}
      page={page}
      onPage={(next) => void navigate({ search: { page: next } })}
      more={[
        {
          key: 'source',
          header: t.source,
          width: '24%',
          cell: (p) => (
            <Group gap="xs">
              {p.sources?.map((s) =>
                s.source_type === 'DIRECT' ? (
                  <Badge key="direct" variant="light" color="gray">
                    {t.direct}
                  </Badge>
                ) : (
                  <TextLink
                    key={s.source_id}
                    to="/t/$tenant/roles/$roleId/permissions"
                    params={{ tenant, roleId: s.source_id }}
                  >
                    {s.source_name}
                  </TextLink>
                ),
              )}
            </Group>
          ),
        },
      ]}
      locked={(p) => (isDirect(p) ? undefined : t.byRole)}
      onAdd={(permissions) => add.mutateAsync({ ...userInit(userId), body: { permissions } })}
      onRemove={(permissions) => remove.mutateAsync({ ...userInit(userId), body: { permissions } })}
    />
  );
}
