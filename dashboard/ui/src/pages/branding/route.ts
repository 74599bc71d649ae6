import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';

const branding = createRoute({
  getParentRoute: () => tenantRoute,
  path: 'branding',
  component: lazyRouteComponent(() => import('./BrandingPage'), 'BrandingPage'),
});

const start = createRoute({
  getParentRoute: () => branding,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/branding/basics', params, replace: true });
  },
});

const basics = createRoute({
  getParentRoute: () => branding,
  path: 'basics',
  component: lazyRouteComponent(() => import('./BasicsPage'), 'BasicsPage'),
});

const theme = createRoute({
  getParentRoute: () => branding,
  path: 'theme',
  component: lazyRouteComponent(() => import('./ThemePage'), 'ThemePage'),
});

export const brandingRoute = branding.addChildren([start, basics, theme]);
