import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';

// `proofkey login` in a terminal: what was printed so far, and an exit that is always awaited.
export class Terminal {
  constructor(issuer, ...flags) {
    const args = ['login', '--no-browser', '--issuer', issuer, '--timeout', '30s', ...flags];
    const { SSL_CERT_FILE, ...env } = process.env; // only --ca-file may make the server trusted
    this.child = spawn(process.env.PROOFKEY_BIN, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.stdout = '';
    this.stderr = '';
    this.child.stdout.on('data', (chunk) => { this.stdout += chunk; });
    this.child.stderr.on('data', (chunk) => { this.stderr += chunk; });
    this.ended = new Promise((done) => this.child.once('close', done));
  }

  // The URL to open is printed where the steps are: on stderr with --json.
  async url() {
    for (const limit = Date.now() + 10_000; Date.now() < limit; await new Promise((done) => setTimeout(done, 20))) {
      const found = (this.stdout + this.stderr).match(/^ +(https?:\/\/\S+\/authorize\?\S+)\n/m);
      if (found) return found[1];
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`no URL was printed:\n${this.stdout}${this.stderr}`);
  }

  async exit(code) {
    assert.equal(await this.ended, code, this.stdout + this.stderr);
  }
}
