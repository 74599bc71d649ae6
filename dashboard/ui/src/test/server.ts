import { vi } from 'vitest';

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Route = (request: Request, body: unknown) => Answer | Promise<Answer>;

/** Answers what the page fetches, by "METHOD /path"; what nobody answers fails the test that asked. Gives the requests made. */
export function serve(routes: Record<string, Route>) {
  const made: { line: string; body: unknown; headers: Headers }[] = [];
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(typeof input === 'string' ? new URL(input, window.location.origin) : input, init);
    const line = `${request.method} ${new URL(request.url).pathname}`;
    const text = await request.text();
    const body = text ? JSON.parse(text) : undefined;
    made.push({ line, body, headers: request.headers });
    const route = routes[line];
    if (!route) throw new Error(`nobody answers ${line}`);
    const answer = await route(request, body);
    const status = answer.status ?? 200;
    return new Response(status === 204 ? null : JSON.stringify(answer.body ?? {}), {
      status,
      headers: { 'Content-Type': 'application/json', ...answer.headers },
    });
  });
  return made;
}

export const someSession = {
  user: { sub: 'auth0|ada', name: 'Ada', email: 'ada@example.com' },
  role: 'Admin',
  csrf: 'first',
  tenants: [{ name: 'dev', domain: 'dev.example.com', issuer: 'https://dev.example.com/' }],
  expires_at: '2030-01-01T00:00:00Z',
};
