import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, searchParams } from '#/kit/search';

const connections = createRoute({ getParentRoute: () => tenantRoute, path: 'connections' });

const list = createRoute({
  getParentRoute: () => connections,
  path: '/',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => connections,
  path: 'new',
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const connection = createRoute({
  getParentRoute: () => connections,
  path: '$connectionId',
  component: lazyRouteComponent(() => import('./ConnectionPage'), 'ConnectionPage'),
});

const start = createRoute({
  getParentRoute: () => connection,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/connections/$connectionId/settings', params, replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => connection,
  path: 'settings',
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
});

const passwords = createRoute({
  getParentRoute: () => connection,
  path: 'passwords',
  component: lazyRouteComponent(() => import('./PasswordsPage'), 'PasswordsPage'),
});

const applications = createRoute({
  getParentRoute: () => connection,
  path: 'applications',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ApplicationsPage'), 'ApplicationsPage'),
});

export const connectionsRoute = connections.addChildren([
  list,
  create,
  connection.addChildren([start, settings, passwords, applications]),
]);
