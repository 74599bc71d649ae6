import { getRouteApi } from '@tanstack/react-router';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PermissionList, permissionsPerPage } from './PermissionList';
import { type Permission, roleInit } from './role';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/$roleId/permissions');

export function PermissionsPage() {
  const { roleId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const add = useSend('post', '/roles/{id}/permissions');
  const remove = useSend('delete', '/roles/{id}/permissions');
  const query = useList<'/roles/{id}/permissions', Permission>('/roles/{id}/permissions', {
    params: { path: { id: roleId }, query: { page: page - 1, per_page: permissionsPerPage, include_totals: 'true' } },
  });
  return (
    <PermissionList
      words={useText(rolesText).permissions}
      query={query}
      page={page}
      onPage={(next) => void navigate({ search: { page: next } })}
      onAdd={(permissions) => add.mutateAsync({ ...roleInit(roleId), body: { permissions } })}
      onRemove={(permissions) => remove.mutateAsync({ ...roleInit(roleId), body: { permissions } })}
    />
  );
}
