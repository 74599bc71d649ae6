// auth0-deploy-cli, as it is: it exports a fresh tenant in both of its forms, and what it exports of a full tenant and imports
// into another one it exports there again, file for file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { config } from '../config.mjs';
import { startServer } from '../server.mjs';
import { domainOf, fillTenant, managementOf } from '../tenant.mjs';

const tool = join(dirname(fileURLToPath(import.meta.url)), '../../deploy-cli/node_modules/auth0-deploy-cli/lib/index.js');
const limit = 120_000;

let dir;
let first;
let second;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'deploy-cli-'));
  [first, second] = await Promise.all([1, 2].map(() => startServer({ env: config.serverEnv })));
});
after(async () => {
  await Promise.all([first, second].map((server) => server?.stop()));
  rmSync(dir, { recursive: true, force: true });
});

// What the tool would do with a terminal or a variable of ours must not matter: it gets its configuration in a file.
function run(server, args, mappings = {}) {
  const file = join(mkdtempSync(join(dir, 'config-')), 'config.json');
  writeFileSync(file, JSON.stringify({
    AUTH0_DOMAIN: domainOf(server.dev), AUTH0_CLIENT_ID: server.dev.m2m.client_id, AUTH0_CLIENT_SECRET: server.dev.m2m.client_secret,
    AUTH0_KEYWORD_REPLACE_MAPPINGS: mappings,
  }));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, ...args, '--config_file', file], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], timeout: limit });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`deploy-cli ${args.join(' ')} ended with ${signal ?? code}:\n${output.slice(-8000)}`));
    });
  });
}

// The files of an export by their names.
async function exported(server, format, name) {
  const folder = join(dir, name);
  await run(server, ['export', '--format', format, '--output_folder', folder]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map((entry) => join(entry.parentPath, entry.name)).sort().map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

// Both forms of a tenant at once: the tool waits most of the time, because it asks eight times a second.
const bothForms = (server, name) => Promise.all(['directory', 'yaml'].map((format) => exported(server, format, `${name}-${format}`)));

// The tool writes ##NAME## where it must not know a secret, and wants one for each to import it.
function secretsFor(files) {
  const names = new Set([...files.values()].flatMap((text) => text.match(/(?<=##)\w+(?=##)/g) ?? []));
  return Object.fromEntries([...names].map((name) => [name, `the value of ${name}`]));
}

// The one thing that must differ: the tool exports when a custom domain was made.
const timeless = (text) => text.replace(/(created_at"?: ["'])[\d-]+T[\d:.]+Z/g, '$1the time');

function assertSame(got, want, what) {
  assert.deepEqual([...got.keys()], [...want.keys()], `${what}: other files`);
  for (const [name, text] of want) {
    const [is, was] = [got.get(name), text].map((t) => timeless(t).split('\n'));
    const at = was.findIndex((line, i) => line !== is[i]);
    // Whole files would hide the one line that matters.
    assert.deepEqual(is.slice(at - 3, at + 4), was.slice(at - 3, at + 4), `${what}: ${name} from line ${at + 1} on`);
    assert.equal(is.length, was.length, `${what}: ${name} has another length`);
  }
}

test('a fresh tenant is exported as directories and as YAML', async () => {
  const [directories, yaml] = await bothForms(first, 'fresh');
  for (const name of ['tenant.json', 'clients/Dev Native App.json', 'resource-servers/Dev API.json',
    'database-connections/Username-Password-Authentication/database.json']) {
    assert.ok(directories.has(name), `${name} is missing in ${[...directories.keys()].join(', ')}`);
  }
  assert.match(yaml.get('tenant.yaml'), /^clients:\n {2}- name: Dev Machine to Machine$/m);
});

test('a full tenant is the same after an export, an import into another tenant and an export there', async () => {
  await fillTenant(managementOf(first.dev));
  const [directories, yaml] = await bothForms(first, 'full');
  for (const name of ['clients/Northwind for phones.json', 'grants/Northwind nightly export-Orders.json', 'roles/Clerk.json', 'connections/partner.json',
    'organizations/contoso.json', 'actions/Greet the buyer/code.js', 'action-modules/northwind-helper.json', 'triggers/triggers.json',
    'emails/verify_email.html', 'emails/provider.json', 'themes/theme.json', 'prompts/partials/login/login/form-content-start.liquid',
    'log-streams/To the archive.json', 'attack-protection/captcha.json', 'guardian/factors/otp.json', 'custom-domains/custom-domains.json',
    'branding/templates/universal_login.html']) {
    assert.ok(directories.has(name), `${name} is missing in ${[...directories.keys()].join(', ')}`);
  }
  for (const [name, text] of directories) assert.doesNotMatch(text, /-secret\b|a secret greeting/, `${name} has a secret`);
  await run(second, ['import', '--input_file', join(dir, 'full-directory')], secretsFor(directories));
  const [again, yamlAgain] = await bothForms(second, 'again');
  assertSame(again, directories, 'the second tenant');
  assertSame(yamlAgain, yaml, 'the second tenant as YAML');
});
