import {
  type Icon,
  IconApi,
  IconApps,
  IconBuilding,
  IconDatabase,
  IconHome,
  IconKey,
  IconPalette,
  IconSettings,
  IconShieldLock,
  IconTimeline,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import { apisRoute } from '#/pages/apis/route';
import { answeredRoute, applicationsRoute } from '#/pages/applications/route';
import { brandingRoute } from '#/pages/branding/route';
import { connectionsRoute } from '#/pages/connections/route';
import { eventsRoute } from '#/pages/events/route';
import { homeRoute } from '#/pages/home/route';
import { keysRoute } from '#/pages/keys/route';
import { organizationsRoute } from '#/pages/organizations/route';
import { rolesRoute } from '#/pages/roles/route';
import { securityRoute } from '#/pages/security/route';
import { settingsRoute } from '#/pages/settings/route';
import { usersRoute } from '#/pages/users/route';
import { indexRoute, rootRoute, signedInRoute, tenantRoute } from './root';
import type { appText } from './text';

/** Every area of the console: its routes here, its place in the navigation below. */
export const routeTree = rootRoute.addChildren([
  indexRoute,
  signedInRoute,
  answeredRoute,
  tenantRoute.addChildren([
    homeRoute,
    applicationsRoute,
    apisRoute,
    usersRoute,
    organizationsRoute,
    rolesRoute,
    connectionsRoute,
    eventsRoute,
    securityRoute,
    keysRoute,
    settingsRoute,
    brandingRoute,
  ]),
]);

type Key = keyof (typeof appText)['en']['nav'];

export interface NavGroup {
  group?: Key;
  entries: {
    key: Key;
    to:
      | '/t/$tenant'
      | '/t/$tenant/applications'
      | '/t/$tenant/apis'
      | '/t/$tenant/users'
      | '/t/$tenant/roles'
      | '/t/$tenant/connections'
      | '/t/$tenant/organizations'
      | '/t/$tenant/events'
      | '/t/$tenant/security'
      | '/t/$tenant/keys'
      | '/t/$tenant/settings'
      | '/t/$tenant/branding';
    icon: Icon;
  }[];
}

export const navigation: NavGroup[] = [
  { entries: [{ key: 'home', to: '/t/$tenant', icon: IconHome }] },
  {
    group: 'build',
    entries: [
      { key: 'applications', to: '/t/$tenant/applications', icon: IconApps },
      { key: 'apis', to: '/t/$tenant/apis', icon: IconApi },
    ],
  },
  {
    group: 'people',
    entries: [
      { key: 'users', to: '/t/$tenant/users', icon: IconUsers },
      { key: 'roles', to: '/t/$tenant/roles', icon: IconUserShield },
      { key: 'connections', to: '/t/$tenant/connections', icon: IconDatabase },
      { key: 'organizations', to: '/t/$tenant/organizations', icon: IconBuilding },
    ],
  },
  {
    group: 'protect',
    entries: [
      { key: 'security', to: '/t/$tenant/security', icon: IconShieldLock },
      { key: 'keys', to: '/t/$tenant/keys', icon: IconKey },
    ],
  },
  {
    group: 'watch',
    entries: [{ key: 'events', to: '/t/$tenant/events', icon: IconTimeline }],
  },
  {
    group: 'tenant',
    entries: [
      { key: 'settings', to: '/t/$tenant/settings', icon: IconSettings },
      { key: 'branding', to: '/t/$tenant/branding', icon: IconPalette },
    ],
  },
];
