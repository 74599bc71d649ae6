// The native application written out by hand, byte by byte what the SDKs send, for the tests that look at bytes.
import { createHash, randomBytes } from 'node:crypto';
import { dev } from './config.mjs';
import { splitRedirect } from './walk.mjs';

const random = () => randomBytes(32).toString('base64url');

export function pkce() {
  const verifier = random();
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

// An authorization request of the native application; overrides of undefined take a parameter away.
export function nativeRequest(issuer, redirectURI, overrides = {}) {
  const { verifier, challenge } = pkce();
  const params = {
    response_type: 'code', client_id: dev.native.client_id, redirect_uri: redirectURI, scope: 'openid profile email',
    state: random(), nonce: random(), code_challenge: challenge, code_challenge_method: 'S256', ...overrides,
  };
  const query = Object.entries(params).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return { url: `${issuer}authorize?${query}`, verifier, ...params };
}

export async function postJSON(url, body) {
  const response = await fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const raw = await response.text();
  return { status: response.status, headers: response.headers, raw, body: raw.startsWith('{') ? JSON.parse(raw) : undefined };
}

export function exchange(issuer, request, location) {
  return postJSON(`${issuer}oauth/token`, {
    grant_type: 'authorization_code', client_id: request.client_id, code: splitRedirect(location).params.get('code'),
    redirect_uri: request.redirect_uri, code_verifier: request.verifier,
  });
}

export function refresh(issuer, token) {
  return postJSON(`${issuer}oauth/token`, { grant_type: 'refresh_token', client_id: dev.native.client_id, refresh_token: token });
}
