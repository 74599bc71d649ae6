import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, oneOf, searchParams } from '#/kit/search';

const organizations = createRoute({ getParentRoute: () => tenantRoute, path: 'organizations' });

const list = createRoute({
  getParentRoute: () => organizations,
  path: '/',
  validateSearch: searchParams({ page: natural, sort: oneOf('title', 'newest') }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => organizations,
  path: 'new',
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const organization = createRoute({
  getParentRoute: () => organizations,
  path: '$organizationId',
  component: lazyRouteComponent(() => import('./OrganizationPage'), 'OrganizationPage'),
});

const start = createRoute({
  getParentRoute: () => organization,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/organizations/$organizationId/settings', params, replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => organization,
  path: 'settings',
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
});

const members = createRoute({
  getParentRoute: () => organization,
  path: 'members',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./MembersPage'), 'MembersPage'),
});

const connections = createRoute({
  getParentRoute: () => organization,
  path: 'connections',
  component: lazyRouteComponent(() => import('./ConnectionsPage'), 'ConnectionsPage'),
});

const invitations = createRoute({
  getParentRoute: () => organization,
  path: 'invitations',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./InvitationsPage'), 'InvitationsPage'),
});

const invite = createRoute({
  getParentRoute: () => organization,
  path: 'invitations/new',
  component: lazyRouteComponent(() => import('./InvitePage'), 'InvitePage'),
});

export const organizationsRoute = organizations.addChildren([
  list,
  create,
  organization.addChildren([start, settings, members, connections, invitations, invite]),
]);
