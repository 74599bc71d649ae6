// The mobile conformance script without an emulator: eight points that the native SDKs stand on. Chromium shows what the phone's
// browser tab would do, its network layer shows the redirect that the operating system would hand to the application.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { config, dev, issuerOn, nativeCallback, person } from '../config.mjs';
import { buttons, fillLogin, launchChromium, nextTab, watchRedirects } from '../chromium.mjs';
import { exchange, nativeRequest, postJSON, refresh } from '../flow.mjs';
import { Walker, splitRedirect, text } from '../walk.mjs';

const issuer = issuerOn('https', '127.0.0.1');
const android = dev.native.callbacks.find((callback) => /^com\.example\.app:\/\/.*\/android\/com\.example\.app\/callback$/.test(callback));
const offline = { scope: 'openid profile email offline_access read:messages', audience: dev.api.identifier };
const state = 'state with spaces, +plus & more=';

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser?.close());

async function tab() {
  const page = await (await browser.newContext()).newPage();
  return { page, redirects: await watchRedirects(page) };
}

const pathOf = (page) => new URL(page.url()).pathname;

test('1 and 8: the password POST itself answers 302 to the custom scheme, byte for byte', async () => {
  assert.ok(android, `an Android callback among ${dev.native.callbacks.join(' ')}`);
  const { page, redirects } = await tab();
  const request = nativeRequest(issuer, android, { state });
  const posted = [];
  page.on('response', (response) => { if (response.request().method() === 'POST') posted.push(response.status()); });
  const opened = await page.goto(request.url);
  assert.equal(pathOf(page), '/u/login');
  const policy = opened.headers()['content-security-policy'] ?? '';
  assert.doesNotMatch(policy, /form-action\s+'self'\s*(;|$)/, 'a bare form-action blocks the way out to the application');

  const begun = Date.now();
  await fillLogin(page, person);
  const { location, status } = await redirects.to('com.example.app:');
  assert.ok(Date.now() - begun < 5_000, 'the gesture that lets the application open has not expired');
  assert.ok(status === 302 || status === 303, `answered ${status}`);
  assert.deepEqual(posted, [status], 'one POST, answered by the redirect itself');
  assert.ok(location.startsWith(`${android}?`), location);
  const { raw, params } = splitRedirect(location);
  assert.equal(params.get('state'), state);
  assert.match(raw, /(^|&)state=state%20with%20spaces/, 'spaces are %20');
  assert.doesNotMatch(raw, /\+/, 'Android and iOS do not decode a plus sign');
  const tokens = await exchange(issuer, request, location);
  assert.equal(tokens.status, 200, tokens.raw);
  await page.context().close();
});

test('2: with a session the confirmation page stands before a custom scheme, and one click passes it', async () => {
  const first = await tab();
  await first.page.goto(nativeRequest(issuer, android).url);
  await fillLogin(first.page, person);
  await first.redirects.to('com.example.app:');
  const { page, redirects } = await nextTab(first.page);

  const request = nativeRequest(issuer, android);
  await page.goto(request.url);
  assert.equal(pathOf(page), '/u/confirm');
  assert.deepEqual(redirects.seen.filter(({ location }) => location.startsWith('com.example.app:')), [], 'nothing left before the click');
  await page.click(buttons.accept);
  const { location } = await redirects.to('com.example.app:');
  assert.equal(splitRedirect(location).params.get('state'), request.state);
  assert.equal((await exchange(issuer, request, location)).status, 200);
  await page.context().close();
});

test('3: an https App Link needs no confirmation', async () => {
  const first = await tab();
  const request = () => nativeRequest(issuer, config.appLink, { client_id: dev.web.client_id }).url;
  await first.page.goto(request());
  await fillLogin(first.page, person);
  await first.redirects.to(config.appLink);
  const { page, redirects } = await nextTab(first.page);
  await page.goto(request()).catch(() => {}); // nobody listens at the App Link here
  const { location } = await redirects.to(`${config.appLink}?`);
  assert.ok(splitRedirect(location).params.get('code'), location);
  assert.equal(redirects.seen.length, 1, `no page of the server on the way: ${JSON.stringify(redirects.seen)}`);

  const { page: last } = await nextTab(page);
  await last.goto(nativeRequest(issuer, 'http://127.0.0.1:3001/callback', { client_id: dev.web.client_id }).url);
  assert.equal(pathOf(last), '/u/confirm', 'the same application over loopback does need it');
  await last.context().close();
});

