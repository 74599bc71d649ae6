import { Badge, Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, TextLink } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { PermissionDialog } from '#/pages/roles/PermissionDialog';
import type { Permission } from '#/pages/roles/role';
import { userInit } from '../user';
import { userRolesText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/permissions');
const perPage = 50;

const isDirect = (p: Permission) => p.sources?.some((s) => s.source_type === 'DIRECT') ?? false;

export function PermissionsPage() {
  const t = useText(userRolesText);
  const toast = useToast();
  const denied = useDenied();
  const { tenant, userId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Permission>();
  const add = useSend('post', '/users/{id}/permissions');
  const remove = useSend('delete', '/users/{id}/permissions');
  const query = useList<'/users/{id}/permissions', Permission>('/users/{id}/permissions', {
    params: { path: { id: userId }, query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.permissionsIntro}
        </Text>
        <GuardedButton denied={denied} onClick={() => setAdding(true)}>
          {t.assignPermissions}
        </GuardedButton>
      </Group>
      <List
        label={t.permission}
        query={query}
        rowKey={(p) => `${p.resource_server_identifier} ${p.permission_name}`}
        columns={[
          {
            key: 'name',
            header: t.permission,
            title: true,
            cell: (p) => (
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {p.permission_name}
                </Text>
                <Text size="xs" c="dimmed">
                  {p.description}
                </Text>
              </Stack>
            ),
          },
          {
            key: 'api',
            header: t.api,
            width: '26%',
            cell: (p) => (
              <Text size="sm" truncate title={p.resource_server_identifier}>
                {p.resource_server_name || p.resource_server_identifier}
              </Text>
            ),
          },
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
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (p) => (
              <Control>
                <GuardedButton
                  denied={denied ?? (isDirect(p) ? undefined : t.byRole)}
                  variant="default"
                  size="xs"
                  aria-label={t.removeOf(p.permission_name)}
                  onClick={() => setLeaving(p)}
                >
                  {t.remove}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.noPermissionTitle} text={t.noPermissionText} icon={<IconKey size={28} />} />}
      />
      <PermissionDialog
        opened={adding}
        title={t.assignPermissions}
        held={query.data?.rows.filter(isDirect) ?? []}
        onAdd={async (permissions) => {
          await add.mutateAsync({ ...userInit(userId), body: { permissions } });
          toast.done(t.assignedPermissions);
        }}
        onClose={() => setAdding(false)}
      />
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t.removePermissionTitle}
        text={leaving && t.removePermissionText(leaving.permission_name)}
        action={t.remove}
        onConfirm={async () => {
          if (!leaving) return;
          const { permission_name, resource_server_identifier } = leaving;
          await remove.mutateAsync({
            ...userInit(userId),
            body: { permissions: [{ permission_name, resource_server_identifier }] },
          });
          setLeaving(undefined);
          toast.done(t.removedPermission);
        }}
      />
    </>
  );
}
