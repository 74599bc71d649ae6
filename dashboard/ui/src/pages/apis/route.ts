import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, searchParams, text } from '#/kit/search';

const apis = createRoute({ getParentRoute: () => tenantRoute, path: 'apis' });

const list = createRoute({
  getParentRoute: () => apis,
  path: '/',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => apis,
  path: 'new',
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const api = createRoute({
  getParentRoute: () => apis,
  path: '$apiId',
  component: lazyRouteComponent(() => import('./ApiPage'), 'ApiPage'),
});

const start = createRoute({
  getParentRoute: () => api,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/apis/$apiId/settings', params, replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => api,
  path: 'settings',
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
});

const permissions = createRoute({
  getParentRoute: () => api,
  path: 'permissions',
  component: lazyRouteComponent(() => import('./PermissionsPage'), 'PermissionsPage'),
});

const applications = createRoute({
  getParentRoute: () => api,
  path: 'applications',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ApplicationsPage'), 'ApplicationsPage'),
});

const test = createRoute({
  getParentRoute: () => api,
  path: 'test',
  validateSearch: searchParams({ client: text }),
  component: lazyRouteComponent(() => import('./TestPage'), 'TestPage'),
});

export const apisRoute = apis.addChildren([
  list,
  create,
  api.addChildren([start, settings, permissions, applications, test]),
]);
