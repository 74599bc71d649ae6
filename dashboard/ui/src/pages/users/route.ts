import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, oneOf, searchParams, text } from '#/kit/search';

const users = createRoute({ getParentRoute: () => tenantRoute, path: 'users' });

const list = createRoute({
  getParentRoute: () => users,
  path: '/',
  validateSearch: searchParams({
    q: text,
    page: natural,
    connection: text,
    show: oneOf('blocked', 'unverified', 'never'),
  }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => users,
  path: 'new',
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const importing = createRoute({
  getParentRoute: () => users,
  path: 'import',
  validateSearch: searchParams({ job: text }),
  component: lazyRouteComponent(() => import('./jobs/ImportPage'), 'ImportPage'),
});

const exporting = createRoute({
  getParentRoute: () => users,
  path: 'export',
  validateSearch: searchParams({ job: text }),
  component: lazyRouteComponent(() => import('./jobs/ExportPage'), 'ExportPage'),
});

const user = createRoute({
  getParentRoute: () => users,
  path: '$userId',
  component: lazyRouteComponent(() => import('./UserPage'), 'UserPage'),
});

const start = createRoute({
  getParentRoute: () => user,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/users/$userId/profile', params, replace: true });
  },
});

const profile = createRoute({
  getParentRoute: () => user,
  path: 'profile',
  component: lazyRouteComponent(() => import('./profile/ProfilePage'), 'ProfilePage'),
});

const metadata = createRoute({
  getParentRoute: () => user,
  path: 'metadata',
  component: lazyRouteComponent(() => import('./metadata/MetadataPage'), 'MetadataPage'),
});

const identities = createRoute({
  getParentRoute: () => user,
  path: 'identities',
  component: lazyRouteComponent(() => import('./identities/IdentitiesPage'), 'IdentitiesPage'),
});

const roles = createRoute({
  getParentRoute: () => user,
  path: 'roles',
  validateSearch: searchParams({ page: natural, organizations: natural }),
  component: lazyRouteComponent(() => import('./roles/RolesPage'), 'RolesPage'),
});

const permissions = createRoute({
  getParentRoute: () => user,
  path: 'permissions',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./roles/PermissionsPage'), 'PermissionsPage'),
});

const sessions = createRoute({
  getParentRoute: () => user,
  path: 'sessions',
  component: lazyRouteComponent(() => import('./sessions/SessionsPage'), 'SessionsPage'),
});

const logs = createRoute({
  getParentRoute: () => user,
  path: 'logs',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./logs/LogsPage'), 'LogsPage'),
});

export const usersRoute = users.addChildren([
  list,
  create,
  importing,
  exporting,
  user.addChildren([start, profile, metadata, identities, roles, permissions, sessions, logs]),
]);
