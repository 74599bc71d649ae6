import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { makeQueryClient } from '#/api/hooks';
import { loadSession } from '#/api/session';
import { SessionExpired } from '#/app/expired';

/** Shows a component where pages live: below /t/dev, with a session; /t/dev/elsewhere is another page. */
export async function show(Page: () => ReactNode) {
  await loadSession();
  const root = createRootRoute();
  const tenant = createRoute({
    getParentRoute: () => root,
    path: 't/$tenant',
    component: () => (
      <>
        <Outlet />
        <SessionExpired />
      </>
    ),
  });
  const page = createRoute({ getParentRoute: () => tenant, path: 'page', component: Page });
  const elsewhere = createRoute({ getParentRoute: () => tenant, path: 'elsewhere', component: () => <p>elsewhere</p> });
  const router = createRouter({
    routeTree: root.addChildren([tenant.addChildren([page, elsewhere])]),
    history: createMemoryHistory({ initialEntries: ['/t/dev/page'] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <Notifications />
        {/* biome-ignore lint/suspicious/noExplicitAny: the types know the console's router only */}
        <RouterProvider router={router as any} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return router as unknown as { history: { push: (path: string) => void }; state: { location: { pathname: string } } };
}
