// A person sets a tenant up in the Dashboard, from the link that the server printed to the sign-in of the first user; then takes
// offline access and the user away again, and reads why.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { fillLogin, launchChromium } from '../chromium.mjs';
import { config } from '../config.mjs';
import { Desk, makeServer, newPassword, steps } from '../console.mjs';
import { Terminal } from '../terminal.mjs';

const audience = 'https://orders.example.com/';
const user = { username: 'mary@example.com', password: newPassword() };
const loopback = 'http://127.0.0.1/callback';

let browser;
let server;
let desk;
let clientId;
let userId;

before(async () => {
  server = await makeServer();
  browser = await launchChromium();
  desk = await Desk.open(browser, server);
});
after(async () => {
  await desk?.close();
  await browser?.close();
  await server?.close();
});

// Signs the user in from the page "Try it", whose flow is in a tab of its own, and waits until the page has shown its end.
async function tryIt() {
  const [tab] = await Promise.all([desk.context.waitForEvent('page'), desk.page.getByRole('button', { name: /^(Sign in in a new tab|Begin anew)$/ }).click()]);
  await fillLogin(tab, user);
  await tab.getByText('You have signed in').or(tab.locator('button[value="accept"]')).first().waitFor().catch(() => {}); // or it has closed itself
  if (!tab.isClosed() && await tab.locator('button[value="accept"]').count()) await tab.click('button[value="accept"]');
  await step(/The application asks who it is/).waitFor();
}

const test = steps(() => desk);
const step = (title) => desk.page.getByRole('region', { name: title });

async function login(...flags) {
  const terminal = new Terminal(server.issuer, '--client-id', clientId, '--audience', audience, '--ca-file', config.app.ca, '--show-tokens', '--json', ...flags);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(await terminal.url());
    await fillLogin(page, user);
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?/);
    await terminal.exit(0);
  } finally {
    await context.close();
  }
  return JSON.parse(terminal.stdout);
}

