// auth0-spa-js in Chromium, over http and https: redirect, hidden iframe, refresh rotation, revocation, logout; what third-party
// cookie blocking does; and that a server without the Single Page switch says which switch it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { config, dev, issuerOn, person, ports } from '../config.mjs';
import { fillLogin, launchChromium, launchWithThirdPartyCookies } from '../chromium.mjs';
import { postJSON } from '../flow.mjs';
import { startServer } from '../server.mjs';

const sdk = readFileSync(new URL('../node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.js', import.meta.url));
const markup = '<!doctype html><html lang="en"><title>Single Page</title><script src="/auth0-spa-js.js"></script><h1>Single Page</h1>';

function serve(req, res) {
  const script = req.url === '/auth0-spa-js.js';
  res.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
  res.end(script ? sdk : markup);
}

const sites = [
  http.createServer(serve).listen(ports.spaHTTP),
  https.createServer({ key: readFileSync(config.app.key), cert: readFileSync(config.app.cert) }, serve).listen(ports.spaHTTPS),
];
after(() => sites.forEach((site) => { site.closeAllConnections(); site.close(); }));

const originOn = (scheme, host) => `${scheme}://${host}:${scheme === 'https' ? ports.spaHTTPS : ports.spaHTTP}`;

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser?.close());

// One tab of the application. Its client is made anew after every navigation, as a real page does.
class Tab {
  constructor(page, origin, issuer, options) {
    Object.assign(this, { page, origin, options, tokenCalls: [] });
    this.settings = {
      domain: issuer.replace(/\/$/, ''), clientId: dev.spa.client_id, authorizeTimeoutInSeconds: 10, ...options,
      authorizationParams: { redirect_uri: origin, audience: dev.api.identifier, scope: 'openid profile email read:messages', ...options.authorizationParams },
    };
    page.context().on('request', (request) => {
      if (new URL(request.url()).pathname === '/oauth/token' && request.method() === 'POST') this.tokenCalls.push(new URLSearchParams(request.postData()).get('grant_type'));
    });
  }

  async load(path = '/') {
    if (path) await this.page.goto(this.origin + path);
    await this.page.evaluate(async (settings) => { window.client = await auth0.createAuth0Client(settings); }, this.settings);
  }

  // Leaves for the server and waits for where the browser is led.
  async leave(arrived) {
    await this.load();
    await Promise.all([this.page.waitForURL(arrived), this.page.evaluate(() => { window.client.loginWithRedirect(); })]);
  }

  async login(credentials = person) {
    await this.leave((url) => url.pathname === '/u/login');
    await Promise.all([this.page.waitForURL((url) => url.origin === this.origin), fillLogin(this.page, credentials)]);
    return this.comeBack();
  }

  async comeBack() {
    await this.page.waitForLoadState();
    await this.load(null);
    return this.call(async () => { await window.client.handleRedirectCallback(); return window.client.getUser(); });
  }

  // Runs body in the page; errors come back as { error, message, ms } because they do not survive the border.
  async call(body, argument) {
    return this.page.evaluate(async ([source, value]) => {
      const begun = performance.now();
      try {
        return await (0, eval)(`(${source})`)(value);
      } catch (thrown) {
        return { error: thrown.error ?? thrown.name, message: thrown.message, ms: Math.round(performance.now() - begun) };
      }
    }, [body.toString(), argument]);
  }

  silently(options = {}) {
    return this.call((asked) => window.client.getTokenSilently({ cacheMode: 'off', detailedResponse: true, ...asked }), options);
  }
}

async function openTab(context, origin, issuer, options = {}) {
  return new Tab(await context.newPage(), origin, issuer, options);
}

async function withContext(body) {
  const context = await browser.newContext();
  try {
    await body(context);
  } finally {
    await context.close();
  }
}

