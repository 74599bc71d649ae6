// A browser made of fetch: a cookie jar, redirects followed by hand, forms filled by their field names. It stops at the first
// redirect that leaves the server, which is what the application would receive. Custom schemes therefore need no handler.

const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return named[name] ?? whole;
  });
}

function attributes(tag) {
  const found = {};
  for (const [, name, quoted, single, bare] of tag.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)) {
    found[name.toLowerCase()] = decode(quoted ?? single ?? bare ?? '');
  }
  return found;
}

export function parseForms(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const { action = '', method = 'get' } = attributes(head);
    const inputs = [...body.matchAll(/<input\b([^>]*)>/gi)].map(([, tag]) => attributes(tag));
    const buttons = [...body.matchAll(/<button\b([^>]*)>/gi)].map(([, tag]) => attributes(tag));
    const hidden = Object.fromEntries(inputs.filter(({ type, name }) => name && type === 'hidden').map(({ name, value = '' }) => [name, value]));
    return { action, method: method.toLowerCase(), inputs, buttons, hidden };
  });
}

export class Walker {
  #cookies = new Map(); // host -> name -> { value, secure }

  // Follows redirects on the origin of url; answers { page }, or { location } when a redirect leaves that origin or goes to the
  // callback, which may lie on it.
  async open(url, init = {}, callback = undefined) {
    let target = new URL(url);
    let request = init;
    for (let hop = 0; hop < 12; hop += 1) {
      const response = await this.fetch(target, request);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !location) {
        return { page: { url: target, status: response.status, headers: response.headers, html: await response.text() } };
      }
      await response.arrayBuffer();
      const next = absolute(location, target);
      if (!next || next.origin !== target.origin || (callback && location.startsWith(callback))) return { location, status: response.status };
      target = next;
      request = {};
    }
    throw new Error(`more than 12 redirects from ${url}`);
  }

  async fetch(target, init = {}) {
    const url = new URL(target);
    const headers = new Headers(init.headers);
    const cookie = this.#header(url);
    if (cookie) headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    this.#store(url, response.headers.getSetCookie());
    return response;
  }

  submit(page, values, callback = undefined) {
    const form = parseForms(page.html)[0];
    if (!form) throw new Error(`no form on ${page.url.pathname} (${page.status}): ${page.html.slice(0, 400)}`);
    const body = new URLSearchParams({ ...form.hidden, ...values });
    const target = new URL(form.action || page.url, page.url);
    return this.open(target, {
      method: form.method, body, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: target.origin },
    }, callback);
  }

  // Walks from /authorize to the redirect that the application gets, answering whatever page is shown on the way.
  async signIn(url, { username, password }) {
    const shown = [];
    const callback = new URL(url).searchParams.get('redirect_uri');
    let step = await this.open(url, {}, callback);
    while (step.page) {
      const screen = step.page.url.pathname;
      if (step.page.status !== 200 || shown.includes(screen)) {
        throw new Error(`stuck on ${screen} (${step.page.status}) after ${shown.join(', ') || 'nothing'}: ${text(step.page.html)}`);
      }
      shown.push(screen);
      const answers = { '/u/login': { username, password, action: 'default' }, '/u/consent': { action: 'accept' }, '/u/confirm': { action: 'accept' } };
      if (!answers[screen]) throw new Error(`unexpected page ${screen}: ${text(step.page.html)}`);
      step = await this.submit(step.page, answers[screen], callback);
    }
    return { location: step.location, shown };
  }

  #header({ hostname, protocol }) {
    return [...(this.#cookies.get(hostname) ?? new Map())]
      .filter(([, { secure }]) => !secure || protocol === 'https:')
      .map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #store({ hostname }, lines) {
    const jar = this.#cookies.get(hostname) ?? new Map();
    this.#cookies.set(hostname, jar);
    for (const line of lines) {
      const [pair, ...rest] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const flags = rest.map((flag) => flag.toLowerCase());
      const age = flags.find((flag) => flag.startsWith('max-age='));
      const expires = flags.find((flag) => flag.startsWith('expires='));
      const gone = age ? Number(age.slice(8)) <= 0 : expires && Date.parse(expires.slice(8)) <= Date.now();
      if (gone) jar.delete(name);
      else jar.set(name, { value: pair.slice(pair.indexOf('=') + 1), secure: flags.includes('secure') });
    }
  }
}

export function text(html) {
  return decode(html.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ').trim().slice(0, 400);
}

// Splits a redirect by text: URL parsers rewrite custom schemes, and the exact bytes are what is being tested.
export function splitRedirect(location, separator = '?') {
  const at = location.indexOf(separator);
  if (at < 0) return { base: location, raw: '', params: new URLSearchParams() };
  return { base: location.slice(0, at), raw: location.slice(at + 1), params: new URLSearchParams(location.slice(at + 1)) };
}

function absolute(location, base) {
  try {
    return new URL(location, base);
  } catch {
    return undefined;
  }
}
