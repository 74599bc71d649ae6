// auth0-deploy-cli as it is, run on a server of ours.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { domainOf } from './tenant.mjs';

const tool = join(dirname(fileURLToPath(import.meta.url)), '../deploy-cli/node_modules/auth0-deploy-cli/lib/index.js');
const limit = 120_000;

// deployer runs the tool in a folder, with more of its configuration. What it would do with a terminal or a variable of ours must
// not matter: it gets its configuration in a file.
export function deployer(dir, more = {}) {
  function run(server, args, mappings = {}) {
    const file = join(mkdtempSync(join(dir, 'config-')), 'config.json');
    writeFileSync(file, JSON.stringify({
      AUTH0_DOMAIN: domainOf(server.dev), AUTH0_CLIENT_ID: server.dev.m2m.client_id, AUTH0_CLIENT_SECRET: server.dev.m2m.client_secret,
      AUTH0_KEYWORD_REPLACE_MAPPINGS: mappings, ...more,
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
  return { run, exported, bothForms };
}

// The tool writes ##NAME## where it must not know a secret, and wants one for each to import it.
export function secretsFor(files) {
  const names = new Set([...files.values()].flatMap((text) => text.match(/(?<=##)\w+(?=##)/g) ?? []));
  return Object.fromEntries([...names].map((name) => [name, `the value of ${name}`]));
}

// The one thing that must differ: the tool exports when a custom domain was made.
const timeless = (text) => text.replace(/(created_at"?: ["'])[\d-]+T[\d:.]+Z/g, '$1the time');

// Two exports are the same, file for file. Whole files would hide the one line that matters.
export function assertSame(got, want, what) {
  assert.deepEqual([...got.keys()], [...want.keys()], `${what}: other files`);
  for (const [name, text] of want) {
    const [is, was] = [got.get(name), text].map((t) => timeless(t).split('\n'));
    const at = was.findIndex((line, i) => line !== is[i]);
    if (at >= 0) assert.deepEqual(is.slice(Math.max(0, at - 3), at + 4), was.slice(Math.max(0, at - 3), at + 4), `${what}: ${name} from line ${at + 1} on`);
    assert.equal(is.length, was.length, `${what}: ${name} has another length`);
  }
}
