import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '#/api/client';
import { type Entity, useEntity, useSend } from '#/api/hooks';

export type Tenant = Schemas['tenant_settings'];
export type TenantUpdate = Schemas['tenant_settings_update'];
export type TenantQuery = UseQueryResult<Entity<Tenant>>;

export const useTenantSettings = () => useEntity('/tenants/settings', {});

/** Saves what a form changed of the tenant's settings. */
export function useSaveTenant() {
  const patch = useSend('patch', '/tenants/settings');
  return (body: TenantUpdate, ifMatch: string | undefined) => patch.mutateAsync({ body, ifMatch });
}
