import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';

export const homeRoute = createRoute({
  getParentRoute: () => tenantRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./HomePage'), 'HomePage'),
});
