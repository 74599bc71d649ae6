import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tenantRoute } from '#/app/root';
import { flag, natural, oneOf, searchParams, text } from '#/kit/search';

const events = createRoute({ getParentRoute: () => tenantRoute, path: 'events' });

const list = createRoute({
  getParentRoute: () => events,
  path: '/',
  validateSearch: searchParams({ page: natural, q: text, show: oneOf('failed', 'succeeded'), live: flag }),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const event = createRoute({
  getParentRoute: () => events,
  path: '$eventId',
  component: lazyRouteComponent(() => import('./EventPage'), 'EventPage'),
});

export const eventsRoute = events.addChildren([list, event]);
