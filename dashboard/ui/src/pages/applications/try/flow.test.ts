import { expect, test, vi } from 'vitest';
import { authorizeStep, callbackStep, idTokenStep, newAttempt, tokenStep } from './flow';

const asked = { issuer: 'https://t.example/', clientId: 'c1', audience: '', scope: 'openid', login: false };
const passed = (step: { checks?: { name: string; passed: boolean }[] }) =>
  Object.fromEntries((step.checks ?? []).map((check) => [check.name, check.passed]));

const encode = (value: unknown) =>
  btoa(JSON.stringify(value)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

test('the verifier is kept, its hash is sent', async () => {
  const attempt = await newAttempt();
  const { fields } = authorizeStep(asked, attempt).request;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(attempt.verifier)));
  expect(Object.fromEntries(fields).code_challenge).toBe(Buffer.from(digest).toString('base64url'));
  expect(fields.map(([, value]) => value)).not.toContain(attempt.verifier);
});

test('an answer with another state is not redeemed', async () => {
  const attempt = await newAttempt();
  expect(callbackStep(`?code=x&state=${attempt.state}`, attempt)).toMatchObject({ code: 'x', failed: false });
  expect(callbackStep('?code=x&state=another', attempt)).toMatchObject({ code: '', failed: true });
  expect(callbackStep(`?error=access_denied&state=${attempt.state}`, attempt)).toMatchObject({
    code: '',
    failed: true,
  });
});

test('an ID token of another issuer, application, sign-in or key is told', async () => {
  const { publicKey, privateKey } = (await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair;
  const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'k1' };
  vi.stubGlobal('fetch', async () => Response.json({ keys: [jwk] }));
  const sign = async (claims: object, kid = 'k1') => {
    const signed = `${encode({ alg: 'RS256', kid })}.${encode(claims)}`;
    const mac = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(signed));
    return `${signed}.${Buffer.from(mac).toString('base64url')}`;
  };
  const good = { iss: asked.issuer, aud: asked.clientId, nonce: 'n', exp: Math.floor(Date.now() / 1000) + 60 };
  const all = { signature: true, iss: true, aud: true, exp: true, nonce: true };
  expect(passed(await idTokenStep(asked, await sign(good), 'n'))).toEqual(all);
  const bad = { iss: 'https://t.example', aud: ['c2'], nonce: 'm', exp: 1 };
  expect(passed(await idTokenStep(asked, await sign({ ...good, ...bad }), 'n'))).toEqual({
    signature: true,
    iss: false,
    aud: false,
    exp: false,
    nonce: false,
  });
  expect(passed(await idTokenStep(asked, await sign(good, 'k2'), 'n'))).toEqual({ ...all, signature: false });
  const [head, , mac] = (await sign(good)).split('.');
  const forged = await idTokenStep(asked, `${head}.${encode({ ...good, sub: 'eve' })}.${mac}`, 'n');
  expect(passed(forged)).toEqual({ ...all, signature: false });
  expect(forged.failed).toBe(true);
});

test('a client secret is sent as the application is set, and never shown', async () => {
  const sent: { body: string; authorization: string | null }[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push({ body: String(init.body), authorization: new Headers(init.headers).get('Authorization') });
    return new Response('Origin https://x is not allowed.', { status: 403 });
  });
  const post = await tokenStep(asked, { method: 'client_secret_post', secret: 's3' }, 'token', [['code', 'x']]);
  const basic = await tokenStep(asked, { method: 'client_secret_basic', secret: 's3' }, 'token', [['code', 'x']]);
  expect(sent).toEqual([
    { body: 'code=x&client_id=c1&client_secret=s3', authorization: null },
    { body: 'code=x&client_id=c1', authorization: `Basic ${btoa('c1:s3')}` },
  ]);
  expect(JSON.stringify([post, basic])).not.toMatch(/s3|YzE6czM/);
  expect(post.step.answer).toEqual({ status: 403, text: 'Origin https://x is not allowed.' });
  expect(post.tokens).toEqual({});
});
