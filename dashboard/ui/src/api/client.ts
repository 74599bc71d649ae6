import createClient, { type Client } from 'openapi-fetch';
import { ApiError, errorOf } from './errors';
import type { components, paths } from './schema.gen';
import { csrf, refreshCsrf, renewSession } from './session';

export type Api = Client<paths, 'application/json'>;
export type Schemas = components['schemas'];

/** After this long a request counts as lost; the page says so and offers another try. */
const patience = 30_000;

const reads = new Set(['GET', 'HEAD']);

/** Sends a request; a session that ended is renewed and a stale CSRF token replaced before the caller hears of it. */
export async function send(request: Request): Promise<Response> {
  let refreshed = false;
  for (;;) {
    const attempt = request.clone();
    if (!reads.has(request.method)) attempt.headers.set('X-CSRF-Token', csrf());
    let response: Response;
    try {
      response = await fetch(attempt, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) });
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw new ApiError(
        0,
        cause instanceof DOMException && cause.name === 'TimeoutError' ? 'timeout' : 'network',
        String(cause),
      );
    }
    if (response.status === 401) {
      await renewSession();
      continue;
    }
    if (response.status === 403 && !reads.has(request.method) && !refreshed) {
      refreshed = true;
      if (await refreshCsrf().catch(() => false)) continue;
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

const clients = new Map<string, Api>();

export function apiOf(tenant: string): Api {
  let api = clients.get(tenant);
  if (!api) {
    const baseUrl = new URL(`/dashboard/api/${encodeURIComponent(tenant)}`, window.location.origin).href;
    api = createClient<paths, 'application/json'>({ baseUrl, fetch: send });
    clients.set(tenant, api);
  }
  return api;
}
