import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { show } from '#/test/page';
import { serve, someSession } from '#/test/server';
import { AddressesPage } from './AddressesPage';

const settings = '/dashboard/api/dev/attack-protection/suspicious-ip-throttling';
const block = '/dashboard/api/dev/anomaly/blocks/ips/203.0.113.7';

function open() {
  let stored = {
    enabled: true,
    shields: ['admin_notification', 'block'],
    allowlist: [],
    stage: {
      'pre-login': { max_attempts: 100, rate: 1_234_567 },
      'pre-user-registration': { max_attempts: 50, rate: 1_200 },
    },
  };
  let blocked = true;
  return serve({
    'GET /dashboard/session': () => ({ body: someSession }),
    [`GET ${settings}`]: () => ({ body: stored, headers: { ETag: '"1"' } }),
    [`PATCH ${settings}`]: (_request, body) => {
      stored = { ...stored, ...(body as object) };
      return { body: stored };
    },
    [`GET ${block}`]: () => (blocked ? { body: {} } : { status: 404, body: { message: 'Not Found' } }),
    [`DELETE ${block}`]: () => {
      blocked = false;
      return { status: 204 };
    },
  });
}

test('attempts a day are sent as the milliseconds of one, and what was not touched stays exact', async () => {
  const made = open();
  await show(AddressesPage);
  const user = userEvent.setup();
  const signups = (await screen.findAllByLabelText(/Earned back a day/))[1] as HTMLInputElement;
  expect(signups.value).toBe('72 000');
  await user.clear(signups);
  await user.type(signups, '1440');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(made.find((m) => m.line.startsWith('PATCH'))).toBeDefined());
  expect(made.find((m) => m.line.startsWith('PATCH'))?.body).toEqual({
    stage: {
      'pre-login': { max_attempts: 100, rate: 1_234_567 },
      'pre-user-registration': { max_attempts: 50, rate: 60_000 },
    },
  });
});

test('a blocked address is found, and let in again', async () => {
  const made = open();
  await show(AddressesPage);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText('IP address'), ' 203.0.113.7 ');
  await user.click(screen.getByRole('button', { name: 'Check' }));
  await user.click(await screen.findByRole('button', { name: 'Unblock' }));
  await screen.findByText('203.0.113.7 is not blocked.');
  expect(made.some((m) => m.line === `DELETE ${block}`)).toBe(true);
});
