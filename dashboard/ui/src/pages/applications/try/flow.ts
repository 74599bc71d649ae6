/**
 * The authorization code flow with PKCE as an application runs it. The page itself is the application for the time of the try: what
 * it gets stays in its memory, and no server of the console sees it.
 */
import type { Client } from '../types';
import { callbackAddress } from './callback';

export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  challenge: string;
}

export interface Asked {
  issuer: string;
  clientId: string;
  audience: string;
  scope: string;
  login: boolean;
}

export type Fields = [name: string, value: string][];

export interface Check {
  name: 'state' | 'iss' | 'aud' | 'exp' | 'nonce' | 'signature';
  passed: boolean;
}

export interface Step {
  name: 'authorize' | 'callback' | 'token' | 'refresh' | 'idToken' | 'accessToken' | 'userinfo';
  request?: { line: string; fields: Fields };
  answer?: { status?: number; fields?: Fields; text?: string };
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  checks?: Check[];
  /** The step did not give what the next one needs. */
  failed?: boolean;
}

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Browsers hash and verify on pages of https and of this machine only. */
export const possible = () => window.isSecureContext && Boolean(crypto.subtle);

export async function newAttempt(): Promise<Attempt> {
  const verifier = random();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { state: random(), nonce: random(), verifier, challenge: base64url(new Uint8Array(digest)) };
}

export function authorizeStep(asked: Asked, attempt: Attempt): Step & { request: { line: string; fields: Fields } } {
  const fields: Fields = [
    ['response_type', 'code'],
    ['client_id', asked.clientId],
    ['redirect_uri', callbackAddress()],
    ['scope', asked.scope],
    ...(asked.audience ? ([['audience', asked.audience]] as Fields) : []),
    ['state', attempt.state],
    ['nonce', attempt.nonce],
    ['code_challenge', attempt.challenge],
    ['code_challenge_method', 'S256'],
    ...(asked.login ? ([['prompt', 'login']] as Fields) : []),
  ];
  return { name: 'authorize', request: { line: `GET ${asked.issuer}authorize`, fields } };
}

