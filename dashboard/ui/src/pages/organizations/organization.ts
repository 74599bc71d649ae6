import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useEntity, useList } from '#/api/hooks';

export type Organization = Schemas['organization'];
export type OrganizationUpdate = Schemas['organization_update'];
export type OrganizationConnection = Schemas['organization_connection'];
export type Invitation = Schemas['organization_invitation'];
export type Role = Schemas['role'];

/** A member, with the roles in this organization. */
export interface Member {
  user_id: string;
  name?: string;
  email?: string;
  roles?: { id: string; name: string }[];
}

const route = getRouteApi('/t/$tenant/organizations/$organizationId');

export const useOrganizationId = () => route.useParams({ select: (p) => p.organizationId });

export const organizationInit = (id: string) => ({ params: { path: { id } } });

/** The organization of the page; all its tabs share what was read. */
export const useOrganization = () => useEntity('/organizations/{id}', organizationInit(useOrganizationId()));

export type OrganizationQuery = ReturnType<typeof useOrganization>;

export const titleOf = (o: Organization) => o.display_name || o.name || '';

export const memberName = (m: { user_id: string; name?: string; email?: string }) => m.name || m.email || m.user_id;

/** The roles that members can have: the tenant's, and the organization's own. */
export function useRoles(organizationId: string) {
  const query = useList('/roles', { params: { query: { per_page: 100 } } });
  return {
    ...query,
    roles: query.data?.rows.filter((r) => !r.owner_id || r.owner_id === organizationId),
  };
}

/** What has to be given and taken so that somebody has the wanted roles. */
export function difference(had: string[], wanted: string[]) {
  return { give: wanted.filter((id) => !had.includes(id)), take: had.filter((id) => !wanted.includes(id)) };
}

const named = /^[a-z0-9][a-z0-9_-]{0,49}$/;
const color = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i;

export const goodName = (name: string) => named.test(name);
export const goodColor = (value: string) => value.trim() === '' || color.test(value.trim());

/** The name of an organization that is called so: small letters, digits and hyphens. */
export function nameFrom(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
    .replace(/-+$/, '');
}

export interface BrandingValues {
  logo_url: string;
  primary: string;
  page_background: string;
}

/** The API replaces branding as a whole, and has no empty values in it. */
export function brandingOf(v: BrandingValues): NonNullable<Organization['branding']> {
  const colors = {
    ...(v.primary.trim() && { primary: v.primary.trim() }),
    ...(v.page_background.trim() && { page_background: v.page_background.trim() }),
  };
  return {
    ...(v.logo_url.trim() && { logo_url: v.logo_url.trim() }),
    ...(Object.keys(colors).length > 0 && { colors }),
  };
}
