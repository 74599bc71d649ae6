// Starts the server under test and stops exactly that process. `proofkey dev --json` prints one line when it answers;
// anything more on stdout breaks programs that read it, so stop() reports it as a failure.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const startLimit = 20_000;
const stopLimit = 10_000;

// What a server writes, and its end, which is that of exactly this process. The end of its log is enough to tell why it failed.
export function watchProcess(child, name) {
  let stdout = '';
  let stderr = '';
  let gone;
  let look = () => {};
  child.stdout.on('data', (chunk) => { stdout += chunk; look(); });
  child.stderr.on('data', (chunk) => { stderr = (stderr + chunk).slice(-16_384); look(); });
  const exited = new Promise((done) => {
    child.once('error', (error) => { gone = error.message; look(); done(); });
    child.once('exit', (code, signal) => { gone = signal ?? code; look(); done(true); });
  });

  // Waits for what a look at the output finds.
  async function until(find) {
    const found = new Promise((resolve, reject) => {
      look = () => {
        const what = find(stdout, stderr);
        if (what) resolve(what);
        else if (gone !== undefined) reject(new Error(`${name} ended (${gone}) before it answered:\n${stderr}`));
      };
      look();
    });
    const what = await within(startLimit, found, () => child.kill('SIGKILL'));
    look = () => {};
    if (!what) throw new Error(`${name} did not answer within ${startLimit} ms:\n${stderr}`);
    return what;
  }

  async function stop() {
    child.kill('SIGTERM');
    if (!await within(stopLimit, exited, () => child.kill('SIGKILL'))) throw new Error(`the server did not stop within ${stopLimit} ms of SIGTERM:\n${stderr}`);
  }
  return { until, stop, stdout: () => stdout, log: () => stderr };
}

export async function startServer({ binary = process.env.PROOFKEY_BIN, args = [], env = {} } = {}) {
  if (!binary) throw new Error('PROOFKEY_BIN is not set: it names the proofkey binary to test');
  const flags = ['dev', '--http', '127.0.0.1:0', '--https', '127.0.0.1:0', '--json', '--verbose', ...args];
  const child = spawn(binary, flags, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = watchProcess(child, `${binary} ${flags.join(' ')}`);
  const line = await server.until((stdout) => stdout.includes('\n') && stdout.slice(0, stdout.indexOf('\n')));

  async function stop() {
    await server.stop();
    const lines = server.stdout().split('\n').filter(Boolean).length;
    if (lines !== 1) throw new Error(`stdout holds ${lines} lines, want exactly one:\n${server.stdout()}`);
  }
  return { dev: JSON.parse(line), stop, log: server.log };
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
