// Photographs the gallery: every page on a phone and on a desk, light and dark, and reports what a picture does not show
// (sideways scrolling, small targets, refused resources).
//
//   PROOFKEY_GALLERY=/tmp/gallery go test -count=1 -run TestGallery ./login
//   node shoot.mjs /tmp/gallery /tmp/shots [locale,... | all] [page,...]     (SHOTS - takes no pictures, only looks)
import { createServer } from 'node:http';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [gallery, shots, wantedLocales = 'en', wantedPages] = process.argv.slice(2);
if (!gallery || !shots) {
  console.error('usage: node shoot.mjs GALLERY SHOTS [locale,... | all] [page,...]');
  process.exit(2);
}
const policy = "default-src 'none'; style-src 'self' 'nonce-bm9uY2U'; img-src 'self' https: data:; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const types = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };
const assets = path.join(import.meta.dirname, '..', 'assets');

const server = createServer(async (request, response) => {
  const name = path.basename(new URL(request.url, 'http://gallery').pathname);
  const [, asset] = request.url.match(/^\/u\/assets\/(.+)$/) ?? [];
  const file = asset ? path.join(assets, name.replace(/\.[0-9a-f]{12}(\.\w+)$/, '$1')) : path.join(gallery, request.url);
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'Content-Type': types[path.extname(file)], 'Content-Security-Policy': policy });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } };
const locales = wantedLocales === 'all' ? (await readdir(gallery)).sort() : wantedLocales.split(',');
const selfSending = new Set(['form-post', 'web-message']); // their inline script has a nonce that this server does not send
let seen = 0;
const complaints = [];

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    let where = '';
    page.on('console', (m) => { if (m.type() === 'error') complaints.push(`${where}: ${m.text()}`); });
    page.on('pageerror', (e) => complaints.push(`${where}: ${e.message}`));
    for (const locale of locales) {
      if (shots !== '-') await mkdir(path.join(shots, locale), { recursive: true });
      for (const file of (await readdir(path.join(gallery, locale))).sort()) {
        const name = path.basename(file, '.html');
        if (selfSending.has(name) || (wantedPages && !wantedPages.split(',').includes(name))) continue;
        where = `${locale}/${name} ${size} ${colorScheme}`;
        await page.goto(`${base}/${locale}/${file}`);
        for (const finding of await page.evaluate(survey)) complaints.push(`${where}: ${finding}`);
        seen++;
        if (shots !== '-') await photograph(page, path.join(shots, locale, `${name}.${size}.${colorScheme}.png`));
      }
    }
    await context.close();
  }
}
await browser.close();
server.close();
for (const c of complaints) console.log(c);
console.log(`${seen} views, ${complaints.length} complaints`);
process.exit(complaints.length ? 1 : 0);

// photograph tries again: a busy machine sometimes gives Chromium no frame in time.
async function photograph(page, file) {
  for (let tries = 1; ; tries++) {
    try {
      return await page.screenshot({ path: file, fullPage: true });
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

// survey runs in the page.
function survey() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth}px`);
  for (const e of document.querySelectorAll('main *')) {
    const box = e.getBoundingClientRect();
    const edge = document.querySelector('main').getBoundingClientRect();
    if (box.width && !e.closest('.unseen') && (box.right > edge.right + 1 || box.left < edge.left - 1)) found.push(`${e.tagName}.${e.className} sticks out`);
    if (e.matches('button, input:not([type=hidden]), a.button, .aside a') && box.width && box.height < 44) found.push(`${e.tagName}#${e.id}.${e.className} is ${box.height}px high`);
    if (e.matches('input:not([type=hidden])') && parseFloat(getComputedStyle(e).fontSize) < 16) found.push(`#${e.id} makes iOS zoom`);
  }
  return found;
}
