// `proofkey login` in a terminal, with Chromium as the person's browser: every step is printed, the listener gets the code, the
// tokens are verified and refreshed once. Over http and https, over the loopback listener and with a pasted custom scheme.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dev, issuerOn, nativeCallback, person } from '../config.mjs';
import { buttons, fillLogin, launchChromium, nextTab, watchRedirects } from '../chromium.mjs';
import { Terminal } from '../terminal.mjs';

let browser;
before(async () => { browser = await launchChromium(); });
after(() => browser?.close());

const native = ['--client-id', dev.native.client_id, '--audience', dev.api.identifier];

async function withPage(options, body) {
  const context = await browser.newContext(options);
  try {
    await body(await context.newPage());
  } finally {
    await context.close();
  }
}

function trust(scheme) {
  return scheme === 'https' ? ['--ca-file', dev.ca_file] : [];
}

const steps = ['Discovery', 'Proof key', 'Sign in', 'Answer', 'Exchange', 'ID token', 'Access token', 'User info', 'Refresh', 'ID token'];

for (const scheme of ['http', 'https']) {
  for (const javaScriptEnabled of [true, false]) {
    test(`every step over ${scheme}, browser ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => withPage({ javaScriptEnabled }, async (page) => {
      const issuer = issuerOn(scheme, '127.0.0.1');
      const terminal = new Terminal(issuer, ...native, '--scope', 'openid profile email offline_access read:messages', ...trust(scheme));
      await page.goto(await terminal.url());
      await fillLogin(page, person);
      await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?/);
      assert.match(await page.textContent('body'), /Signed in\. You can close this window/);
      await terminal.exit(0);

      const printed = [...terminal.stdout.matchAll(/^(\d+)\. (.+)$/gm)].map(([, number, title]) => [Number(number), title]);
      assert.deepEqual(printed, steps.map((title, index) => [index + 1, title]), terminal.stdout);
      for (const line of [
        `issuer +${issuer}\n`, 'verified +signature \\(RS256, key [^)]+\\), iss, aud, exp, nonce', 'name +"John Smith"', `email +"${dev.user.email}"`,
        `aud +\\["${dev.api.identifier}","${issuer}userinfo"\\]`, 'token_type +Bearer', 'expires_in +86400 ', 'rotated +true',
      ]) assert.match(terminal.stdout, new RegExp(line));
      assert.doesNotMatch(terminal.stdout, /eyJ[\w-]+\.[\w-]+\.[\w-]+/, 'no token is printed whole');
      assert.equal(terminal.stderr, '');
    }));
  }
}

test('--json prints one object, and the steps beside it', () => withPage({}, async (page) => {
  const issuer = issuerOn('https', 'localhost');
  const terminal = new Terminal(issuer, ...native, '--json', '--login-hint', person.username, ...trust('https'));
  await page.goto(await terminal.url());
  assert.equal(await page.inputValue('#username'), person.username, 'the hint fills the field');
  await page.fill('#password', person.password);
  await page.click(buttons.submit);
  await terminal.exit(0);
  const result = JSON.parse(terminal.stdout);
  assert.equal(result.issuer, issuer);
  assert.equal(result.id_token_claims.sub, dev.user.user_id);
  assert.equal(result.userinfo.sub, dev.user.user_id);
  assert.equal(result.refreshed, true);
  assert.equal(result.refresh_token_rotated, true);
  assert.equal(result.tokens, undefined, 'tokens only with --show-tokens');
  assert.match(terminal.stderr, /^9\. Refresh$/m);
}));

test('a custom scheme is pasted, and single sign-on asks before it answers', () => withPage({}, async (start) => {
  const callback = nativeCallback('com.myclientapp:');
  let page = start;
  for (const screen of ['/u/login', '/u/confirm']) {
    const terminal = new Terminal(issuerOn('http', 'localhost'), ...native, '--redirect-uri', callback);
    const redirects = await watchRedirects(page);
    await page.goto(await terminal.url());
    assert.equal(new URL(page.url()).pathname, screen);
    await (screen === '/u/login' ? fillLogin(page, person) : page.click(buttons.accept));
    const { location } = await redirects.to(`${callback}?`);
    terminal.child.stdin.end(`${location}\n`);
    await terminal.exit(0);
    ({ page } = await nextTab(page));
  }
}));

test('what the server refuses is told in the terminal', () => withPage({}, async (page) => {
  const terminal = new Terminal(issuerOn('http', '127.0.0.1'), ...native, '--prompt', 'none');
  await page.goto(await terminal.url());
  assert.match(await page.textContent('body'), /did not succeed/);
  await terminal.exit(1);
  assert.match(terminal.stderr, /login_required.*Hint/);

  const declined = new Terminal(issuerOn('http', '127.0.0.1'), ...native, '--prompt', 'consent');
  await page.goto(await declined.url());
  await fillLogin(page, person);
  await page.waitForURL((url) => url.pathname === '/u/consent');
  await page.click(buttons.deny);
  await declined.exit(1);
  assert.match(declined.stderr, /access_denied/);
}));

test('https without its authority is refused, and the message names the flag', async () => {
  const terminal = new Terminal(issuerOn('https', '127.0.0.1'), ...native);
  await terminal.exit(1);
  assert.match(terminal.stderr, /--ca-file/);
});
