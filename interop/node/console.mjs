// The Dashboard of a `proofkey serve` over TLS, and what administrators do there.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fillLogin } from './chromium.mjs';
import { config } from './config.mjs';
import { freePorts, watchProcess } from './server.mjs';

const binary = process.env.PROOFKEY_BIN;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PROOFKEY_'))); // to the server they are settings

// The steps of a journey: after one that failed, those that follow fail at once. Shown is what the person has on the screen.
export function steps(shown) {
  let failed;
  return (name, body) => test(name, async () => {
    assert.equal(failed, undefined, 'not tried, for what failed before it');
    try {
      await body();
    } catch (error) {
      failed = name;
      const page = shown()?.page;
      if (page) console.error(`${page.url()}\n${await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String)}`);
      throw error;
    }
  });
}

export const newPassword = () => `Quiet-${randomBytes(8).toString('hex')}-Lake7`;

// A tenant "main" at https://localhost:PORT/ and the Dashboard at https://127.0.0.1:PORT, in a folder of their own.
export async function makeServer() {
  const dir = mkdtempSync(join(tmpdir(), 'proofkey-console-'));
  const [port] = await freePorts(1);
  const file = join(dir, 'proofkey.yml');
  await promisify(execFile)(binary, ['config', 'init', '--config', join(dir, 'for-the-key.yml')], { env });
  writeFileSync(file, `
listen: {http: "", https: "127.0.0.1:${port}"}
tls: {cert_file: "${config.app.cert}", key_file: "${config.app.key}"}
master_key_file: master.key
dashboard: {domain: "https://127.0.0.1:${port}"}
tenants: [{name: main, database: main.db, domains: ["https://localhost:${port}"]}]
hash: {memory: 7MiB, iterations: 1}
`);
  const issuer = `https://localhost:${port}/`;
  let running;
  const start = async () => {
    running = watchProcess(spawn(binary, ['serve', '--config', file], { env, stdio: ['ignore', 'pipe', 'pipe'] }), 'proofkey serve');
    await running.until((_, stderr) => stderr.includes('"msg":"serving"'));
  };
  await start();
  return {
    dir,
    issuer,
    origin: `https://127.0.0.1:${port}`,
    start,
    stop: () => running.stop(),
    bootstrapLink: () => running.until((stdout) => stdout.match(/https:\S+/)?.[0]),
    log: () => running.log(),
    proofkey: async (...args) => (await promisify(execFile)(binary, [...args, '--config', file], { env, maxBuffer: 16 << 20 })).stdout,
    async close() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// An administrator's browser with one tab of the Dashboard. What a page throws, or its content policy refuses, fails close().
export class Desk {
  static async open(browser, server, options = {}) {
    const desk = new Desk();
    desk.server = server;
    desk.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en', ...options });
    desk.complaints = [];
    desk.context.on('page', (page) => {
      page.on('pageerror', (error) => desk.complaints.push(`${page.url()}: ${error.message}`));
      page.on('console', (message) => {
        if (/Content.Security.Policy|Minified React error|Warning:/.test(message.text())) desk.complaints.push(`${page.url()}: ${message.text()}`);
      });
    });
    return desk.beside();
  }

  // Another tab of the same browser.
  async beside() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(20_000);
    return Object.assign(Object.create(Desk.prototype), this, { page });
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }

  async firstAdministrator(link, email, password) {
    await this.page.goto(link);
    await fillLogin(this.page, { username: email, password });
    await this.page.waitForURL(`${this.server.origin}/t/main**`);
    return this;
  }

  async signIn(email, password) {
    await this.page.goto(`${this.server.origin}/`);
    await this.page.waitForURL('**/u/login?**');
    await fillLogin(this.page, { username: email, password });
    await this.page.waitForURL(`${this.server.origin}/t/main**`);
    return this;
  }

  go(path) { return this.page.goto(`${this.server.origin}/t/main${path}`); }

  // By role, not by label: the star of a required field is part of its label, though not of its name.
  field(name) { return this.page.getByRole('textbox', { name, exact: true }); }
  toggle(name) { return this.page.getByRole('switch', { name }); }
  button(name) { return this.page.getByRole('button', { name, exact: true }); }
  link(name) { return this.page.getByRole('link', { name, exact: true }); }
  area(name) { return this.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true }); }
  tab(name) { return this.page.getByRole('main').getByRole('navigation').getByRole('link', { name, exact: true }); }
  heading(name) { return this.page.getByRole('heading', { name }); }

  async toast(text) {
    await this.page.locator('.mantine-Notification-root').filter({ hasText: text }).first().waitFor();
  }

  async save() {
    await this.button('Save').click();
    await this.toast('Saved');
  }

  // Asks the Management API as the page does, with the page's cookie. Tenant "system" is the administrators' own.
  api(method, path, body, tenant = 'main', headers = {}) {
    return this.page.evaluate(async ([method, path, body, tenant, headers]) => {
      const { csrf } = await (await fetch('/dashboard/session')).json();
      const response = await fetch(`/dashboard/api/${tenant}${path}`, {
        method, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      return { status: response.status, etag: response.headers.get('ETag'), body: text && JSON.parse(text) };
    }, [method, path, body, tenant, headers]);
  }

  async must(method, path, body, tenant) {
    const answer = await this.api(method, path, body, tenant);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  // Makes another administrator, who has a password already.
  async colleague(email, role, password) {
    const made = await this.must('POST', '/users', { connection: 'Username-Password-Authentication', email, password, email_verified: true }, 'system');
    const { roles } = await this.must('GET', '/roles?include_totals=true', undefined, 'system');
    await this.must('POST', `/users/${encodeURIComponent(made.user_id)}/roles`, { roles: [roles.find(({ name }) => name === role).id] }, 'system');
    return made.user_id;
  }
}