describe('the first hour', () => {
  test('the printed link makes the first administrator, once', async () => {
    const link = await server.bootstrapLink();
    assert.ok(link.startsWith(`${server.origin}/`), link);
    await desk.firstAdministrator(link, 'ada@example.com', newPassword());
    await desk.button('Your account').click();
    await desk.page.getByText('Role: Admin').waitFor();
    await desk.page.keyboard.press('Escape');

    const late = await Desk.open(browser, server);
    await late.page.goto(link);
    await late.page.getByText('This link was used before or has expired.').waitFor();
    await late.close();
  });

  test('a Native application', async () => {
    await desk.area('Applications').click();
    await desk.link('Create application').first().click();
    await desk.button('Create application').click();
    await desk.page.getByText('Give the application a name', { exact: true }).waitFor();
    await desk.field('Name').fill('Orders for phones');
    await desk.page.getByRole('radio', { name: /^Native/ }).check();
    await desk.button('Create application').click();
    await desk.page.waitForURL('**/applications/*/quickstart');
    clientId = new URL(desk.page.url()).pathname.split('/')[4];
    await desk.page.getByText(clientId).first().waitFor();

    await desk.tab('Settings').click();
    await desk.page.waitForURL('**/settings');
    await desk.field('Allowed Callback URLs').fill('not an address');
    await desk.button('Save').click();
    await desk.page.getByText('An address begins with https:// or the app’s own scheme').waitFor();
    await desk.field('Allowed Callback URLs').fill(loopback);
    await desk.save();
  });

  test('an API with Allow Offline Access', async () => {
    await desk.area('APIs').click();
    await desk.link('Create API').first().click();
    await desk.field('Name').fill('Orders');
    await desk.field('Identifier').fill(audience);
    await desk.toggle('Allow Offline Access').check();
    await desk.button('Create API').click();
    await desk.page.waitForURL('**/apis/*/settings');
    await desk.heading('Orders').first().waitFor();
    assert.equal(await desk.toggle('Allow Offline Access').isChecked(), true);
  });

  test('a user', async () => {
    await desk.area('Users').click();
    await desk.link('Create user').first().click();
    await desk.field('E-mail address').fill(user.username);
    await desk.toggle('The address is verified').check();
    await desk.field('Password').fill('short');
    await desk.button('Create user').click();
    await desk.page.getByText(/password is too weak|too short|at least/i).first().waitFor();
    await desk.field('Password').fill(user.password);
    await desk.button('Create user').click();
    await desk.page.waitForURL('**/users/*/profile');
    await desk.heading(user.username).waitFor();
    userId = decodeURIComponent(new URL(desk.page.url()).pathname.split('/')[4]);
    assert.equal((await desk.must('GET', `/users/${encodeURIComponent(userId)}`)).email_verified, true);
  });

  test('the user signs in from Try it, and every step is shown', async () => {
    await desk.go(`/applications/${clientId}/try?api=${encodeURIComponent(audience)}`);
    await desk.button('Add to Allowed Callback URLs').click();
    await desk.page.getByText('This page’s address is among the Allowed Callback URLs.').waitFor();
    assert.deepEqual((await desk.must('GET', `/clients/${clientId}`)).callbacks, [loopback, `${server.origin}/try/callback`]);
    await tryIt();
    const titles = await desk.page.getByRole('heading', { level: 2, name: /^\d+\. / }).allTextContents();
    assert.deepEqual(titles, ['1. The application opens the browser', '2. The browser comes back', '3. The application redeems the code',
      '4. The ID token', '5. The access token', '6. The application asks who it is']);
    assert.equal(await desk.page.getByText('does not hold').count(), 0);
    assert.equal(await step(/ID token/).getByText('a published key of the tenant signed it').count(), 1);
    const claims = await step(/ID token/).textContent();
    for (const text of [userId, user.username, 'Who signed in: the user_id, which never changes.']) assert.ok(claims.includes(text), `the ID token shows ${text}`);
    assert.match(await step(/access token/).textContent(), new RegExp(audience));
    assert.match(await step(/asks who it is/).textContent(), /HTTP 200/);

    await desk.button('Use the refresh token').click();
    const renewed = step(/7\. The application renews/);
    await renewed.getByText('HTTP 200').waitFor();
    assert.match(await renewed.textContent(), /"refresh_token"/);
    const stored = await desk.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
    assert.doesNotMatch(stored, /eyJ|token/, 'the page keeps no token');
  });

  test('and from `proofkey login`', async () => {
    const result = await login();
    assert.equal(result.id_token_claims.sub, userId);
    assert.ok(result.tokens.refresh_token);
  });

  test('without Allow Offline Access no refresh token comes, and the page says on which side it is missing', async () => {
    await desk.area('APIs').click();
    await desk.link('Orders').click();
    await desk.toggle('Allow Offline Access').uncheck();
    await desk.save();
    await desk.go(`/applications/${clientId}/try?api=${encodeURIComponent(audience)}`);
    await tryIt();
    await desk.page.getByText('No refresh token came: the API does not allow offline access.').waitFor();
    assert.doesNotMatch(await step(/redeems the code/).textContent(), /"refresh_token"/);
    assert.equal(await desk.button('Use the refresh token').count(), 0);
    const result = await login();
    assert.equal(result.tokens.refresh_token, undefined);
    assert.equal(result.refreshed, false);

    await desk.area('APIs').click();
    await desk.link('Orders').click();
    await desk.toggle('Allow Offline Access').check();
    await desk.save();
  });

  test('the refresh of a blocked user is refused, and the login events say why', async () => {
    await desk.go(`/applications/${clientId}/try?api=${encodeURIComponent(audience)}`);
    await tryIt();
    const beside = await desk.beside();
    await beside.go(`/users/${encodeURIComponent(userId)}/profile`);
    await beside.button('Block user').click();
    await beside.page.getByRole('dialog').getByRole('button', { name: 'Block user' }).click();
    await beside.toast('User blocked');
    await beside.page.close();
    await desk.button('Use the refresh token').click();
    const refused = step(/7\. The application renews/);
    await refused.getByText('HTTP 401').waitFor();
    assert.match(await refused.textContent(), /user is blocked/);

    await desk.link('Why? See the login events').click();
    await desk.heading('Login events').waitFor();
    await desk.page.getByLabel('Show', { exact: true }).selectOption('failed');
    await desk.link('user is blocked').click();
    await desk.page.getByText('Why', { exact: true }).waitFor();
    assert.match(await desk.page.getByRole('alert').first().textContent(), /blocked/i);
    await desk.button('Go to the setting').or(desk.link('Go to the setting')).click();
    await desk.page.waitForURL(`**/users/${encodeURIComponent(userId)}**`);
  });
});
