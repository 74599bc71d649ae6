import { Button, Center, Loader, Stack } from '@mantine/core';
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, notFound, Outlet, redirect, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { announceSignIn, loadSession, type Session } from '#/api/session';
import { useText } from '#/i18n/text';
import { LinkButton } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { EmptyState, ErrorState } from '#/kit/states';
import { Shell } from './shell';
import { appText } from './text';

const lastTenant = 'proofkey.tenant';

export const rootRoute = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

function NotFound() {
  const t = useText(appText);
  return (
    <div className={kit.page}>
      <EmptyState whole title={t.notFound} text={t.notFoundText}>
        <LinkButton to="/">{t.home}</LinkButton>
      </EmptyState>
    </div>
  );
}

function Crashed({ error }: { error: unknown }) {
  const t = useText(appText);
  const router = useRouter();
  return (
    <Stack align="center" className={kit.page}>
      <ErrorState error={error} />
      <Button onClick={() => void router.invalidate()}>{t.reload}</Button>
    </Stack>
  );
}

export const Pending = () => (
  <Center mih="50vh">
    <Loader type="dots" />
  </Center>
);

let known: Promise<Session> | undefined;

function session(): Promise<Session> {
  known ??= loadSession().catch((error) => {
    known = undefined;
    throw error;
  });
  return known;
}

/** Where one arrives: the tenant that was looked at last. */
export const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async () => {
    const { tenants } = await session();
    const last = localStorage.getItem(lastTenant);
    const tenant = tenants.find((t) => t.name === last) ?? tenants[0];
    if (tenant) throw redirect({ to: '/t/$tenant', params: { tenant: tenant.name }, replace: true });
  },
  component: function NoTenant() {
    const t = useText(appText);
    return (
      <main>
        <EmptyState whole title={t.noTenant} text={t.noTenantText} />
      </main>
    );
  },
  errorComponent: Crashed,
  pendingComponent: Pending,
});

/** Where the tab ends up in which somebody signed in again, for the sake of another. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'signed-in',
  component: function SignedIn() {
    const t = useText(appText);
    useEffect(() => {
      announceSignIn();
      window.close();
    }, []);
    return (
      <main>
        <EmptyState whole title={t.signedIn} text={t.signedInText} />
      </main>
    );
  },
});

/** Everything that belongs to one tenant, in the frame of the console. Areas hang their routes under this one. */
export const tenantRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 't/$tenant',
  beforeLoad: async ({ params }) => {
    const { tenants } = await session();
    if (!tenants.some((t) => t.name === params.tenant)) throw notFound();
    localStorage.setItem(lastTenant, params.tenant);
  },
  component: Shell,
  errorComponent: Crashed,
  notFoundComponent: NotFound,
  pendingComponent: Pending,
});
