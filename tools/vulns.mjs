#!/usr/bin/env node
// vulns.mjs: asks govulncheck which published vulnerabilities the code calls. One in a module fails; one in Go's own library is
// said, because it goes with the Go that builds, not with a line of go.mod. The database is vuln.go.dev, or where that cannot be
// reached its copy on the Go module proxy; without either this says so and nothing fails.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const go = (...args) => spawnSync('go', args, { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600_000 });
const scan = (...db) => go('tool', 'govulncheck', ...db, '-format', 'json', './...');

// index writes the database (https://go.dev/doc/security/vuln/database) of a directory of OSV entries.
function index(from, to) {
  rmSync(to, { recursive: true, force: true });
  for (const dir of ['index', 'ID']) mkdirSync(join(to, dir), { recursive: true });
  const modules = new Map();
  const vulns = [];
  for (const file of readdirSync(from).filter((name) => name.endsWith('.json'))) {
    const text = readFileSync(join(from, file), 'utf8');
    const entry = JSON.parse(text);
    writeFileSync(join(to, 'ID', file), text);
    vulns.push({ id: entry.id, modified: entry.modified, aliases: entry.aliases });
    for (const affected of entry.affected) {
      const path = affected.package.name;
      const fixed = affected.ranges?.flatMap((range) => range.events).findLast((event) => event.fixed)?.fixed;
      if (!modules.has(path)) modules.set(path, []);
      modules.get(path).push({ id: entry.id, modified: entry.modified, fixed });
    }
  }
  const modified = vulns.map((v) => v.modified).sort().at(-1);
  const lists = { db: { modified }, vulns, modules: [...modules].sort().map(([path, found]) => ({ path, vulns: found })) };
  for (const [name, list] of Object.entries(lists)) writeFileSync(join(to, 'index', `${name}.json`), JSON.stringify(list));
}

let answer = scan();
let from = 'vuln.go.dev';
if (/fetching vulnerabilities/.test(answer.stderr)) {
  const copy = go('mod', 'download', '-json', 'golang.org/x/vulndb@latest');
  if (copy.status !== 0) {
    console.log('vulns: neither vuln.go.dev nor golang.org/x/vulndb can be reached: nothing was checked.');
    process.exit(0);
  }
  const { Dir, Version } = JSON.parse(copy.stdout);
  from = `golang.org/x/vulndb ${Version}`;
  const database = join(process.cwd(), 'build', 'vulndb');
  index(join(Dir, 'data', 'osv'), database);
  answer = scan('-db', `file://${database}`);
}
if (answer.status !== 0) {
  console.error(`vulns: govulncheck failed: ${answer.stderr || answer.error}`);
  process.exit(1);
}

// One JSON value after another; a finding whose first frame has a function is of code that is called.
const summaries = new Map();
const called = new Map();
for (const text of answer.stdout.split(/^(?<=\n)(?=\{\n)/m).filter(Boolean)) {
  const { osv, finding } = JSON.parse(text);
  if (osv) summaries.set(osv.id, osv.summary);
  if (finding?.trace[0].function) called.set(finding.osv, finding);
}
let bad = 0;
for (const [id, { fixed_version: fixed, trace }] of called) {
  const { module, version } = trace[0];
  if (module !== 'stdlib') bad++;
  console.log(`vulns: ${id} in ${module === 'stdlib' ? 'Go' : module} ${version}, mended in ${fixed ?? 'no version yet'}: ${summaries.get(id)}`);
}
console.log(`vulns: ${called.size} vulnerabilities are called, ${bad} of them in modules; by ${from}`);
process.exit(bad > 0 ? 1 : 0);
