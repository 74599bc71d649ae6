import { useQuery } from '@tanstack/react-query';
import { apiOf } from '#/api/client';
import { rowsOf, useEntity, useList, useTenantName } from '#/api/hooks';
import type { LogEvent } from '#/pages/events/event';
import { eventQuery } from '#/pages/events/event';
import { type DayCount, dayParameter, firstDay } from './month';

const perPage = 100;
/** Refusals of the Management API are no failures of people to get in. */
const wanted = `${eventQuery(undefined, 'failed')} AND NOT type:fapi`;
/** How many pages of failures are read at most; whoever has more sees the days that these cover. */
const mostPages = 10;

/** The failures of the month, the newest first. complete: there are none before them in that time. */
export function useFailures(since: number) {
  const tenant = useTenantName();
  return useQuery({
    queryKey: [tenant, 'failures', since],
    queryFn: async ({ signal }) => {
      const found = new Map<string, LogEvent>();
      for (let page = 0; page < mostPages; page++) {
        const query = {
          q: wanted,
          sort: 'date:-1',
          page,
          per_page: perPage,
          fields: 'log_id,date,type,description,user_id,user_name,ip,client_id,client_name',
        };
        const { data } = await apiOf(tenant).GET('/logs', { params: { query }, signal });
        const { rows } = rowsOf<LogEvent>(data);
        // Where new ones came meanwhile, the pages overlap.
        for (const event of rows) found.set(event.log_id, event);
        const oldest = rows.at(-1);
        if (!oldest || rows.length < perPage || Date.parse(oldest.date) < since) {
          return { events: [...found.values()], complete: true };
        }
      }
      return { events: [...found.values()], complete: false };
    },
  });
}

export const useDays = (now: number) =>
  useList<'/stats/daily', DayCount>('/stats/daily', {
    params: { query: { from: dayParameter(firstDay(now)), to: dayParameter(now) } },
  });

export const useActiveUsers = () => useEntity('/stats/active-users', {});

/** What getting started is about, as far as the tenant has it. */
export function useSetup() {
  const native = useList('/clients', {
    params: {
      query: { app_type: 'native', is_global: 'false', per_page: 1, fields: 'client_id,name' },
    },
  });
  const apis = useList('/resource-servers', { params: { query: { per_page: 100 } } });
  const active = useActiveUsers();
  const app = native.data?.rows[0];
  const own = apis.data?.rows.filter((a) => !a.is_system);
  const api = own?.find((a) => a.allow_offline_access) ?? own?.[0];
  return {
    pending: native.isPending || apis.isPending || active.isPending,
    error: native.error ?? apis.error ?? active.error,
    retry: () => {
      for (const query of [native, apis, active]) if (query.error) void query.refetch();
    },
    app,
    api,
    signedIn: Number(active.data?.value ?? 0) > 0,
  };
}
