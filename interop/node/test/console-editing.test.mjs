// What may go wrong while somebody edits: a colleague is quicker, the role does not allow it, the session ends, the server is gone,
// slow or broken. Nothing typed is lost, and the page says what happened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fillLogin, launchChromium } from '../chromium.mjs';
import { Desk, makeServer, newPassword } from '../console.mjs';

const password = newPassword();
const origins = ['https://shop.example.com', 'https://admin.example.com'];

let browser;
let server;
let ada;
let client;

before(async () => {
  server = await makeServer();
  browser = await launchChromium();
  ada = await (await Desk.open(browser, server)).firstAdministrator(await server.bootstrapLink(), 'ada@example.com', password);
  client = await ada.must('POST', '/clients', { name: 'Shop', app_type: 'native', callbacks: ['com.example.shop:/callback'] });
});
after(async () => {
  await ada?.close();
  await browser?.close();
  await server?.close();
});

const stored = () => ada.must('GET', `/clients/${client.client_id}`);
const settings = () => `/applications/${client.client_id}/settings`;

async function withColleague(role, body) {
  const email = `${role.toLowerCase()}@example.com`;
  await ada.colleague(email, role, password);
  const desk = await (await Desk.open(browser, server)).signIn(email, password);
  try {
    await body(desk, email);
  } finally {
    await desk.close();
  }
}

// Opens the settings and types into them, without saving.
async function edit(desk, name) {
  await desk.go(settings());
  await desk.field('Name').fill(name);
  await desk.page.getByText('You have unsaved changes').waitFor();
}

async function holds(desk, name) {
  assert.equal(await desk.field('Name').inputValue(), name, 'what was typed is still there');
}

test('the second of two administrators is told what the first changed, and nothing is lost', () => withColleague('Editor', async (grace) => {
  await edit(grace, 'Shop of Grace');
  await grace.field('Description').fill('by Grace');
  await ada.go(settings());
  await ada.field('Description').fill('by Ada');
  await ada.field('Allowed Origins (CORS)').fill(origins.join('\n'));
  await ada.save();

  await grace.button('Save').click();
  const told = grace.page.getByRole('dialog', { name: 'Somebody else changed this while you were editing' });
  const row = (field) => told.getByRole('row').filter({ has: grace.page.getByRole('rowheader', { name: field, exact: true }) });
  assert.match(await row('Description').textContent(), /by Ada.*by Grace/);
  assert.match(await row('Allowed Origins (CORS)').textContent(), /shop\.example\.com[^]*not changed by you/);
  assert.equal((await stored()).description, 'by Ada', 'nothing is stored before Grace decides');
  await told.getByRole('button', { name: 'Keep mine and save' }).click();
  await grace.toast('Saved');
  const { name, description, allowed_origins } = await stored();
  assert.deepEqual({ name, description, allowed_origins }, { name: 'Shop of Grace', description: 'by Grace', allowed_origins: origins });
}));

test('a Viewer reads, and cannot change anything', () => withColleague('Viewer', async (desk) => {
  const before = await stored();
  await desk.go(settings());
  await desk.page.getByText('You have the role Viewer').waitFor();
  assert.equal(await desk.field('Name').isEditable(), false);
  await desk.go('/applications/new');
  await desk.heading('Create an application').waitFor();
  assert.equal(await desk.button('Create application').isEnabled(), false);

  const document = await desk.must('GET', '/openapi.json');
  const changes = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item)
    .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
    .map((method) => ({ method: method.toUpperCase(), path })));
  assert.ok(changes.length > 150, `the document lists ${changes.length} changes`);
  const taken = await desk.page.evaluate(async ([changes, id]) => {
    const { csrf } = await (await fetch('/dashboard/session')).json();
    const taken = [];
    for (const { method, path } of changes) {
      const response = await fetch(`/dashboard/api/main${path.replace(/\{[^}]*\}/g, id)}`, {
        method, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: method === 'DELETE' ? undefined : '{}',
      });
      const { errorCode, message } = await response.json().catch(() => ({}));
      if (response.status !== 403 || errorCode !== 'insufficient_scope') taken.push(`${method} ${path}: ${response.status} ${errorCode} ${message}`);
    }
    return taken;
  }, [changes, client.client_id]);
  assert.deepEqual(taken, [], 'every change is forbidden to a Viewer');
  assert.deepEqual(await stored(), before);
}));

test('the end of the session in mid-edit loses nothing', () => withColleague('Admin', async (desk, email) => {
  await edit(desk, 'Shop after the session');
  await desk.context.clearCookies();
  await desk.button('Save').click();
  const told = desk.page.getByRole('dialog', { name: 'Your session has ended' });
  const [tab] = await Promise.all([desk.context.waitForEvent('page'), told.getByRole('link', { name: 'Sign in again' }).click()]);
  await fillLogin(tab, { username: email, password });
  await desk.toast('Saved');
  await told.waitFor({ state: 'hidden' });
  await holds(desk, 'Shop after the session');
  assert.equal((await stored()).name, 'Shop after the session');
}));

test('while the server is down the page stays usable, and saves when it is back', async () => {
  await edit(ada, 'Shop after the outage');
  await server.stop();
  try {
    await ada.button('Save').click();
    await ada.page.getByText('The server cannot be reached.').first().waitFor();
    await holds(ada, 'Shop after the outage');
    await ada.field('Description').fill('typed during the outage');
  } finally {
    await server.start();
  }
  await ada.save();
  const { name, description } = await stored();
  assert.deepEqual([name, description], ['Shop after the outage', 'typed during the outage']);
});

test('an API that answers 500 is told, and the next try succeeds', async () => {
  await edit(ada, 'Shop after the failure');
  const broken = `**/dashboard/api/main/clients/**`;
  await ada.page.route(broken, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"statusCode":500,"error":"Internal Server Error","message":"no"}' }));
  await ada.button('Save').click();
  await ada.page.getByText('The server failed to answer. Nothing you typed is lost').first().waitFor();
  await holds(ada, 'Shop after the failure');
  await ada.page.unroute(broken);
  await ada.save();
  assert.equal((await stored()).name, 'Shop after the failure');
});

test('a slow API is waited for, and asked once', async () => {
  await edit(ada, 'Shop after the wait');
  let asked = 0;
  let answer;
  const held = new Promise((done) => { answer = done; });
  const slow = `**/dashboard/api/main/clients/${client.client_id}`;
  await ada.page.route(slow, async (route) => {
    if (route.request().method() === 'PATCH') {
      asked++;
      await held;
    }
    await route.continue();
  });
  await ada.button('Save').click();
  await ada.page.locator('button[data-loading]').waitFor();
  await ada.field('Name').press('Enter');
  await holds(ada, 'Shop after the wait');
  answer();
  await ada.toast('Saved');
  await ada.page.unroute(slow);
  assert.equal(asked, 1);
  assert.equal((await stored()).name, 'Shop after the wait');
});

test('a list that cannot be read says so, and is read when asked again', async () => {
  const broken = '**/dashboard/api/main/clients?**';
  await ada.page.route(broken, (route) => route.fulfill({ status: 500, body: 'no' }));
  await ada.go('/applications');
  await ada.page.getByText('This could not be loaded').waitFor();
  await ada.page.unroute(broken);
  await ada.button('Try again').click();
  await ada.link('Shop after the wait').waitFor();
});
