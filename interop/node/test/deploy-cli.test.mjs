// auth0-deploy-cli, as it is: it exports a fresh tenant in both of its forms, and what it exports of a full tenant and imports
// into another one it exports there again, file for file.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { config } from '../config.mjs';
import { assertSame, deployer, secretsFor } from '../deploy.mjs';
import { startServer } from '../server.mjs';
import { fillTenant, managementOf } from '../tenant.mjs';

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

test('a fresh tenant is exported as directories and as YAML', async () => {
  const [directories, yaml] = await deployer(dir).bothForms(first, 'fresh');
  for (const name of ['tenant.json', 'clients/Dev Native App.json', 'resource-servers/Dev API.json',
    'database-connections/Username-Password-Authentication/database.json']) {
    assert.ok(directories.has(name), `${name} is missing in ${[...directories.keys()].join(', ')}`);
  }
  assert.match(yaml.get('tenant.yaml'), /^clients:\n {2}- name: Dev Machine to Machine$/m);
});

test('a full tenant is the same after an export, an import into another tenant and an export there', async () => {
  await fillTenant(managementOf(first.dev));
  const { bothForms, run } = deployer(dir);
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
