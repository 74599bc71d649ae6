import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { searchParams, text } from '#/kit/search';

const security = createRoute({
  getParentRoute: () => tenantRoute,
  path: 'security',
  component: lazyRouteComponent(() => import('./SecurityPage'), 'SecurityPage'),
});

const start = createRoute({
  getParentRoute: () => security,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/security/brute-force', params, replace: true });
  },
});

const bruteForce = createRoute({
  getParentRoute: () => security,
  path: 'brute-force',
  component: lazyRouteComponent(() => import('./BruteForcePage'), 'BruteForcePage'),
});

const addresses = createRoute({
  getParentRoute: () => security,
  path: 'suspicious-addresses',
  component: lazyRouteComponent(() => import('./AddressesPage'), 'AddressesPage'),
});

const breached = createRoute({
  getParentRoute: () => security,
  path: 'breached-passwords',
  component: lazyRouteComponent(() => import('./BreachedPage'), 'BreachedPage'),
});

const sessions = createRoute({
  getParentRoute: () => security,
  path: 'sessions',
  validateSearch: searchParams({ client: text, api: text }),
  component: lazyRouteComponent(() => import('./SessionsPage'), 'SessionsPage'),
});

export const securityRoute = security.addChildren([start, bruteForce, addresses, breached, sessions]);