test('4: prompt=none with a custom scheme is an error redirect, with and without a session', async () => {
  const walker = new Walker();
  const silent = nativeRequest(issuer, android, { prompt: 'none', state });
  const before = await walker.open(silent.url);
  await walker.signIn(nativeRequest(issuer, android).url, person);
  const after = await walker.open(silent.url);
  for (const [when, { location, page }, errors] of [['without', before, /^(login_required|interaction_required)$/], ['with', after, /^(interaction_required|login_required|consent_required)$/]]) {
    assert.ok(location?.startsWith(`${android}?`), `${when} a session: ${location ?? text(page.html)}`);
    const { params, raw } = splitRedirect(location);
    assert.match(params.get('error'), errors, `${when} a session`);
    assert.equal(params.get('code'), null);
    assert.equal(params.get('state'), state);
    assert.doesNotMatch(raw, /\+/);
    assert.doesNotMatch(params.get('error_description') ?? '', /&/, 'Android splits at & after decoding');
  }
});

async function freshTokens() {
  const request = nativeRequest(issuer, android, offline);
  const { location } = await new Walker().signIn(request.url, person);
  const tokens = await exchange(issuer, request, location);
  assert.equal(tokens.status, 200, tokens.raw);
  return { ...tokens.body, nonce: request.nonce };
}

const dead = ({ status, body, raw }, when) => {
  assert.equal(status, 403, `${when}: ${raw}`);
  assert.equal(body.error, 'invalid_grant', when);
  assert.match(body.error_description, /^Unknown or invalid refresh token\./, when);
};

