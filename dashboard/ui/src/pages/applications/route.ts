import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, oneOf, searchParams } from '#/kit/search';

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

export const applicationsRoute = applications.addChildren([list, create, application]);
