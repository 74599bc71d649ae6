import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, oneOf, searchParams, text } from '#/kit/search';

const applications = createRoute({ getParentRoute: () => tenantRoute, path: 'applications' });

const list = createRoute({
  getParentRoute: () => applications,
  path: '/',
  validateSearch: searchParams({ page: natural, type: oneOf('native', 'spa', 'regular_web', 'non_interactive') }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => applications,
  path: 'new',
  validateSearch: searchParams({ type: oneOf('native', 'spa', 'regular_web', 'non_interactive') }),
  component: lazyRouteComponent(() => import('./CreatePage'), 'CreatePage'),
});

const application = createRoute({
  getParentRoute: () => applications,
  path: '$clientId',
  component: lazyRouteComponent(() => import('./ApplicationPage'), 'ApplicationPage'),
});

const start = createRoute({
  getParentRoute: () => application,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/applications/$clientId/settings', params, replace: true });
  },
});

const settings = createRoute({
  getParentRoute: () => application,
  path: 'settings',
  component: lazyRouteComponent(() => import('./settings/SettingsPage'), 'SettingsPage'),
});

const credentials = createRoute({
  getParentRoute: () => application,
  path: 'credentials',
  component: lazyRouteComponent(() => import('./credentials/CredentialsPage'), 'CredentialsPage'),
});

const apis = createRoute({
  getParentRoute: () => application,
  path: 'apis',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ApisPage'), 'ApisPage'),
});

const connections = createRoute({
  getParentRoute: () => application,
  path: 'connections',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ConnectionsPage'), 'ConnectionsPage'),
});

const quickstart = createRoute({
  getParentRoute: () => application,
  path: 'quickstart',
  validateSearch: searchParams({ platform: text, api: text, app: text }),
  component: lazyRouteComponent(() => import('./quickstart/QuickstartPage'), 'QuickstartPage'),
});

export const applicationsRoute = applications.addChildren([
  list,
  create,
  application.addChildren([start, quickstart, settings, credentials, apis, connections]),
]);
