// A team leaves: what auth0-deploy-cli exports of a full tenant, `proofkey import auth0` brings into another one under the same
// ids, and with the same secrets; what the tool exports there is the same, file for file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { config } from '../config.mjs';
import { assertSame, deployer, secretsFor } from '../deploy.mjs';
import { startServer } from '../server.mjs';
import { fillTenant, managementOf } from '../tenant.mjs';

// With these the tool exports ids and what secrets it can read, as docs/migrate-from-auth0.md says.
const whole = { AUTH0_EXPORT_IDENTIFIERS: true, AUTH0_EXPORT_SECRETS: true, INCLUDED_PROPS: { clients: ['client_secret'] } };

let dir;
let data;
let former;
let here;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'import-'));
  data = join(dir, 'data');
  cpSync(join(config.serverEnv.XDG_CONFIG_HOME, 'proofkey'), data, { recursive: true }); // the authority that this process trusts
  [former, here] = await Promise.all([[], ['--data', data]].map((args) => startServer({ args: ['--spa-pkce', ...args], env: config.serverEnv })));
});
after(async () => {
  await Promise.all([former, here].map((server) => server?.stop()));
  rmSync(dir, { recursive: true, force: true });
});

async function proofkey(...args) {
  const { stdout } = await promisify(execFile)(process.env.PROOFKEY_BIN, [...args, '--data', data, '--json'], { maxBuffer: 16 << 20 });
  return JSON.parse(stdout);
}

test('an export of deploy-cli is taken over with its ids and secrets, and leaves as it came', async () => {
  await fillTenant(managementOf(former.dev));
  const { bothForms, exported } = deployer(dir, whole);
  const [directories] = await bothForms(former, 'left');

  // A fresh tenant has neither the API that `proofkey dev` makes, nor a user, without whom its database takes the id of the export.
  const api = (await proofkey('admin', 'api', 'list')).find(({ name }) => name === 'Dev API');
  await proofkey('admin', 'api', 'delete', api.identifier);
  await proofkey('admin', 'user', 'delete', here.dev.user.email);

  const mapping = join(dir, 'mapping.json');
  writeFileSync(mapping, JSON.stringify(secretsFor(directories)));
  const bring = (form, ...more) => proofkey('import', 'auth0', join(dir, form), '--mapping', mapping, ...more);
  const kept = (report) => report.entries.map(({ action, kind, name, id, fields }) => ({ action, kind, name, id, fields }));
  const dry = await bring('left-yaml/tenant.yaml');
  const done = await bring('left-yaml/tenant.yaml', '--apply');
  assert.deepEqual([dry.applied, done.applied], [false, true]);
  assert.deepEqual(kept(done), kept(dry), 'the dry run said something else');
  assert.deepEqual(done.secrets, [], 'applications whose secret was not kept');
  const again = await bring('left-directory');
  assert.deepEqual(kept(again).filter(({ action }) => action !== 'leave'), [], 'the other form of the export says something else');

  const moved = await exported(here, 'directory', 'here-directory');
  const place = (text) => text.replaceAll(new URL(former.dev.https_issuer).host, 'HTTPS').replaceAll(new URL(former.dev.issuer).host, 'HTTP')
    .replaceAll(new URL(here.dev.https_issuer).host, 'HTTPS').replaceAll(new URL(here.dev.issuer).host, 'HTTP');
  const placed = (files) => new Map([...files].map(([name, text]) => [name, place(text)]));
  assertSame(placed(moved), placed(directories), 'the tenant that was taken over');
});
