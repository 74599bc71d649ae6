// Server-side applications: express-openid-connect signing people in with a secret, express-oauth2-jwt-bearer guarding an API.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import jwtBearer from 'express-oauth2-jwt-bearer';
import openidConnect from 'express-openid-connect';
import { SignJWT, generateKeyPair } from 'jose';
import { config, dev, issuerOn, person, ports } from '../config.mjs';
import { fillLogin, launchChromium } from '../chromium.mjs';
import { postJSON } from '../flow.mjs';

function application(baseURL, issuerBaseURL, settings) {
  const app = express();
  app.use(openidConnect.auth({
    baseURL, issuerBaseURL, clientID: dev.web.client_id, clientSecret: dev.web.client_secret, secret: 'a secret of the test, long enough',
    authRequired: false, idpLogout: true, ...settings,
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access read:messages', audience: dev.api.identifier, ...settings.authorizationParams },
  }));
  app.get('/', (req, res) => res.json({ signedIn: req.oidc.isAuthenticated() }));
  app.get('/me', openidConnect.requiresAuth(), async (req, res, next) => {
    try {
      const { access_token: before } = req.oidc.accessToken;
      const info = await req.oidc.fetchUserInfo();
      const { access_token: renewed } = await req.oidc.accessToken.refresh();
      res.json({ user: req.oidc.user, info, refreshed: renewed !== before, refreshToken: Boolean(req.oidc.refreshToken) });
    } catch (error) {
      next(error);
    }
  });
  return app;
}

function listen(app, port, tls) {
  const server = tls ? https.createServer({ key: readFileSync(config.app.key), cert: readFileSync(config.app.cert) }, app) : http.createServer(app);
  return new Promise((done) => { server.listen(port, () => done(server)); });
}

function close(server) {
  server?.closeAllConnections();
  server?.close();
}

async function json(page) {
  return JSON.parse(await page.textContent('body'));
}

describe('express-openid-connect', () => {
  let browser;
  before(async () => { browser = await launchChromium(); });
  after(() => browser?.close());

  const cases = [
    { name: 'query over http, secret by Basic, /oidc/logout', scheme: 'http', mode: 'query', method: 'client_secret_basic', auth0Logout: false, logout: '/oidc/logout' },
    { name: 'form_post over https, secret in the body, /v2/logout', scheme: 'https', mode: 'form_post', method: 'client_secret_post', auth0Logout: true, logout: '/v2/logout' },
  ];
  for (const { name, scheme, mode, method, auth0Logout, logout } of cases) {
    test(name, async () => {
      const port = scheme === 'https' ? ports.webHTTPS : ports.webHTTP;
      const baseURL = `${scheme}://localhost:${port}`;
      const transactionCookie = mode === 'form_post' ? { sameSite: 'None' } : {};
      const app = application(baseURL, issuerOn(scheme, 'localhost'), { clientAuthMethod: method, auth0Logout, transactionCookie, authorizationParams: { response_mode: mode } });
      const server = await listen(app, port, scheme === 'https');
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const visited = [];
        page.on('request', (request) => visited.push(`${request.method()} ${new URL(request.url()).pathname}`));
        await page.goto(`${baseURL}/me`);
        assert.equal(new URL(page.url()).pathname, '/u/login');
        await Promise.all([page.waitForURL(`${baseURL}/me`), fillLogin(page, person)]);
        assert.ok(visited.includes(`${mode === 'form_post' ? 'POST' : 'GET'} /callback`), visited.join('\n'));
        const me = await json(page);
        assert.equal(me.user?.email, dev.user.email, JSON.stringify(me));
        assert.equal(me.info.sub, dev.user.user_id);
        assert.ok(me.refreshed && me.refreshToken, JSON.stringify(me));

        await page.goto(`${baseURL}/logout`);
        assert.ok(visited.includes(`GET ${logout}`), visited.join('\n'));
        assert.equal(new URL(page.url()).origin, baseURL, 'logout comes back to the application');
        assert.deepEqual(await json(page), { signedIn: false });
        await page.goto(`${baseURL}/me`);
        assert.equal(new URL(page.url()).pathname, '/u/login', 'the session at the server is gone too');
      } finally {
        await context.close();
        close(server);
      }
    });
  }
});

