import type { Schemas } from '#/api/client';

export const roleNames = ['Admin', 'Editor', 'Viewer'] as const;
export type RoleName = (typeof roleNames)[number];

export interface Administrator {
  id: string;
  name: string;
  email: string;
  blocked: boolean;
  lastLogin: string | undefined;
  /** The roles of the three that they hold, the strongest first. */
  roles: RoleName[];
}

/** Who administers, with their roles: the users of the administrators' tenant beside the members of its three roles. */
export function administratorsOf(
  users: Schemas['user'][],
  members: Record<RoleName, { user_id?: string }[]>,
): Administrator[] {
  return users.map((u) => ({
    id: u.user_id ?? '',
    name: (u.name as string | undefined) || u.email || u.user_id || '',
    email: u.email ?? '',
    blocked: u.blocked === true,
    lastLogin: u.last_login as string | undefined,
    roles: roleNames.filter((role) => members[role].some((m) => m.user_id === u.user_id)),
  }));
}

/** What has to be given and taken so that somebody has one role and no other. */
export function change(from: RoleName[], to: RoleName) {
  return { give: from.includes(to) ? [] : [to], take: from.filter((role) => role !== to) };
}
