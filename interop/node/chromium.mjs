// Debian's Chromium under playwright: a fresh profile each time, its own HOME (whose NSS database trusts the two local
// authorities), no flag that weakens TLS, and no traffic of its own.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { config } from './config.mjs';

const launch = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  env: { ...process.env, HOME: config.home },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};

export function launchChromium() {
  return chromium.launch(launch);
}

// The only way to let third-party cookies through in headless Chromium is a profile that says so.
export function launchWithThirdPartyCookies() {
  const profile = mkdtempSync(join(tmpdir(), 'proofkey-profile-'));
  mkdirSync(join(profile, 'Default'), { recursive: true });
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }));
  return chromium.launchPersistentContext(profile, launch);
}

// Every redirect that leaves the server, as the browser's network layer saw it: custom schemes never become a page.
export async function watchRedirects(page) {
  const cdp = await page.context().newCDPSession(page);
  const seen = [];
  let wake = () => {};
  await cdp.send('Network.enable');
  cdp.on('Network.responseReceivedExtraInfo', ({ headers, statusCode }) => {
    const name = Object.keys(headers).find((key) => key.toLowerCase() === 'location');
    if (!name) return;
    seen.push({ location: headers[name], status: statusCode });
    wake();
  });
  async function to(prefix, ms = 10_000) {
    const limit = Date.now() + ms;
    for (;;) {
      const hit = seen.find(({ location }) => location.startsWith(prefix));
      if (hit) return hit;
      if (Date.now() > limit) throw new Error(`no redirect to ${prefix} within ${ms} ms; seen: ${JSON.stringify(seen)}; page: ${page.url()}`);
      await new Promise((done) => { wake = done; setTimeout(done, 100); });
    }
  }
  return { to, seen };
}

// A new tab of the same browser in place of the old one, as each sign-in of a native application opens its own. The tab that just
// left for a custom scheme keeps Chromium's question "open this application?" in front of it, which swallows clicks.
export async function nextTab(page) {
  const fresh = await page.context().newPage();
  await page.close();
  return { page: fresh, redirects: await watchRedirects(fresh) };
}

export const buttons = {
  submit: 'button[name="action"][value="default"]',
  accept: 'button[name="action"][value="accept"]',
  deny: 'button[name="action"][value="deny"]',
};

export async function fillLogin(page, { username, password }) {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.click(buttons.submit);
}