export function addressOf(request: { line: string; fields: Fields }): string {
  const query = request.fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${request.line.slice('GET '.length)}?${query}`;
}

/** What came back through the browser: a code, or a refusal. */
export function callbackStep(search: string, attempt: Attempt): Step & { code: string } {
  const fields = [...new URLSearchParams(search)];
  const answer = Object.fromEntries(fields);
  const same = answer.state === attempt.state;
  return {
    name: 'callback',
    request: { line: `GET ${callbackAddress()}`, fields },
    checks: [{ name: 'state', passed: same }],
    failed: !answer.code || !same,
    code: same ? (answer.code ?? '') : '',
  };
}

export interface Tokens {
  access_token?: string;
  id_token?: string;
  refresh_token?: string;
}

export interface Proof {
  method: string;
  secret: string;
}

export const proofOf = (client: Client, typed: string): Proof => ({
  method: client.token_endpoint_auth_method ?? 'none',
  secret: typed || client.client_secret || '',
});

/** The ways to prove oneself that a page can go: it signs nothing, and has no certificate. */
export const provable = (client: Client) =>
  ['none', 'client_secret_post', 'client_secret_basic'].includes(client.token_endpoint_auth_method ?? 'none');

const masked = '••••••••';

async function ask(
  name: Step['name'],
  line: string,
  fields: Fields,
  init: RequestInit,
  address: string,
): Promise<Step & { body: unknown }> {
  const request = { line, fields };
  let response: Response;
  try {
    response = await fetch(address, {
      ...init,
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    return { name, request, answer: {}, failed: true, body: undefined };
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Some refusals are plain text; the step shows it as it came.
  }
  return {
    name,
    request,
    answer: { status: response.status, text: body === undefined ? text : JSON.stringify(body, null, 2) },
    failed: !response.ok,
    body,
  };
}

/** Asks the token endpoint, as the application proves itself there. */
export async function tokenStep(asked: Asked, proof: Proof, name: 'token' | 'refresh', grant: Fields) {
  const basic = proof.method === 'client_secret_basic';
  const body: Fields = [
    ...grant,
    ['client_id', asked.clientId],
    ...(proof.method === 'client_secret_post' ? ([['client_secret', proof.secret]] as Fields) : []),
  ];
  const shown: Fields = [
    ...(basic ? ([['Authorization', `Basic ${masked}`]] as Fields) : []),
    ...body.map(([key, value]): Fields[number] => [key, key === 'client_secret' ? masked : value]),
  ];
  const headers: HeadersInit = basic
    ? { Authorization: `Basic ${btoa(`${encodeURIComponent(asked.clientId)}:${encodeURIComponent(proof.secret)}`)}` }
    : {};
  const address = `${asked.issuer}oauth/token`;
  const step = await ask(
    name,
    `POST ${address}`,
    shown,
    { method: 'POST', headers, body: new URLSearchParams(body) },
    address,
  );
  return { step, tokens: (step.failed ? {} : (step.body ?? {})) as Tokens };
}

export const exchange = (asked: Asked, proof: Proof, attempt: Attempt, code: string) =>
  tokenStep(asked, proof, 'token', [
    ['grant_type', 'authorization_code'],
    ['code', code],
    ['redirect_uri', callbackAddress()],
    ['code_verifier', attempt.verifier],
  ]);

export const refresh = (asked: Asked, proof: Proof, token: string) =>
  tokenStep(asked, proof, 'refresh', [
    ['grant_type', 'refresh_token'],
    ['refresh_token', token],
  ]);

export function userinfoStep(asked: Asked, accessToken: string): Promise<Step> {
  const address = `${asked.issuer}userinfo`;
  const authorization = `Bearer ${accessToken}`;
  return ask(
    'userinfo',
    `GET ${address}`,
    [['Authorization', authorization]],
    { headers: { Authorization: authorization } },
    address,
  );
}

const bytesOf = (part: string) =>
  Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

export function decode(token: string | undefined) {
  const parts = token?.split('.') ?? [];
  if (parts.length !== 3) return undefined;
  try {
    const read = (i: number): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytesOf(parts[i] ?? '')));
    return { header: read(0), claims: read(1) };
  } catch {
    return undefined;
  }
}

const algorithms: Record<string, RsaHashedImportParams | EcKeyImportParams> = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
};

/** Whether a key of the tenant signed the token; undefined where nobody but the application and the tenant can tell (HS256). */
async function signed(issuer: string, token: string, header: Record<string, unknown>): Promise<boolean | undefined> {
  const algorithm = algorithms[String(header.alg)];
  if (!algorithm) return undefined;
  try {
    const { keys } = await (await fetch(`${issuer}.well-known/jwks.json`, { credentials: 'omit' })).json();
    const jwk = (keys as JsonWebKey[]).find((key) => (key as { kid?: string }).kid === header.kid);
    if (!jwk) return false;
    const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
    const [head, body, signature] = token.split('.');
    const how = { ...algorithm, hash: 'SHA-256', saltLength: 32 };
    return await crypto.subtle.verify(how, key, bytesOf(signature ?? ''), new TextEncoder().encode(`${head}.${body}`));
  } catch {
    return false;
  }
}

/** What every application checks of an ID token (OpenID Connect Core section 3.1.3.7). A refreshed one bears no nonce. */
export async function idTokenStep(asked: Asked, token: string, nonce?: string): Promise<Step> {
  const read = decode(token);
  if (!read) return { name: 'idToken', failed: true };
  const { header, claims } = read;
  const signature = await signed(asked.issuer, token, header);
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  const checks: Check[] = [
    ...(signature === undefined ? [] : [{ name: 'signature' as const, passed: signature }]),
    { name: 'iss', passed: claims.iss === asked.issuer },
    { name: 'aud', passed: audiences.includes(asked.clientId) },
    { name: 'exp', passed: typeof claims.exp === 'number' && claims.exp * 1000 > Date.now() },
    ...(nonce === undefined ? [] : [{ name: 'nonce' as const, passed: claims.nonce === nonce }]),
  ];
  return { name: 'idToken', header, claims, checks, failed: checks.some((check) => !check.passed) };
}

export function accessTokenStep(token: string): Step {
  const read = decode(token);
  return { name: 'accessToken', ...(read ? { header: read.header, claims: read.claims } : {}) };
}
