import { IconAppWindow, IconBrowser, IconDeviceMobile, IconServer2 } from '@tabler/icons-react';
import type { Schemas } from '#/api/client';

export type Client = Schemas['client'];
export type ClientUpdate = Schemas['client_update'];
export type AppType = 'native' | 'spa' | 'regular_web' | 'non_interactive';

export const appTypes: AppType[] = ['native', 'spa', 'regular_web', 'non_interactive'];

export const appTypeIcons = {
  native: IconDeviceMobile,
  spa: IconBrowser,
  regular_web: IconAppWindow,
  non_interactive: IconServer2,
} as const;

export const isAppType = (type: string | undefined): type is AppType => appTypes.includes(type as AppType);

/** How a new application of a type starts: a public one has no secret, and only a machine asks in its own name. */
export const typeDefaults: Record<
  AppType,
  Pick<Schemas['client_create'], 'token_endpoint_auth_method' | 'grant_types'>
> = {
  native: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
  spa: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
  regular_web: {
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code', 'refresh_token'],
  },
  non_interactive: { token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'] },
};
