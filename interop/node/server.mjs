// Starts the server under test and stops exactly that process. `proofkey dev --json` prints one line when it answers;
// anything more on stdout breaks programs that read it, so stop() reports it as a failure.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const startLimit = 20_000;
const stopLimit = 10_000;

export async function startServer({ binary = process.env.PROOFKEY_BIN, args = [], env = {} } = {}) {
  if (!binary) throw new Error('PROOFKEY_BIN is not set: it names the proofkey binary to test');
  const flags = ['dev', '--http', '127.0.0.1:0', '--https', '127.0.0.1:0', '--json', '--verbose', ...args];
  const child = spawn(binary, flags, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => { stderr = (stderr + chunk).slice(-16_384); });
  const firstLine = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
  });
  const early = exited.then(({ code, signal }) => {
    throw new Error(`${binary} ${flags.join(' ')} ended (${signal ?? code}) before it answered:\n${stderr}`);
  });
  early.catch(() => {});

  async function stop() {
    child.kill('SIGTERM');
    const end = await within(stopLimit, exited, () => child.kill('SIGKILL'));
    if (!end) throw new Error(`the server did not stop within ${stopLimit} ms of SIGTERM:\n${stderr}`);
    const lines = stdout.split('\n').filter(Boolean).length;
    if (lines !== 1) throw new Error(`stdout holds ${lines} lines, want exactly one:\n${stdout}`);
  }

  const line = await within(startLimit, Promise.race([firstLine, early]), () => child.kill('SIGKILL'));
  if (!line) throw new Error(`${binary} did not answer within ${startLimit} ms:\n${stderr}`);
  return { dev: JSON.parse(line), stop, log: () => stderr };
}

// Ports that other programs must know before they listen lie below the range from which the kernel picks its own.
export async function freePorts(count) {
  const found = new Set();
  while (found.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, () => probe.close(() => done(true)));
  });
}

async function within(ms, promise, late) {
  let timer;
  const timeout = new Promise((done) => { timer = setTimeout(() => { late(); done(undefined); }, ms); });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
