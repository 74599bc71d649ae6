// A person with a browser: signs up, signs in, consents, confirms, declines, signs out; without JavaScript, in the dark, with the
// keyboard alone; and axe finds nothing on any page.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { config, dev, issuerOn, nativeCallback, person } from '../config.mjs';
import { buttons, fillLogin, launchChromium, nextTab, watchRedirects } from '../chromium.mjs';
import { exchange, nativeRequest, refresh } from '../flow.mjs';
import { freePorts, startServer } from '../server.mjs';
import { splitRedirect } from '../walk.mjs';

const issuer = issuerOn('http', 'localhost');
const callback = nativeCallback('com.myclientapp:');
const scheme = 'com.myclientapp:';

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser?.close());

async function withPage(options, body) {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await body(page, await watchRedirects(page));
  } finally {
    await context.close();
  }
}

const pathOf = (page) => new URL(page.url()).pathname;

async function tokensFrom(request, { location }) {
  assert.equal(splitRedirect(location).params.get('state'), request.state, location);
  const answer = await exchange(issuer, request, location);
  assert.equal(answer.status, 200, answer.raw);
  return answer.body;
}

test('signs up, and the application knows the new user', () => withPage({}, async (page, redirects) => {
  const request = nativeRequest(issuer, callback, { screen_hint: 'signup' });
  await page.goto(request.url);
  assert.equal(pathOf(page), '/u/signup');
  assert.equal(await page.getAttribute('#password', 'autocomplete'), 'new-password');
  const newcomer = { username: `mary.${randomBytes(4).toString('hex')}@example.com`, password: `Quiet-${randomBytes(8).toString('hex')}-Lake7` };
  await fillLogin(page, newcomer);
  const { id_token: idToken } = await tokensFrom(request, await redirects.to(scheme));
  const claims = JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url'));
  assert.equal(claims.email, newcomer.username);

  await withPage({}, async (other, seen) => {
    const again = nativeRequest(issuer, callback);
    await other.goto(again.url);
    await fillLogin(other, newcomer);
    await tokensFrom(again, await seen.to(scheme));
  });
}));

test('finds the sign-up page by its link, and keeps the transaction', () => withPage({}, async (page, redirects) => {
  const request = nativeRequest(issuer, callback);
  await page.goto(request.url);
  await page.click('a[href*="/u/signup"]');
  assert.equal(pathOf(page), '/u/signup');
  await fillLogin(page, { username: `joan.${randomBytes(4).toString('hex')}@example.com`, password: `Quiet-${randomBytes(8).toString('hex')}-Lake7` });
  await tokensFrom(request, await redirects.to(scheme));
}));

test('a wrong password is a 400 that tells nobody whether the account exists', () => withPage({}, async (page, redirects) => {
  const request = nativeRequest(issuer, callback);
  const said = [];
  for (const username of [person.username, 'nobody.at.all@example.com']) {
    await page.goto(request.url);
    const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), fillLogin(page, { username, password: 'wrong password' })]);
    assert.equal(answer.status(), 400);
    await page.waitForLoadState();
    assert.equal(await page.inputValue('#username'), username, 'the address need not be typed again');
    assert.equal(await page.inputValue('#password'), '');
    said.push((await page.textContent('body')).replaceAll(username, '').replace(/tx_\w+/g, '').replace(/\s+/g, ' '));
  }
  assert.equal(said[0], said[1]);
  await fillLogin(page, person);
  await tokensFrom(request, await redirects.to(scheme));
}));

test('consents when asked, and may decline', () => withPage({}, async (page, redirects) => {
  const ask = () => nativeRequest(issuer, callback, { prompt: 'consent', scope: 'openid profile offline_access read:messages', audience: dev.api.identifier });
  const request = ask();
  await page.goto(request.url);
  await fillLogin(page, person);
  await page.waitForURL((url) => url.pathname === '/u/consent');
  await page.click(buttons.accept);
  const { scope } = await tokensFrom(request, await redirects.to(scheme));
  assert.match(scope, /read:messages/);

  const declined = ask();
  const next = await nextTab(page);
  await next.page.goto(declined.url);
  assert.equal(pathOf(next.page), '/u/consent');
  await next.page.click(buttons.deny);
  const { params } = splitRedirect((await next.redirects.to(scheme)).location);
  assert.equal(params.get('error'), 'access_denied');
  assert.equal(params.get('state'), declined.state);
}));

