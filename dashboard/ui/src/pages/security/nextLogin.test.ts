import { expect, test } from 'vitest';
import type { Schemas } from '#/api/client';
import { missingSide, type NextLogin, type Rules, rulesOf, whenAway, whileUsed } from './nextLogin';

const hour = 3_600;
const day = 24 * hour;
const never = Number.POSITIVE_INFINITY;

const tenant = { session: 7 * day, idle: 3 * day, persistent: true };
const web: Rules = { ...tenant, access: day, keeps: false };
const app: Rules = { ...tenant, access: day, keeps: true, refresh: { absolute: 30 * day, idle: 15 * day } };

const at = (after: number, decider: NextLogin['decider'], whileOpen = false) => ({ after, decider, whileOpen });

const table: [what: string, rules: Rules, used: NextLogin, away: NextLogin][] = [
  [
    'a page that keeps no tokens lives by the session',
    web,
    at(7 * day, 'session_lifetime'),
    at(3 * day, 'idle_session_lifetime'),
  ],
  [
    'an idle lifetime as long as the session decides nothing',
    { ...web, idle: 7 * day },
    at(7 * day, 'session_lifetime'),
    at(7 * day, 'session_lifetime'),
  ],
  [
    'a session that ends with the browser',
    { ...web, persistent: false },
    at(7 * day, 'session_lifetime', true),
    at(0, 'session_cookie'),
  ],
  [
    'refresh tokens outlast the session, which nobody visits meanwhile',
    app,
    at(30 * day, 'refresh_lifetime'),
    at(15 * day, 'refresh_idle'),
  ],
  [
    'a session that is still alive when the refresh token ends gives another',
    { ...app, refresh: { absolute: 2 * day, idle: 2 * day } },
    at(8 * day, 'session_lifetime'),
    at(3 * day, 'idle_session_lifetime'),
  ],
  [
    'a session that idled away meanwhile does not',
    { ...app, refresh: { absolute: 4 * day, idle: 2 * day } },
    at(4 * day, 'refresh_lifetime'),
    at(3 * day, 'idle_session_lifetime'),
  ],
  [
    'refresh tokens without an end',
    { ...app, refresh: { absolute: never, idle: never } },
    at(never, 'nothing'),
    at(never, 'nothing'),
  ],
  [
    'refresh tokens that end only when nobody uses them',
    { ...app, refresh: { absolute: never, idle: 15 * day } },
    at(never, 'nothing'),
    at(15 * day, 'refresh_idle'),
  ],
  [
    'refresh tokens that end only in any case',
    { ...app, refresh: { absolute: 30 * day, idle: never } },
    at(30 * day, 'refresh_lifetime'),
    at(30 * day, 'refresh_lifetime'),
  ],
  [
    'a refresh token that idles out under its access token is of no use',
    { ...app, access: 5 * day, refresh: { absolute: 30 * day, idle: 5 * day } },
    at(5 * day, 'access_token'),
    at(5 * day, 'access_token'),
  ],
  [
    'without refresh tokens the access token bridges what it can',
    { ...app, refresh: undefined },
    at(7 * day, 'session_lifetime'),
    at(3 * day, 'idle_session_lifetime'),
  ],
  [
    'an access token that does not divide the session lets it end in between',
    { ...app, refresh: undefined, access: 2 * day },
    at(8 * day, 'session_lifetime'),
    at(3 * day, 'idle_session_lifetime'),
  ],
  [
    'an access token longer than the session decides alone',
    { ...app, refresh: undefined, access: 30 * day },
    at(30 * day, 'access_token'),
    at(30 * day, 'access_token'),
  ],
  [
    'an app on a phone whose browser keeps no session',
    { ...app, persistent: false },
    at(30 * day, 'refresh_lifetime'),
    at(15 * day, 'refresh_idle'),
  ],
  [
    'short refresh tokens and a session that ends with the browser',
    { ...app, persistent: false, access: hour, refresh: { absolute: day, idle: 12 * hour } },
    at(7 * day, 'session_lifetime', true),
    at(12 * hour, 'refresh_idle'),
  ],
];

test.each(table)('%s', (_what, rules, used, away) => {
  expect(whileUsed(rules)).toEqual(used);
  expect(whenAway(rules)).toEqual(away);
});

const client: Schemas['client'] = {
  grant_types: ['authorization_code', 'refresh_token'],
  refresh_token: { expiration_type: 'expiring', rotation_type: 'rotating', token_lifetime: 10, idle_token_lifetime: 5 },
};
const api = { token_lifetime: 600, allow_offline_access: true };

test('the rules are read from the tenant, the application and the API', () => {
  const read = (c: object, a: object | undefined = api) => rulesOf(tenant, c, a, true);
  expect(read(client)).toEqual({ ...tenant, access: 600, refresh: { absolute: 10, idle: 5 }, keeps: true });
  expect(rulesOf(tenant, client, undefined, true).access).toBe(day);
  expect(read({ ...client, refresh_token: { expiration_type: 'expiring' } }).refresh).toEqual({
    absolute: 30 * day,
    idle: 15 * day,
  });
  expect(read({ ...client, refresh_token: {} }).refresh).toEqual({ absolute: never, idle: never });
  expect(
    read({ ...client, refresh_token: { ...client.refresh_token, infinite_token_lifetime: true } }).refresh,
  ).toEqual({
    absolute: never,
    idle: 5,
  });
});

test('a refresh token needs the application and the API', () => {
  expect(missingSide(client, api)).toBeUndefined();
  expect(missingSide(client, undefined)).toBeUndefined();
  expect(missingSide({ grant_types: ['authorization_code'] }, api)).toBe('grant');
  expect(missingSide(client, { ...api, allow_offline_access: false })).toBe('api');
  expect(rulesOf(tenant, client, { ...api, allow_offline_access: false }, true).refresh).toBeUndefined();
});
