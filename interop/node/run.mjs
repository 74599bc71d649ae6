// One command for every foreign client: makes the trust that a browser and the runtimes need, starts one server with the
// Single Page switch on, and hands both suites a file that says where everything is (PROOFKEY_INTEROP).
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, startServer } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const systemBundle = '/etc/ssl/certs/ca-certificates.crt';
const appLink = 'https://app.example.com/callback';

function run(command, args, options) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

// A certificate for the applications of the tests (the server brings its own): an authority and a leaf for this machine.
function makeAppCertificate(dir) {
  const file = (name) => join(dir, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=Interop applications', '-keyout', file('ca.key'), '-out', file('apps-ca.pem')]);
  run('openssl', ['req', ...key, '-subj', '/CN=localhost', '-keyout', file('app.key'), '-out', file('app.csr')]);
  writeFileSync(file('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  run('openssl', ['x509', '-req', '-in', file('app.csr'), '-CA', file('apps-ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-days', '2', '-extfile', file('san'), '-out', file('app.pem')]);
  return { ca: file('apps-ca.pem'), key: file('app.key'), cert: file('app.pem') };
}

// Chromium reads trust from the NSS database under HOME, so it gets a HOME of its own.
function makeBrowserHome(dir, authorities) {
  const home = join(dir, 'browser-home');
  const db = `sql:${join(home, '.pki/nssdb')}`;
  mkdirSync(join(home, '.pki/nssdb'), { recursive: true });
  run('certutil', ['-d', db, '-N', '--empty-password']);
  for (const [name, pem] of Object.entries(authorities)) run('certutil', ['-d', db, '-A', '-t', 'C,,', '-n', name, '-i', pem]);
  return home;
}

function makeBundle(dir, authorities) {
  const bundle = join(dir, 'bundle.pem');
  const sources = [process.env.SSL_CERT_FILE || systemBundle, ...Object.values(authorities)].filter((source) => source !== systemBundle || existsSync(source));
  writeFileSync(bundle, sources.map((source) => readFileSync(source, 'utf8')).join('\n'));
  return bundle;
}

function suite(name, command, args, options) {
  const begun = Date.now();
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.once('error', (error) => done({ name, code: `could not start: ${error.message}` }));
    child.once('exit', (code, signal) => done({ name, code: signal ?? code, seconds: ((Date.now() - begun) / 1000).toFixed(1) }));
  });
}

async function runSuites(env) {
  const files = readdirSync(join(here, 'test')).filter((file) => file.endsWith('.test.mjs')).sort().map((file) => join('test', file));
  const chosen = process.argv.slice(2).length ? files.filter((file) => process.argv.slice(2).some((word) => file.includes(word))) : files;
  const results = [];
  if (chosen.length) {
    results.push(await suite('node', process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...chosen], { cwd: here, env }));
  }
  if (!process.argv[2] || process.argv.includes('go')) {
    results.push(await suite('go', 'go', ['test', '-count=1', '-v', './...'], { cwd: join(here, '../go'), env }));
  }
  return results;
}

async function main(dir) {
  const [spaHTTP, spaHTTPS, webHTTP, webHTTPS] = await freePorts(4);
  const origins = [`http://localhost:${spaHTTP}`, `http://127.0.0.1:${spaHTTP}`, `https://localhost:${spaHTTPS}`, `https://127.0.0.1:${spaHTTPS}`];
  // The origin beside each callback makes it a logout URL too, whichever of the two the server derives.
  const webs = [`http://localhost:${webHTTP}`, `https://localhost:${webHTTPS}`].flatMap((origin) => [`${origin}/callback`, origin]);
  const args = ['--spa-pkce', ...origins.flatMap((url) => ['--spa-callback', url]), ...[...webs, appLink].flatMap((url) => ['--web-callback', url])];
  const serverEnv = { HOME: dir, XDG_CONFIG_HOME: join(dir, 'config') }; // its authority is made here, not in the person's own folder
  const server = await startServer({ args, env: serverEnv });
  process.once('SIGTERM', () => server.stop().finally(() => process.exit(143)));
  let results = [];
  try {
    const app = makeAppCertificate(dir);
    const authorities = { proofkey: server.dev.ca_file, applications: app.ca };
    const home = makeBrowserHome(dir, authorities);
    const config = { dev: server.dev, serverEnv, ports: { spaHTTP, spaHTTPS, webHTTP, webHTTPS }, app, appLink, home };
    writeFileSync(join(dir, 'interop.json'), JSON.stringify(config));
    const bundle = makeBundle(dir, authorities);
    results = await runSuites({
      ...process.env, PROOFKEY_INTEROP: join(dir, 'interop.json'), NODE_EXTRA_CA_CERTS: bundle, SSL_CERT_FILE: bundle, NODE_OPTIONS: '', TMPDIR: dir,
    });
  } finally {
    await server.stop();
    if (results.some(({ code }) => code !== 0)) process.stderr.write(`\nthe end of the server's log:\n${server.log()}\n`);
  }
  for (const { name, code, seconds } of results) console.log(`interop ${name}: ${code === 0 ? 'ok' : `FAILED (${code})`} ${seconds ?? ''}s`);
  if (!results.length) throw new Error('no suite ran: no test file matches the words given');
  process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;
}

const dir = mkdtempSync(join(tmpdir(), 'proofkey-interop-'));
try {
  await main(dir);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