test('on single sign-on confirms before the application opens, and signs out', () => withPage({}, async (page, redirects) => {
  await page.goto(nativeRequest(issuer, callback).url);
  await fillLogin(page, person);
  await redirects.to(scheme);

  const request = nativeRequest(issuer, callback);
  const second = await nextTab(page);
  await second.page.goto(request.url);
  assert.equal(pathOf(second.page), '/u/confirm');
  await second.page.click(buttons.accept);
  await tokensFrom(request, await second.redirects.to(scheme));

  const third = await nextTab(second.page);
  await third.page.goto(`${issuer}v2/logout?client_id=${dev.native.client_id}&returnTo=${encodeURIComponent(callback)}`).catch(() => {});
  assert.equal((await third.redirects.to(scheme)).location, callback);

  const { page: last } = await nextTab(third.page);
  await last.goto(nativeRequest(issuer, callback).url);
  assert.equal(pathOf(last), '/u/login');
  await last.goto(`${issuer}v2/logout`);
  assert.equal(pathOf(last), '/v2/logout', 'signed out without an application: a page of the server');
}));

test('reload, back and a second tab do not lose the sign-in', () => withPage({}, async (page, redirects) => {
  const request = nativeRequest(issuer, callback);
  await page.goto(request.url);
  const address = page.url();
  await page.reload();
  await page.goto('about:blank');
  await page.goBack();
  assert.equal(page.url(), address);
  const second = await page.context().newPage();
  await second.goto(nativeRequest(issuer, callback).url);
  await fillLogin(page, person);
  await tokensFrom(request, await redirects.to(scheme));
}));

test('the tab that the application left behind says so, and what it says is true', () => withPage({}, async (page, redirects) => {
  await page.goto(nativeRequest(issuer, callback).url);
  await fillLogin(page, person);
  await redirects.to(scheme);
  await page.waitForSelector('#handover:not([hidden])');
  assert.equal(await page.title(), 'You are logged in');
  assert.equal(await page.isVisible('form'), false, 'nothing to send twice');

  const declined = await nextTab(page);
  await declined.page.goto(nativeRequest(issuer, callback).url);
  await declined.page.click(buttons.deny);
  await declined.redirects.to(scheme);
  await declined.page.waitForSelector('#handover:not([hidden])');
  assert.notEqual(await declined.page.title(), 'You are logged in');
}));

test('a restart of the server in the middle loses neither the sign-in, nor the session, nor the refresh token', async () => {
  const data = mkdtempSync(join(tmpdir(), 'proofkey-restart-'));
  const [port] = await freePorts(1);
  const start = () => startServer({ args: ['--http', `127.0.0.1:${port}`, '--data', data], env: config.serverEnv });
  const here = `http://localhost:${port}/`;
  let server = await start();
  const restart = async () => { await server.stop(); server = await start(); };
  try {
    await withPage({}, async (page, redirects) => {
      const request = nativeRequest(here, callback, { scope: 'openid offline_access', audience: dev.api.identifier });
      await page.goto(request.url);
      await restart();
      await fillLogin(page, person);
      const { location } = await redirects.to(scheme);
      await restart();
      const tokens = await exchange(here, request, location);
      assert.equal(tokens.status, 200, tokens.raw);
      await restart();
      assert.equal((await refresh(here, tokens.body.refresh_token)).status, 200);
      const next = await nextTab(page);
      await next.page.goto(nativeRequest(here, callback).url);
      assert.equal(pathOf(next.page), '/u/confirm', 'still signed in');
    });
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});

test('works without JavaScript', () => withPage({ javaScriptEnabled: false }, async (page, redirects) => {
  const request = nativeRequest(issuer, callback, { prompt: 'consent', audience: dev.api.identifier, scope: 'openid read:messages' });
  await page.goto(request.url);
  await fillLogin(page, person);
  await page.waitForURL((url) => url.pathname === '/u/consent');
  await page.click(buttons.accept);
  await tokensFrom(request, await redirects.to(scheme));
}));

test('works with the keyboard alone', () => withPage({}, async (page, redirects) => {
  const request = nativeRequest(issuer, callback);
  await page.goto(request.url);
  await reach(page, 'username');
  assert.ok(await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  }), 'the focus is visible');
  await page.keyboard.type(person.username);
  await reach(page, 'password');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await tokensFrom(request, await redirects.to(scheme));
}));