for (const scheme of ['http', 'https']) {
  describe(`auth0-spa-js over ${scheme}`, () => {
    const origin = originOn(scheme, 'localhost');
    const issuer = issuerOn(scheme, 'localhost');

    test('redirect, hidden iframe, logout', () => withContext(async (context) => {
      const tab = await openTab(context, origin, issuer);
      const user = await tab.login();
      assert.equal(user.email, dev.user.email, JSON.stringify(user));
      assert.equal(user.sub, dev.user.user_id);

      await tab.load(); // a fresh page has lost its memory: only the session at the server can help
      const silent = await tab.silently();
      assert.equal(typeof silent.access_token, 'string', JSON.stringify(silent));
      assert.deepEqual(new Set(tab.tokenCalls), new Set(['authorization_code']), 'by iframe, without a refresh token');
      const profile = await tab.call(async (token) => {
        const answer = await fetch(`${new URL(window.client.getConfiguration().domain).origin}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
        return { status: answer.status, body: await answer.json() };
      }, silent.access_token);
      assert.equal(profile.status, 200, JSON.stringify(profile));
      assert.equal(profile.body.sub, dev.user.user_id);

      await Promise.all([
        tab.page.waitForURL((url) => url.origin === origin && url.searchParams.get('bye') === '1'),
        tab.page.evaluate((returnTo) => { window.client.logout({ logoutParams: { returnTo } }); }, `${origin}?bye=1`),
      ]);
      await tab.load();
      const refused = await tab.silently();
      assert.equal(refused.error, 'login_required', JSON.stringify(refused));
    }));

    for (const cacheLocation of ['memory', 'localstorage']) {
      test(`refresh rotation and revocation, tokens in ${cacheLocation}`, () => withContext(async (context) => {
        const tab = await openTab(context, origin, issuer, { useRefreshTokens: true, cacheLocation });
        await tab.login();
        const kept = () => tab.call(() => Object.values(localStorage).map((entry) => JSON.parse(entry)?.body?.refresh_token).find(Boolean));
        const before = await kept();
        const renewed = await tab.silently();
        assert.equal(typeof renewed.access_token, 'string', JSON.stringify(renewed));
        const after = await kept();
        if (cacheLocation === 'localstorage') {
          assert.ok(before && after, 'the refresh token is in the storage');
          assert.notEqual(after, before, 'the refresh token rotated');
        }
        assert.ok(tab.tokenCalls.includes('refresh_token'), `${tab.tokenCalls}`);
        const again = await tab.silently();
        assert.equal(typeof again.access_token, 'string', JSON.stringify(again));
        assert.notEqual(again.access_token, renewed.access_token);

        const newest = await kept();
        const revoked = context.waitForEvent('response', (response) => response.url() === `${issuer}oauth/revoke` && response.request().method() === 'POST');
        assert.equal(await tab.call(() => window.client.revokeRefreshToken()), undefined);
        assert.equal((await revoked).status(), 200);
        if (cacheLocation === 'localstorage') {
          const refused = await postJSON(`${issuer}oauth/token`, { grant_type: 'refresh_token', client_id: dev.spa.client_id, refresh_token: newest });
          assert.equal(refused.status, 403, refused.raw);
          assert.match(refused.body.error_description, /invalid refresh token/, 'the words this SDK looks for');
        }
        const dead = await tab.silently();
        assert.match(dead.message ?? '', /refresh token/i, JSON.stringify(dead));
      }));
    }

    test('popup', () => withContext(async (context) => {
      const tab = await openTab(context, origin, issuer);
      await tab.load();
      const opened = context.waitForEvent('page');
      const done = tab.call(async () => { await window.client.loginWithPopup(); return window.client.getUser(); });
      const popup = await opened;
      await popup.waitForURL((url) => url.pathname === '/u/login');
      await fillLogin(popup, person);
      const user = await done;
      assert.equal(user.sub, dev.user.user_id, JSON.stringify(user));
    }));

    test('another site, third-party cookies blocked: login_required at once', () => withContext(async (context) => {
      const tab = await openTab(context, originOn(scheme, '127.0.0.1'), issuer);
      await tab.login();
      await tab.load();
      const refused = await tab.silently();
      assert.equal(refused.error, 'login_required', JSON.stringify(refused));
      assert.ok(refused.ms < 5_000, `took ${refused.ms} ms; waiting for a timeout is not an answer`);
    }));
  });
}

test('another site over https, third-party cookies let through: the iframe finds the session', async () => {
  const context = await launchWithThirdPartyCookies();
  try {
    const tab = await openTab(context, originOn('https', '127.0.0.1'), issuerOn('https', 'localhost'));
    await tab.login();
    await tab.load();
    const silent = await tab.silently();
    assert.equal(typeof silent.access_token, 'string', JSON.stringify(silent));
  } finally {
    await context.close();
  }
});

test('without the switch a Single Page application is told which setting refuses it', async () => {
  const origin = originOn('http', 'localhost');
  const plain = await startServer({ args: ['--spa-callback', origin], env: config.serverEnv });
  try {
    await withContext(async (context) => {
      const issuer = `http://localhost:${new URL(plain.dev.issuer).port}/`;
      const tab = await openTab(context, origin, issuer, { clientId: plain.dev.spa.client_id, authorizationParams: { audience: plain.dev.api.identifier } });
      await tab.leave((url) => url.origin === origin && url.searchParams.has('error')); // before anybody types a password
      const refused = await tab.comeBack();
      assert.equal(refused.error, 'unauthorized_client', JSON.stringify(refused));
      assert.match(refused.message ?? '', /pkce_app_types/, JSON.stringify(refused));
    });
  } finally {
    await plain.stop();
  }
});
