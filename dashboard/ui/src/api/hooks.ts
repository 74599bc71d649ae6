import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { FetchResponse, MaybeOptionalInit } from 'openapi-fetch';
import type { HttpMethod, PathsWithMethod } from 'openapi-typescript-helpers';
import { type Api, apiOf } from './client';
import { ApiError } from './errors';
import type { paths } from './schema.gen';
import { type Tenant, useSession } from './session';

/** One resource and the version that was read; saving sends the version back, so that nobody overwrites unseen changes. */
export interface Entity<T> {
  value: T;
  etag: string | undefined;
}

export interface Rows<T> {
  rows: T[];
  /** How many there are in all, where the list counts. */
  total: number | undefined;
  /** The checkpoint behind which a list that does not count goes on. */
  next: string | undefined;
}

type GetPath = PathsWithMethod<paths, 'get'>;
type Init<P extends keyof paths, M extends HttpMethod> = MaybeOptionalInit<paths[P], Extract<M, keyof paths[P]>>;
type Data<P extends keyof paths, M extends HttpMethod> = M extends keyof paths[P]
  ? // biome-ignore lint/suspicious/noExplicitAny: the constraint of FetchResponse is wider than an operation of ours
    NonNullable<FetchResponse<paths[P][M] & Record<string | number, any>, object, 'application/json'>['data']>
  : never;
type RowOf<A> = A extends readonly (infer R)[] ? R : A extends object ? ElementOf<A[keyof A]> : never;
type ElementOf<V> = V extends readonly (infer R)[] ? R : never;

export type Row<P extends GetPath> = RowOf<Data<P, 'get'>>;

type AnyInit = { params?: { query?: object; path?: object; header?: object }; body?: unknown };
type Call = (path: string, init: object) => Promise<{ data?: unknown; response: Response }>;

async function call(api: Api, method: HttpMethod, path: string, init: AnyInit, ifMatch?: string, signal?: AbortSignal) {
  const verb = api[method.toUpperCase() as 'GET'] as unknown as Call;
  const { data, response } = await verb(path, { ...init, signal, headers: ifMatch ? { 'If-Match': ifMatch } : {} });
  return { value: data, etag: response.headers.get('ETag') ?? undefined };
}

export const tenantRouteApi = getRouteApi('/t/$tenant');

export const useTenantName = () => tenantRouteApi.useParams({ select: (p) => p.tenant });

export function useTenant(): Tenant {
  const name = useTenantName();
  const tenant = useSession().tenants.find((t) => t.name === name);
  if (!tenant) throw new ApiError(404, 'inexistent_tenant', name);
  return tenant;
}

interface Options {
  enabled?: boolean;
  /** Another tenant than the page's, such as the administrators' own. */
  tenant?: string;
  /** Milliseconds between two reads of what changes by itself. */
  refetchInterval?: number | false;
}

/** Reads one resource with its version. */
export function useEntity<P extends GetPath>(
  path: P,
  init: Init<P, 'get'>,
  { tenant: other, ...options }: Options = {},
) {
  const own = useTenantName();
  const tenant = other ?? own;
  return useQuery({
    queryKey: [tenant, path, init],
    queryFn: ({ signal }) =>
      call(apiOf(tenant), 'get', path, init as AnyInit, undefined, signal) as Promise<Entity<Data<P, 'get'>>>,
    ...options,
  });
}

/** Reads one page of a list; while the next page loads, the former stays. R names the rows where the API's description does not. */
export function useList<P extends GetPath, R = Row<P>>(
  path: P,
  init: Init<P, 'get'>,
  { tenant: other, ...options }: Options = {},
) {
  const own = useTenantName();
  const tenant = other ?? own;
  return useQuery({
    queryKey: [tenant, path, init],
    queryFn: async ({ signal }) => {
      const { value } = await call(apiOf(tenant), 'get', path, init as AnyInit, undefined, signal);
      return rowsOf<R>(value);
    },
    placeholderData: keepPreviousData,
    ...options,
  });
}

/** Reads a list that goes on behind a checkpoint; fetchNextPage adds what comes next to the rows. */
export function useCheckpoints<P extends GetPath, R = Row<P>>(path: P, init: Init<P, 'get'>) {
  const tenant = useTenantName();
  const { params, ...rest } = init as AnyInit;
  return useInfiniteQuery({
    queryKey: [tenant, path, init, 'checkpoints'],
    queryFn: async ({ signal, pageParam }) => {
      const query = { ...params?.query, ...(pageParam ? { from: pageParam } : {}) };
      const { value } = await call(
        apiOf(tenant),
        'get',
        path,
        { ...rest, params: { ...params, query } },
        undefined,
        signal,
      );
      return rowsOf<R>(value);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    select: ({ pages }): Rows<R> => ({
      rows: pages.flatMap((p) => p.rows),
      total: undefined,
      next: pages.at(-1)?.next,
    }),
  });
}

export function rowsOf<T>(answer: unknown): Rows<T> {
  if (Array.isArray(answer)) return { rows: answer, total: undefined, next: undefined };
  const body = (answer ?? {}) as Record<string, unknown>;
  const rows = Object.values(body).find((v) => Array.isArray(v)) as T[] | undefined;
  return {
    rows: rows ?? [],
    total: typeof body.total === 'number' ? body.total : undefined,
    next: typeof body.next === 'string' ? body.next : undefined,
  };
}

/**
 * Changes something. Everything on screen is read again afterwards, so no page has to know what depends on what it changed.
 */
export function useSend<M extends 'post' | 'put' | 'patch' | 'delete', P extends PathsWithMethod<paths, M>>(
  method: M,
  path: P,
  other?: string,
) {
  const own = useTenantName();
  const tenant = other ?? own;
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ ifMatch, ...init }: Init<P, M> & { ifMatch?: string | undefined }) =>
      call(apiOf(tenant), method, path, init as AnyInit, ifMatch) as Promise<Entity<Data<P, M>>>,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: [tenant] });
    },
  });
}

export function makeQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.passing,
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { retry: false },
    },
  });
}
