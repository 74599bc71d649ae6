import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute, tenantRoute } from '#/app/root';
import { natural, oneOf, searchParams, text } from '#/kit/search';
import { callbackPath } from './try/callback';

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

const tryIt = createRoute({
  getParentRoute: () => application,
  path: 'try',
  validateSearch: searchParams({ api: text }),
  component: lazyRouteComponent(() => import('./try/TryPage'), 'TryPage'),
});

/** Where the sign-in of a try comes back to; it is nobody's page, so it needs no session. */
export const answeredRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: callbackPath,
  component: lazyRouteComponent(() => import('./try/AnsweredPage'), 'AnsweredPage'),
});

export const applicationsRoute = applications.addChildren([
  list,
  create,
  application.addChildren([start, quickstart, tryIt, settings, credentials, apis, connections]),
]);
