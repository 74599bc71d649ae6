import { expect, test } from 'vitest';
import { changed } from '#/kit/merge';
import { administratorsOf, change } from './administrators';
import { credentialsOf } from './providers';
import { toBody, toValues } from './SignInPage';

test('somebody gets the role that was chosen, and loses the others', () => {
  expect(change(['Viewer'], 'Editor')).toEqual({ give: ['Editor'], take: ['Viewer'] });
  expect(change([], 'Admin')).toEqual({ give: ['Admin'], take: [] });
  expect(change(['Admin', 'Viewer'], 'Admin')).toEqual({ give: [], take: ['Viewer'] });
});

test('administrators are shown with the strongest of their roles first', () => {
  const found = administratorsOf(
    [
      { user_id: 'a', email: 'a@example.com', name: 'Ada' },
      { user_id: 'b', email: 'b@example.com', blocked: true },
    ],
    { Admin: [{ user_id: 'a' }], Editor: [], Viewer: [{ user_id: 'a' }] },
  );
  expect(found.map((a) => [a.name, a.roles, a.blocked])).toEqual([
    ['Ada', ['Admin', 'Viewer'], false],
    ['b@example.com', [], true],
  ]);
});

test('a provider is told its own credentials only', () => {
  const typed = { smtp_host: ' mail.example.com ', smtp_port: '587', smtp_user: '', api_key: 'left over' };
  expect(credentialsOf('smtp', typed)).toEqual({ smtp_host: 'mail.example.com', smtp_port: 587 });
  expect(credentialsOf('sendgrid', typed)).toEqual({ api_key: 'left over' });
});

test('a tenant that says nothing has the defaults, and what is not touched is not sent', () => {
  const fresh = toValues({});
  expect(fresh).toMatchObject({
    pkce_app_types: ['native'],
    confirm: true,
    client_connections: true,
    revoke_grant: false,
  });
  expect(changed(toBody(fresh), toBody({ ...fresh, confirm: false }))).toEqual({
    skip_non_verifiable_callback_uri_confirmation_prompt: true,
  });
  expect(changed(toBody(fresh), toBody({ ...fresh, pkce_app_types: ['spa', 'native'] }))).toEqual({
    pkce_app_types: ['native', 'spa'],
  });
});
