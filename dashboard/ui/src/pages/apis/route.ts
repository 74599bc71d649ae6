import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { natural, searchParams } from '#/kit/search';

const apis = createRoute({ getParentRoute: () => tenantRoute, path: 'apis' });

const list = createRoute({
  getParentRoute: () => apis,
  path: '/',
  validateSearch: searchParams({ page: natural }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

export const apisRoute = apis.addChildren([list]);