describe('express-oauth2-jwt-bearer', () => {
  const issuer = issuerOn('https', '127.0.0.1');
  let server;
  let api;

  before(async () => {
    const app = express();
    app.use(jwtBearer.auth({ issuerBaseURL: issuer, audience: dev.api.identifier }));
    app.get('/who', (req, res) => res.json(req.auth.payload));
    app.get('/messages', jwtBearer.requiredScopes('read:messages'), (req, res) => res.json([]));
    app.get('/archive', jwtBearer.requiredScopes('delete:archive'), (req, res) => res.json([]));
    app.use((error, req, res, next) => {
      if (!error.status) return next(error);
      return res.set(error.headers).status(error.status).json({ code: error.code ?? '', message: error.message });
    });
    server = await listen(app, 0);
    api = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => close(server));

  const call = (path, token) => fetch(api + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });

  async function machineToken(audience = dev.api.identifier) {
    const answer = await postJSON(`${issuer}oauth/token`, { grant_type: 'client_credentials', client_id: dev.m2m.client_id, client_secret: dev.m2m.client_secret, audience });
    assert.equal(answer.status, 200, answer.raw);
    return answer.body.access_token;
  }

  test('our token is accepted and scopes are enforced', async () => {
    const token = await machineToken();
    const who = await call('/who', token);
    assert.equal(who.status, 200, who.headers.get('www-authenticate'));
    const payload = await who.json();
    assert.equal(payload.iss, issuer);
    assert.equal(payload.sub, `${dev.m2m.client_id}@clients`);
    assert.equal((await call('/messages', token)).status, 200);
    const short = await call('/archive', token);
    assert.equal(short.status, 403);
    assert.match(short.headers.get('www-authenticate'), /insufficient_scope/);
  });

  test('garbage, a changed signature, a foreign key and nothing at all are refused', async () => {
    const token = await machineToken();
    const [head, payload, signature] = token.split('.');
    const flipped = (signature[10] === 'A' ? 'B' : 'A');
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT({ scope: 'read:messages' }).setProtectedHeader({ alg: 'RS256', kid: 'forged' }).setIssuer(issuer)
      .setAudience(dev.api.identifier).setSubject('auth0|000000000000000000000000').setIssuedAt().setExpirationTime('1h').sign(privateKey);
    const bad = { garbage: 'garbage', changed: `${head}.${payload}.${signature.slice(0, 10)}${flipped}${signature.slice(11)}`, forged, none: '' };
    for (const [name, value] of Object.entries(bad)) assert.equal((await call('/messages', value)).status, 401, name);
  });

  test('a token of the other issuer of the same server is refused', async () => {
    const other = issuerOn('http', 'localhost');
    const answer = await postJSON(`${other}oauth/token`, { grant_type: 'client_credentials', client_id: dev.m2m.client_id, client_secret: dev.m2m.client_secret, audience: dev.api.identifier });
    assert.equal(answer.status, 200, answer.raw);
    assert.equal((await call('/messages', answer.body.access_token)).status, 401);
  });

  test('an API with another identifier refuses the same token', async () => {
    const app = express();
    app.use(jwtBearer.auth({ issuerBaseURL: issuer, audience: 'https://other.example.com/' }));
    app.get('/', (req, res) => res.json({}));
    app.use((error, req, res, next) => (error.status ? res.set(error.headers).status(error.status).end() : next(error)));
    const strict = await listen(app, 0);
    try {
      const answer = await fetch(`http://127.0.0.1:${strict.address().port}/`, { headers: { authorization: `Bearer ${await machineToken()}` } });
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate'), /aud/);
    } finally {
      close(strict);
    }
  });
});
