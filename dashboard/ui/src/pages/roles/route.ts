import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, searchParams, text } from '#/kit/search';

const roles = createRoute({ getParentRoute: () => tenantRoute, path: 'roles' });

const list = createRoute({
  getParentRoute: () => roles,
  path: '/',
  validateSearch: searchParams({ q: text, page: natural }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => roles,
  path: 'new',
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const role = createRoute({
  getParentRoute: () => roles,
  path: '$roleId',
  component: lazyRouteComponent(() => import('./RolePage'), 'RolePage'),
});

const start = createRoute({
  getParentRoute: () => role,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/roles/$roleId/settings', params, replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => role,
  path: 'settings',
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
});

const permissions = createRoute({
  getParentRoute: () => role,
  path: 'permissions',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./PermissionsPage'), 'PermissionsPage'),
});

const users = createRoute({
  getParentRoute: () => role,
  path: 'users',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
});

export const rolesRoute = roles.addChildren([list, create, role.addChildren([start, settings, permissions, users])]);
