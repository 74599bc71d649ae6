import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';

const settings = createRoute({
  getParentRoute: () => tenantRoute,
  path: 'settings',
  component: lazyRouteComponent(() => import('./TenantPage'), 'TenantPage'),
});

const start = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/settings/general', params, replace: true });
  },
});

const general = createRoute({
  getParentRoute: () => settings,
  path: 'general',
  component: lazyRouteComponent(() => import('./GeneralPage'), 'GeneralPage'),
});

const signIn = createRoute({
  getParentRoute: () => settings,
  path: 'sign-in',
  component: lazyRouteComponent(() => import('./SignInPage'), 'SignInPage'),
});

const domains = createRoute({
  getParentRoute: () => settings,
  path: 'domains',
  component: lazyRouteComponent(() => import('./DomainsPage'), 'DomainsPage'),
});

const email = createRoute({
  getParentRoute: () => settings,
  path: 'email',
  component: lazyRouteComponent(() => import('./EmailPage'), 'EmailPage'),
});

const administrators = createRoute({
  getParentRoute: () => settings,
  path: 'administrators',
  component: lazyRouteComponent(() => import('./AdministratorsPage'), 'AdministratorsPage'),
});

export const settingsRoute = settings.addChildren([start, general, signIn, domains, email, administrators]);
