import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';

const keys = createRoute({ getParentRoute: () => tenantRoute, path: 'keys' });

const list = createRoute({
  getParentRoute: () => keys,
  path: '/',
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const key = createRoute({
  getParentRoute: () => keys,
  path: '$kid',
  component: lazyRouteComponent(() => import('./KeyPage'), 'KeyPage'),
});

export const keysRoute = keys.addChildren([list, key]);
