import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useEntity } from '#/api/hooks';

export type Role = Schemas['role'];

/** One permission that a role or a user has; sources tell of a user where from. */
export interface Permission {
  permission_name: string;
  description?: string;
  resource_server_name?: string;
  resource_server_identifier: string;
  sources?: { source_id: string; source_name: string; source_type: 'DIRECT' | 'ROLE' }[];
}

const route = getRouteApi('/t/$tenant/roles/$roleId');

export const useRoleId = () => route.useParams({ select: (p) => p.roleId });

export const roleInit = (id: string) => ({ params: { path: { id } } });

/** The role of the page; all its tabs share what was read. */
export const useRole = () => useEntity('/roles/{id}', roleInit(useRoleId()));

export type RoleQuery = ReturnType<typeof useRole>;
