// The two requests of the tutorial this server was born for, letter by letter: ../seed holds the tutorial's own text, and only
// the placeholders in it are replaced. The second, as printed there, ends in a trailing comma.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { dev, issuerOn, nativeCallback, person } from '../config.mjs';
import { nativeRequest, postJSON } from '../flow.mjs';
import { Walker, splitRedirect } from '../walk.mjs';

const issuer = issuerOn('https', '127.0.0.1');

const read = (file) => JSON.parse(readFileSync(new URL(`../seed/${file}`, import.meta.url), 'utf8'));
const first = read('step-3.har');
const second = read('step-4.har');

function fill(text, { verifier = '', code = '' } = {}) {
  return text.replaceAll('${account.namespace}', new URL(issuer).host).replaceAll('${account.clientId}', dev.native.client_id)
    .replace('YOUR_GENERATED_CODE_VERIFIER', verifier).replace('YOUR_AUTHORIZATION_CODE', code);
}

async function codeFor(redirectURI) {
  const request = nativeRequest(issuer, redirectURI, { scope: 'openid profile email offline_access', audience: dev.api.identifier });
  const { location } = await new Walker().signIn(request.url, person);
  assert.ok(location.startsWith(`${redirectURI}?`), `redirected to ${location}`);
  const { params } = splitRedirect(location);
  assert.equal(params.get('state'), request.state);
  return { verifier: request.verifier, code: params.get('code'), nonce: request.nonce };
}

async function checkTokens({ status, headers, raw, body }, nonce) {
  assert.equal(status, 200, raw);
  assert.match(headers.get('content-type'), /^application\/json/);
  assert.match(headers.get('cache-control'), /no-store/);
  assert.equal(headers.get('pragma'), 'no-cache');
  for (const key of ['access_token', 'refresh_token', 'id_token']) assert.equal(typeof body[key], 'string', `${key} in ${Object.keys(body)}`);
  assert.equal(body.token_type, 'Bearer');
  assert.equal(body.expires_in, 86_400);
  const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
  const { payload } = await jwtVerify(body.id_token, keys, { issuer, audience: dev.native.client_id, algorithms: ['RS256'] });
  assert.equal(payload.name, 'John Smith');
  assert.equal(payload.email, 'jsmith@example.com');
  assert.match(payload.picture, /^https:\/\//);
  assert.match(payload.sub, /^auth0\|[0-9a-f]{24}$/);
  assert.equal(payload.exp - payload.iat, 36_000);
  assert.equal(payload.nonce, nonce);
  const info = await fetch(`${issuer}userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } });
  assert.equal(info.status, 200);
  assert.equal((await info.json()).sub, payload.sub);
}

test('step 3: obtain an ID token, with https://{tenant}/mobile', async () => {
  const redirectURI = JSON.parse(fill(first.postData.text)).redirect_uri;
  const values = await codeFor(redirectURI);
  await checkTokens(await postJSON(fill(first.url), fill(first.postData.text, values)), values.nonce);
});

test('step 4 as printed: the trailing comma is named with its offset, and the code is not spent', async () => {
  const values = await codeFor('com.myclientapp://myclientapp.com/callback');
  const printed = fill(second.postData.text, values);
  const refused = await postJSON(fill(second.url), printed);
  assert.equal(refused.status, 400, refused.raw);
  assert.match(refused.headers.get('content-type'), /^application\/json/);
  assert.equal(refused.body.error, 'invalid_request');
  assert.match(refused.body.error_description, /comma/i);
  const named = (refused.body.error_description.match(/\d+/g) ?? []).map(Number);
  const comma = printed.lastIndexOf(',');
  const brace = printed.lastIndexOf('}');
  assert.ok(named.some((offset) => offset >= comma && offset <= brace + 1),
    `"${refused.body.error_description}" names none of the offsets ${comma} (the comma) to ${brace + 1} (behind the brace)`);

  const mended = printed.replace(/, }$/, ' }');
  await checkTokens(await postJSON(fill(second.url), mended), values.nonce);
});

test('the callbacks of the tutorial are registered with the native application', () => {
  assert.ok(nativeCallback('com.myclientapp://myclientapp.com/callback'));
  assert.ok(nativeCallback(`${issuer}mobile`));
});
