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

// Rotation with a window for lost answers: the defaults that suit what runs on other people's devices.
const rotating = {
  rotation_type: 'rotating',
  expiration_type: 'expiring',
  leeway: 60,
  token_lifetime: 2_592_000,
  infinite_token_lifetime: false,
  idle_token_lifetime: 1_296_000,
  infinite_idle_token_lifetime: false,
} as const;

/** How a new application of a type starts: a public one has no secret, and only a machine asks in its own name alone. */
export const typeDefaults: Record<AppType, Omit<Schemas['client_create'], 'name'>> = {
  native: {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token: rotating,
  },
  spa: {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token: rotating,
  },
  regular_web: {
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  },
  non_interactive: { token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'] },
};
