import type { Schemas } from '#/api/client';

/** What decides when a login page comes, in seconds; Infinity is no end. */
export interface Rules {
  /** Absolute and idle lifetime of the browser's session, and whether its cookie survives the end of the browser. */
  session: number;
  idle: number;
  persistent: boolean;
  /** Lifetime of access tokens. */
  access: number;
  /** Absent where the application gets no refresh token. */
  refresh?: { absolute: number; idle: number } | undefined;
  /** The application still has its tokens after it was closed. */
  keeps: boolean;
}

export type Decider =
  | 'session_lifetime'
  | 'idle_session_lifetime'
  | 'session_cookie'
  | 'access_token'
  | 'refresh_lifetime'
  | 'refresh_idle'
  | 'nothing';

export interface NextLogin {
  /** Seconds from the login on; Infinity: not until something is revoked. */
  after: number;
  decider: Decider;
  /** It holds only as long as the browser is not closed, since its session ends with it. */
  whileOpen: boolean;
}

/** What an application does without its user's browser: its tokens, and for how long they last while it is in use or not. */
function tokens(r: Rules, inUse: boolean): { last: number; decider: Decider } {
  if (!r.keeps) return { last: 0, decider: 'nothing' };
  const access = { last: r.access, decider: 'access_token' as const };
  // A token that idles out before the access token has ended is never exchanged.
  if (!r.refresh || r.refresh.idle <= r.access) return access;
  const refresh =
    inUse || r.refresh.absolute <= r.refresh.idle
      ? { last: r.refresh.absolute, decider: 'refresh_lifetime' as const }
      : { last: r.refresh.idle, decider: 'refresh_idle' as const };
  return refresh.last > access.last ? refresh : access;
}

/**
 * When the login page comes for who uses the application all the time. While tokens last, nobody visits the browser's session,
 * so it idles; where it is still alive when they end, it gives new ones without a page, until it has ended itself.
 */
export function whileUsed(r: Rules): NextLogin {
  const { last, decider } = tokens(r, true);
  if (last === Number.POSITIVE_INFINITY) return { after: last, decider: 'nothing', whileOpen: false };
  if (last >= Math.min(r.idle, r.session)) return { after: last, decider, whileOpen: false };
  const after = last === 0 ? r.session : Math.ceil(r.session / last) * last;
  return { after, decider: 'session_lifetime', whileOpen: !r.persistent };
}

/** How long somebody may stay away and come back without a login page: as long as tokens or the session outlast it. */
export function whenAway(r: Rules): NextLogin {
  const { last, decider } = tokens(r, false);
  if (last === Number.POSITIVE_INFINITY) return { after: last, decider: 'nothing', whileOpen: false };
  const session = r.persistent ? Math.min(r.idle, r.session) : 0;
  if (last >= session && last > 0) return { after: last, decider, whileOpen: false };
  if (!r.persistent) return { after: 0, decider: 'session_cookie', whileOpen: false };
  return {
    after: session,
    decider: r.idle < r.session ? 'idle_session_lifetime' : 'session_lifetime',
    whileOpen: false,
  };
}

/** Of the three sides that have to agree before a refresh token comes, the one that does not. The third is the request. */
export type Missing = 'grant' | 'api' | undefined;

export function missingSide(
  client: Schemas['client'] | undefined,
  api: Schemas['resource_server'] | undefined,
): Missing {
  if (!client?.grant_types?.includes('refresh_token')) return 'grant';
  return api && api.allow_offline_access !== true ? 'api' : undefined;
}

const opaque = 86_400;

export function rulesOf(
  sessions: { session: number; idle: number; persistent: boolean },
  client: Schemas['client'] | undefined,
  api: Schemas['resource_server'] | undefined,
  keeps: boolean,
): Rules {
  const t = client?.refresh_token ?? {};
  const life = (infinite: boolean | null | undefined, seconds: number | null | undefined, absent: number) =>
    t.expiration_type !== 'expiring' || infinite ? Number.POSITIVE_INFINITY : seconds || absent;
  return {
    ...sessions,
    access: api ? (api.token_lifetime ?? 86_400) : opaque,
    refresh:
      missingSide(client, api) === undefined
        ? {
            absolute: life(t.infinite_token_lifetime, t.token_lifetime, 2_592_000),
            idle: life(t.infinite_idle_token_lifetime, t.idle_token_lifetime, 1_296_000),
          }
        : undefined,
    keeps,
  };
}
