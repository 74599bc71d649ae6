import { useSyncExternalStore } from 'react';
import { ApiError, errorOf } from './errors';

export interface Tenant {
  name: string;
  domain: string;
  issuer: string;
}

export type Role = 'Admin' | 'Editor' | 'Viewer';

export interface Session {
  user: { sub: string; name?: string; email?: string; picture?: string };
  role: Role;
  csrf: string;
  tenants: Tenant[];
  expires_at: string;
}

interface State {
  session: Session | undefined;
  /** Set while the session has ended under an open page; another is who signed in instead, where that is somebody else. */
  expired: boolean;
  another: Session | undefined;
}

let state: State = { session: undefined, expired: false, another: undefined };
const listeners = new Set<() => void>();
let renewal: { promise: Promise<void>; done: () => void } | undefined;

function change(next: Partial<State>) {
  state = { ...state, ...next };
  for (const listener of listeners) listener();
}

async function fetchSession(): Promise<Session> {
  let response: Response;
  try {
    response = await fetch('/dashboard/session', { headers: { Accept: 'application/json' } });
  } catch (cause) {
    throw new ApiError(0, 'network', String(cause));
  }
  if (!response.ok) throw await errorOf(response);
  return response.json();
}

export const loginAddress = (returnTo: string) => `/dashboard/login?return_to=${encodeURIComponent(returnTo)}`;

/** Reads the session at start; nobody signed in means a trip to the login page and back. */
export async function loadSession(): Promise<Session> {
  try {
    const session = await fetchSession();
    change({ session });
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      window.location.assign(loginAddress(window.location.pathname + window.location.search + window.location.hash));
      return new Promise(() => {});
    }
    throw error;
  }
}

export const csrf = () => state.session?.csrf ?? '';

/** Waits until somebody signed in again; the page, and what is typed on it, stays as it is. */
export function renewSession(): Promise<void> {
  if (!renewal) {
    let done = () => {};
    const promise = new Promise<void>((resolve) => {
      done = resolve;
    });
    renewal = { promise, done };
    change({ expired: true, another: undefined });
  }
  return renewal.promise;
}

/** Looks whether there is a session again, and lets the waiting requests go on if it is the same person's. */
export async function checkRenewed(): Promise<void> {
  if (!renewal) return;
  let session: Session;
  try {
    session = await fetchSession();
  } catch {
    return;
  }
  if (session.user.sub !== state.session?.user.sub) {
    change({ another: session });
    return;
  }
  accept(session);
}

/** Goes on with the session that is there now. */
export function accept(session: Session) {
  change({ session, expired: false, another: undefined });
  renewal?.done();
  renewal = undefined;
}

/** Reads the CSRF token anew: signing in in another tab changed it. Tells whether it differs. */
export async function refreshCsrf(): Promise<boolean> {
  const before = csrf();
  const session = await fetchSession();
  if (session.user.sub !== state.session?.user.sub) return false;
  change({ session });
  return session.csrf !== before;
}

export async function logout() {
  const response = await fetch('/dashboard/logout', { method: 'POST', headers: { 'X-CSRF-Token': csrf() } });
  if (!response.ok) throw await errorOf(response);
  window.location.assign('/');
}

const channelName = 'proofkey.session';

/** Told by the tab in which somebody signed in again. */
export function announceSignIn() {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage('signed-in');
  channel.close();
}

export function onSignIn(listener: () => void) {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = listener;
  return () => channel.close();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSessionState = () => useSyncExternalStore(subscribe, () => state);

export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error('useSession outside of a signed-in page');
  return session;
}
