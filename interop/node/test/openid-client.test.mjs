// openid-client as a native public client over https: no secret, PKCE, ID token signatures checked against the JWKS.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { dev, issuerOn, nativeCallback, person } from '../config.mjs';
import { Walker, splitRedirect } from '../walk.mjs';

const issuer = issuerOn('https', '127.0.0.1');
const scope = 'openid profile email offline_access read:messages';

async function nativeClient() {
  const client = await oidc.discovery(new URL(issuer), dev.native.client_id, undefined, oidc.None());
  oidc.enableNonRepudiationChecks(client);
  return client;
}

async function request(client, redirectURI, extra = {}) {
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: redirectURI, scope, audience: dev.api.identifier, state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256', ...extra,
  });
  return { url, checks };
}

const isRefused = (status, error, description) => (thrown) => {
  assert.equal(thrown.constructor.name, 'ResponseBodyError', `${thrown}`);
  assert.deepEqual({ status: thrown.status, error: thrown.error }, { status, error });
  assert.match(thrown.error_description, description);
  return true;
};

test('native with a custom scheme: sign in, userinfo, refresh, revoke', async () => {
  const client = await nativeClient();
  assert.equal(client.serverMetadata().issuer, issuer, 'the issuer has its trailing slash');
  const redirectURI = nativeCallback('com.myclientapp:');
  const { url, checks } = await request(client, redirectURI, { max_age: '3600' });
  const { location } = await new Walker().signIn(url, person);
  assert.ok(location.startsWith(`${redirectURI}?`), `redirected to ${location}`);

  const tokens = await oidc.authorizationCodeGrant(client, new URL(location), { ...checks, maxAge: 3600, idTokenExpected: true });
  const claims = tokens.claims();
  assert.equal(claims.sub, dev.user.user_id);
  assert.equal(claims.exp - claims.iat, 36_000, 'an ID token lives ten hours');
  assert.equal(tokens.expires_in, 86_400);

  const profile = await oidc.fetchUserInfo(client, tokens.access_token, claims.sub);
  assert.equal(profile.email, dev.user.email);

  const renewed = await oidc.refreshTokenGrant(client, tokens.refresh_token);
  assert.equal(renewed.claims().sub, claims.sub);
  assert.equal(renewed.claims().nonce, undefined, 'a refreshed ID token repeats no nonce');
  const latest = renewed.refresh_token ?? tokens.refresh_token;
  await oidc.tokenRevocation(client, latest, { token_type_hint: 'refresh_token' });
  await assert.rejects(oidc.refreshTokenGrant(client, latest), isRefused(403, 'invalid_grant', /^Unknown or invalid refresh token\./));
});

test('native over loopback: any port, a listener of the application gets the code', async () => {
  const client = await nativeClient();
  const arrived = Promise.withResolvers?.() ?? deferred();
  const listener = createServer((req, res) => { res.end('You can close this tab.'); arrived.resolve(req.url); });
  await new Promise((done) => { listener.listen(0, '127.0.0.1', done); });
  try {
    const origin = `http://127.0.0.1:${listener.address().port}`;
    const { url, checks } = await request(client, `${origin}/callback`);
    const { location } = await new Walker().signIn(url, person);
    await fetch(location);
    const tokens = await oidc.authorizationCodeGrant(client, new URL(await arrived.promise, origin), { ...checks, idTokenExpected: true });
    assert.equal(tokens.claims().aud, dev.native.client_id);
    assert.ok(tokens.refresh_token, 'offline_access was asked of an API that allows it');
  } finally {
    listener.close();
  }
});

test('a signed-in browser meets the confirmation before its code goes to a custom scheme', async () => {
  const client = await nativeClient();
  const redirectURI = nativeCallback('com.myclientapp:');
  const walker = new Walker();
  const first = await walker.signIn((await request(client, redirectURI)).url, person);
  assert.ok(first.shown.includes('/u/login'), `the first trip showed ${first.shown}`);
  const { url, checks } = await request(client, redirectURI);
  const { location, shown } = await walker.signIn(url, person);
  assert.deepEqual(shown, ['/u/confirm']);
  await oidc.authorizationCodeGrant(client, new URL(location), checks);
});

test('prompt=none without a session is an error the client can read', async () => {
  const client = await nativeClient();
  const { url, checks } = await request(client, nativeCallback('com.myclientapp:'), { prompt: 'none' });
  const { location } = await new Walker().open(url);
  await assert.rejects(oidc.authorizationCodeGrant(client, new URL(location), checks), (thrown) => {
    assert.equal(thrown.constructor.name, 'AuthorizationResponseError', `${thrown}`);
    assert.match(thrown.error, /^(login_required|interaction_required)$/);
    return true;
  });
});

test('a wrong verifier, and a code used twice', async () => {
  const client = await nativeClient();
  const { url, checks } = await request(client, nativeCallback('com.myclientapp:'));
  const { location } = await new Walker().signIn(url, person);
  const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  await assert.rejects(oidc.authorizationCodeGrant(client, new URL(location), wrong), isRefused(403, 'invalid_grant', /^Failed to verify code verifier/));

  const again = await request(client, nativeCallback('com.myclientapp:'));
  const second = await new Walker().signIn(again.url, person);
  const tokens = await oidc.authorizationCodeGrant(client, new URL(second.location), again.checks);
  await assert.rejects(oidc.authorizationCodeGrant(client, new URL(second.location), again.checks), isRefused(403, 'invalid_grant', /^Invalid authorization code/));
  await assert.rejects(oidc.refreshTokenGrant(client, tokens.refresh_token), isRefused(403, 'invalid_grant', /./), 'reuse revokes what the first use issued');
});

for (const [name, authentication] of [['post', oidc.ClientSecretPost], ['basic', oidc.ClientSecretBasic]]) {
  test(`a machine gets a token with client_secret_${name}, and 401 with a wrong secret`, async () => {
    const client = await oidc.discovery(new URL(issuer), dev.m2m.client_id, undefined, authentication(dev.m2m.client_secret));
    const tokens = await oidc.clientCredentialsGrant(client, { audience: dev.api.identifier });
    assert.equal(tokens.expires_in, 86_400);
    assert.equal(tokens.refresh_token, undefined);
    const impostor = await oidc.discovery(new URL(issuer), dev.m2m.client_id, undefined, authentication('not the secret'));
    await assert.rejects(oidc.clientCredentialsGrant(impostor, { audience: dev.api.identifier }), (thrown) => {
      assert.equal(thrown.response?.status ?? thrown.status, 401, `${thrown}`);
      return true;
    });
  });
}

test('RP-initiated logout ends the session', async () => {
  const client = await nativeClient();
  const redirectURI = nativeCallback('com.myclientapp:');
  const walker = new Walker();
  const { url, checks } = await request(client, redirectURI);
  const { location } = await walker.signIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(client, new URL(location), checks);
  const logout = oidc.buildEndSessionUrl(client, { id_token_hint: tokens.id_token, post_logout_redirect_uri: redirectURI, state: 'bye bye' });
  const answer = await walker.open(logout);
  assert.equal(answer.location, `${redirectURI}?state=bye%20bye`);
  const { page } = await walker.open((await request(client, redirectURI)).url);
  assert.equal(page.url.pathname, '/u/login', 'signed out');
  assert.equal(splitRedirect(page.url.href).params.has('state'), true);
});

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
