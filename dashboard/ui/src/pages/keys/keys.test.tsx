import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { show } from '#/test/page';
import { serve, someSession } from '#/test/server';
import { ListPage } from './ListPage';

const base = '/dashboard/api/dev/keys/signing';
const key = (kid: string, state: string) => ({
  kid,
  alg: 'RS256',
  cert: '',
  thumbprint: '',
  fingerprint: '',
  [state]: true,
});
const keys = [key('now', 'current'), key('soon', 'next'), key('old', 'previous'), key('gone', 'revoked')];

function open(role = 'Admin') {
  return serve({
    'GET /dashboard/session': () => ({ body: { ...someSession, role } }),
    [`GET ${base}`]: () => ({ body: keys }),
    [`POST ${base}/rotate`]: () => ({ status: 201, body: key('soon', 'current') }),
    [`PUT ${base}/old/revoke`]: () => ({ body: key('old', 'revoked') }),
  });
}

test('only a previous key can be revoked, and only by typing its id', async () => {
  const made = open();
  await show(ListPage);
  const user = userEvent.setup();
  const revoke = await screen.findAllByRole('button', { name: /^Revoke the key/ });
  expect(revoke.map((b) => b.getAttribute('aria-label'))).toEqual(['Revoke the key old']);
  await user.click(revoke[0] as HTMLElement);
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByRole('textbox'), 'now{Enter}');
  await dialog.findByText('This is not what has to be typed');
  expect(made.filter((m) => !m.line.startsWith('GET'))).toEqual([]);
  await user.clear(dialog.getByRole('textbox'));
  await user.type(dialog.getByRole('textbox'), 'old{Enter}');
  await waitFor(() => expect(made.some((m) => m.line === `PUT ${base}/old/revoke`)).toBe(true));
});

test('a rotation says which key signs from then on', async () => {
  const made = open();
  await show(ListPage);
  const user = userEvent.setup();
  await screen.findByText('soon');
  await user.click(screen.getByRole('button', { name: 'Rotate' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText('soon')).toBeDefined();
  expect(dialog.getByText('now')).toBeDefined();
  await user.type(dialog.getByRole('textbox'), 'rotate{Enter}');
  await waitFor(() => expect(made.some((m) => m.line === `POST ${base}/rotate`)).toBe(true));
});

test('an Editor looks at keys only', async () => {
  open('Editor');
  await show(ListPage);
  await screen.findByText('old');
  const user = userEvent.setup();
  for (const button of screen.getAllByRole('button', { name: /Rotate|Revoke/ })) {
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await user.click(button);
  }
  expect(screen.queryByRole('dialog')).toBeNull();
});
