// AppAuth-JS as a terminal application: its own loopback listener, its own discovery, the system browser opened by `xdg-open`.
import assert from 'node:assert/strict';
import { register } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dev, issuerOn } from '../config.mjs';
import { freePorts } from '../server.mjs';

register('../appauth-loader.mjs', import.meta.url);
const appauth = await import('@openid/appauth');
const node = await import(new URL('node_support/index.js', import.meta.resolve('@openid/appauth')));

console.log = () => {}; // AppAuth tells the console every step, and its switch for that is read before it can be set

const here = dirname(fileURLToPath(import.meta.url));
process.env.PATH = join(here, '../bin') + delimiter + process.env.PATH;

function authorize(configuration, request, port) {
  const notifier = new appauth.AuthorizationNotifier();
  const handler = new node.NodeBasedHandler(port);
  handler.setAuthorizationNotifier(notifier);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the browser brought no answer within 20 s')), 20_000);
    notifier.setAuthorizationListener((asked, response, error) => {
      clearTimeout(late);
      if (error) reject(new Error(`${error.error}: ${error.errorDescription}`));
      else resolve({ asked, response });
    });
    handler.performAuthorizationRequest(configuration, request);
  });
}

for (const scheme of ['http', 'https']) {
  test(`AppAuth-JS over ${scheme}: discovery, loopback, exchange, refresh, revoke`, async () => {
    const requestor = new node.NodeRequestor();
    // AppAuth puts a slash behind the issuer, which already ends in one.
    const configuration = await appauth.AuthorizationServiceConfiguration.fetchFromIssuer(issuerOn(scheme, '127.0.0.1'), requestor);
    const [port] = await freePorts(1);
    const client = { client_id: dev.native.client_id, redirect_uri: `http://127.0.0.1:${port}/callback` };
    const request = new appauth.AuthorizationRequest({
      ...client, scope: 'openid profile email offline_access', response_type: appauth.AuthorizationRequest.RESPONSE_TYPE_CODE,
      extras: { audience: dev.api.identifier, access_type: 'offline', prompt: 'login' },
    }, new node.NodeCrypto());
    const { asked, response } = await authorize(configuration, request, port);
    assert.equal(response.state, asked.state);

    const tokens = new appauth.BaseTokenRequestHandler(requestor);
    const first = await tokens.performTokenRequest(configuration, new appauth.TokenRequest({
      ...client, grant_type: appauth.GRANT_TYPE_AUTHORIZATION_CODE, code: response.code, extras: { code_verifier: asked.internal.code_verifier },
    }));
    assert.ok(first.idToken && first.accessToken && first.refreshToken, `answered ${Object.keys(first.toJson())}`);
    assert.equal(first.tokenType, 'Bearer');
    assert.ok(first.isValid());

    const second = await tokens.performTokenRequest(configuration, new appauth.TokenRequest({
      ...client, grant_type: appauth.GRANT_TYPE_REFRESH_TOKEN, refresh_token: first.refreshToken,
    }));
    assert.notEqual(second.accessToken, first.accessToken);
    const latest = second.refreshToken ?? first.refreshToken;
    await tokens.performRevokeTokenRequest(configuration, new appauth.RevokeTokenRequest({ token: latest, token_type_hint: 'refresh_token', client_id: client.client_id }));
    await assert.rejects(tokens.performTokenRequest(configuration, new appauth.TokenRequest({
      ...client, grant_type: appauth.GRANT_TYPE_REFRESH_TOKEN, refresh_token: latest,
    })), 'a revoked refresh token is dead');
  });
}
