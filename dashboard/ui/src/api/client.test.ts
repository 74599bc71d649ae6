import { beforeEach, expect, test, vi } from 'vitest';
import { serve, someSession } from '#/test/server';
import { apiOf } from './client';
import { ApiError } from './errors';
import { accept, checkRenewed, loadSession } from './session';

const clients = '/dashboard/api/dev/clients';
let session = someSession;

beforeEach(async () => {
  session = someSession;
  serve({ 'GET /dashboard/session': () => ({ body: session }) });
  await loadSession();
});

const create = () => apiOf('dev').POST('/clients', { body: { name: 'x' } });

test('a change carries the CSRF token, a read does not', async () => {
  const made = serve({
    [`POST ${clients}`]: () => ({ status: 201, body: {} }),
    [`GET ${clients}`]: () => ({ body: [] }),
  });
  await create();
  await apiOf('dev').GET('/clients', {});
  expect(made.map((m) => m.headers.get('X-CSRF-Token'))).toEqual(['first', null]);
});

test('a request that meets the end of the session waits and is sent again, as it was', async () => {
  let signedIn = false;
  const made = serve({
    'GET /dashboard/session': () =>
      signedIn ? { body: { ...session, csrf: 'second' } } : { status: 401, body: { error: 'login_required' } },
    [`POST ${clients}`]: () =>
      signedIn ? { status: 201, body: { client_id: 'c' } } : { status: 401, body: { error: 'login_required' } },
  });
  const answer = create();
  await vi.waitFor(() => expect(made.length).toBe(1));
  await checkRenewed();
  signedIn = true;
  await checkRenewed();
  expect((await answer).data).toEqual({ client_id: 'c' });
  const posts = made.filter((m) => m.line.startsWith('POST'));
  expect(posts.map((m) => [m.headers.get('X-CSRF-Token'), m.body])).toEqual([
    ['first', { name: 'x' }],
    ['second', { name: 'x' }],
  ]);
});

test('another person who signs in does not send what the former typed, unless they say so', async () => {
  let signedIn = false;
  const eve = { ...someSession, user: { sub: 'auth0|eve' }, csrf: 'eves' };
  const made = serve({
    'GET /dashboard/session': () => ({ body: eve }),
    [`POST ${clients}`]: () => (signedIn ? { status: 201 } : { status: 401, body: { error: 'login_required' } }),
  });
  const answer = create();
  await vi.waitFor(() => expect(made.length).toBe(1));
  signedIn = true;
  await checkRenewed();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made.filter((m) => m.line.startsWith('POST')).length).toBe(1);
  accept({ ...eve, role: 'Admin' });
  await answer;
  expect(made.at(-1)?.headers.get('X-CSRF-Token')).toBe('eves');
});

test('a CSRF token that another tab replaced is read anew, once', async () => {
  session = { ...someSession, csrf: 'second' };
  const made = serve({
    'GET /dashboard/session': () => ({ body: session }),
    [`POST ${clients}`]: (request) =>
      request.headers.get('X-CSRF-Token') === 'second'
        ? { status: 201 }
        : { status: 403, body: { statusCode: 403, message: 'forged', errorCode: 'forged_request' } },
  });
  await create();
  expect(made.filter((m) => m.line.startsWith('POST')).length).toBe(2);

  serve({
    'GET /dashboard/session': () => ({ body: session }),
    [`POST ${clients}`]: () => ({
      status: 403,
      body: { statusCode: 403, message: 'Insufficient scope', errorCode: 'insufficient_scope' },
    }),
  });
  await expect(create()).rejects.toMatchObject({ status: 403, message: 'Insufficient scope' });
});

test('a server that cannot be reached, or answers with a page, is an error that says which', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('Failed to fetch');
  });
  await expect(create()).rejects.toMatchObject({ status: 0, code: 'network' });
  vi.stubGlobal('fetch', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }));
  const error = await create().catch((e) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 502, passing: true });
});