async function reach(page, id) {
  for (let step = 0; step < 12; step += 1) {
    if (await page.evaluate(() => document.activeElement.id) === id) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`twelve Tabs do not reach #${id}`);
}

const paint = (page) => page.evaluate(() => {
  const brightness = (color) => color.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
  let node = document.body;
  while (node && /rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(node).backgroundColor)) node = node.parentElement;
  return { background: node ? brightness(getComputedStyle(node).backgroundColor) : 255, ink: brightness(getComputedStyle(document.body).color) };
});

test('is light by day and dark by night', async () => {
  const seen = {};
  for (const colorScheme of ['light', 'dark']) {
    await withPage({ colorScheme, viewport: { width: 390, height: 844 } }, async (page) => {
      await page.goto(nativeRequest(issuer, callback).url);
      seen[colorScheme] = await paint(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scrolling on a phone');
    });
  }
  assert.ok(seen.light.background > 180 && seen.light.ink < 120, JSON.stringify(seen));
  assert.ok(seen.dark.background < 80 && seen.dark.ink > 150, JSON.stringify(seen));
});

async function axeOn(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, ${colorScheme}`, () => withPage({ colorScheme }, async (start, redirects) => {
    let page = start;
    const found = {};
    const look = async (name) => { found[name] = await axeOn(page); };
    await page.goto(nativeRequest(issuer, callback, { screen_hint: 'signup' }).url);
    await look('signup');
    await page.goto(nativeRequest(issuer, callback, { client_id: 'unknown' }).url);
    await look('error: unknown client');
    await page.goto(nativeRequest(issuer, 'com.evil.app://callback').url);
    await look('error: callback mismatch');
    await page.goto(nativeRequest(issuer, callback, { prompt: 'consent', audience: dev.api.identifier, scope: 'openid read:messages' }).url);
    await look('login');
    await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), fillLogin(page, { ...person, password: 'wrong password' })]);
    await page.waitForLoadState();
    await look('login refused');
    await fillLogin(page, person);
    await page.waitForURL((url) => url.pathname === '/u/consent');
    await look('consent');
    await page.click(buttons.accept);
    await redirects.to(scheme);
    await page.waitForSelector('#handover:not([hidden])');
    await look('left behind');
    ({ page } = await nextTab(page));
    await page.goto(nativeRequest(issuer, callback).url);
    assert.equal(pathOf(page), '/u/confirm');
    await look('confirm');
    await page.goto(nativeRequest(issuer, callback, { prompt: 'select_account' }).url);
    assert.equal(pathOf(page), '/u/select');
    await look('account');
    await page.goto(`${issuer}mobile`);
    await look('landing');
    await page.goto(`${issuer}oidc/logout`);
    assert.ok(await page.isVisible(buttons.accept), 'asked, because nothing proves which session it is');
    await look('log out?');
    await page.click(buttons.accept);
    await page.waitForSelector('h1:has-text("You are logged out")');
    await look('signed out');
    assert.deepEqual(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length)), {});
  }));
}

test('an error that may not redirect is a page with its text and an id', () => withPage({}, async (page) => {
  const unknown = await page.goto(nativeRequest(issuer, callback, { client_id: 'nobody' }).url);
  assert.ok(unknown.status() >= 400 && unknown.status() < 500, `${unknown.status()}`);
  assert.match(await page.textContent('body'), /Unknown client/);
  const mismatch = await page.goto(nativeRequest(issuer, 'com.evil.app://callback').url);
  assert.equal(mismatch.status(), 403);
  assert.match(await page.textContent('body'), /Callback URL mismatch/);
  assert.match(await page.textContent('body'), /tx_\w+/);
}));