test('5: tokens over JSON: what the SDKs require of the answer, the ID token and the JWKS', async () => {
  const tokens = await freshTokens();
  for (const key of ['access_token', 'id_token', 'refresh_token', 'token_type', 'scope']) assert.equal(typeof tokens[key], 'string', key);
  assert.ok(Number.isInteger(tokens.expires_in));
  assert.deepEqual(new Set(tokens.scope.split(' ')), new Set(offline.scope.split(' ')));

  const { keys } = await (await fetch(`${issuer}.well-known/jwks.json`)).json();
  for (const key of keys.filter(({ kty }) => kty === 'RSA')) {
    for (const field of ['kid', 'n', 'e']) assert.equal(typeof key[field], 'string', `${field} in ${JSON.stringify(key)}`);
    assert.deepEqual({ use: key.use, alg: key.alg }, { use: 'sig', alg: 'RS256' });
  }
  const set = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
  const id = await jwtVerify(tokens.id_token, set, { issuer, audience: dev.native.client_id, algorithms: ['RS256'] });
  assert.equal(id.payload.aud, dev.native.client_id, 'aud is a string');
  assert.equal(id.payload.nonce, tokens.nonce);
  assert.equal(id.payload.sub, dev.user.user_id);
  const access = await jwtVerify(tokens.access_token, set, { issuer, audience: dev.api.identifier, algorithms: ['RS256'] });
  assert.deepEqual(access.payload.aud, [dev.api.identifier, `${issuer}userinfo`]);
  assert.equal(access.payload.azp ?? access.payload.client_id, dev.native.client_id);

  const info = await fetch(`${issuer}userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const profile = await info.json();
  assert.match(profile.updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'Swift drops a number');
});

test('5: refresh rotates, a lost answer is given again, a replay after use ends the family', async () => {
  const first = await freshTokens();
  const second = await refresh(issuer, first.refresh_token);
  assert.equal(second.status, 200, second.raw);
  assert.notEqual(second.body.refresh_token, first.refresh_token, 'rotated');
  const again = await refresh(issuer, first.refresh_token);
  assert.equal(again.status, 200, `a retry whose answer was lost: ${again.raw}`);
  assert.equal(again.body.refresh_token, second.body.refresh_token, 'the same successor, no fork');

  const third = await refresh(issuer, second.body.refresh_token);
  assert.equal(third.status, 200, third.raw);
  dead(await refresh(issuer, first.refresh_token), 'the spent token after its successor was used');
  dead(await refresh(issuer, third.body.refresh_token), 'the newest of the family after the theft');
});

test('5: revoke over JSON is 200 and empty, and the dead token says the sentence the SDKs compare', async () => {
  const { refresh_token: token } = await freshTokens();
  for (const attempt of ['first', 'second']) {
    const answer = await postJSON(`${issuer}oauth/revoke`, { client_id: dev.native.client_id, token });
    assert.equal(answer.status, 200, `${attempt}: ${answer.raw}`);
    assert.equal(answer.raw, '', attempt);
  }
  dead(await refresh(issuer, token), 'a revoked token');
});

test('6: /v2/logout returns to the application: plain, federated, federated=1, and without a session', async () => {
  const returnTo = encodeURIComponent(android);
  const forms = ['', 'federated&', 'federated=1&'].map((extra) => `${issuer}v2/logout?${extra}returnTo=${returnTo}&client_id=${dev.native.client_id}`);
  for (const url of forms) {
    const walker = new Walker();
    await walker.signIn(nativeRequest(issuer, android).url, person);
    const out = await walker.open(url);
    assert.equal(out.location, android, `${url}: ${out.page && text(out.page.html)}`);
    const { page } = await walker.open(nativeRequest(issuer, android).url);
    assert.equal(page.url.pathname, '/u/login', `${url} left the session alive`);
    assert.equal((await new Walker().open(url)).location, android, `${url} without a session`);
  }
  const refused = await new Walker().open(`${issuer}v2/logout?returnTo=${encodeURIComponent('com.evil.app://x')}&client_id=${dev.native.client_id}`);
  assert.equal(refused.page?.status, 400, `an unknown returnTo went to ${refused.location}`);
});

test('7: association files and the pages behind the callbacks', async () => {
  const get = async (path) => {
    const response = await fetch(issuer + path, { redirect: 'manual' });
    return { status: response.status, headers: response.headers, raw: await response.text() };
  };
  const strict = async (path) => {
    const { status, headers, raw } = await get(path);
    assert.equal(status, 200, path);
    assert.match(headers.get('content-type'), /^application\/json/, path);
    assert.equal(headers.get('set-cookie'), null, path);
    return JSON.parse(raw);
  };
  const links = await strict('.well-known/assetlinks.json');
  assert.ok(links.some(({ target }) => target.package_name === 'com.example.app'), JSON.stringify(links));
  for (const { relation, target } of links) {
    assert.ok(relation.includes('delegate_permission/common.handle_all_urls'));
    assert.equal(target.namespace, 'android_app');
    for (const print of target.sha256_cert_fingerprints) assert.match(print, /^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
  }
  for (const path of ['.well-known/apple-app-site-association', 'apple-app-site-association']) {
    const { applinks, webcredentials } = await strict(path);
    assert.deepEqual(applinks.apps, []);
    const app = applinks.details.find(({ appID }) => appID.endsWith('.com.example.app'));
    assert.ok(app, JSON.stringify(applinks));
    assert.ok(app.paths.includes('/ios/com.example.app/*'), `${app.paths}`);
    assert.ok(webcredentials.apps.includes(app.appID), `${webcredentials.apps}`);
  }
  for (const path of ['mobile?code=x&state=y', 'android/com.example.app/callback?code=x', 'ios/com.example.app/callback?code=secret-code']) {
    const { status, headers, raw } = await get(path);
    assert.equal(status, 200, path);
    assert.match(headers.get('cache-control') ?? '', /no-store/, path);
    assert.match(headers.get('content-type'), /^text\//, path);
    assert.ok(raw.length > 0 && raw.length < 20_000, path);
  }
});

test('the callbacks that the tutorial and the SDKs use are all registered', () => {
  assert.ok(nativeCallback('com.myclientapp://myclientapp.com/callback'));
  assert.ok(nativeCallback('http://127.0.0.1/callback'));
});
