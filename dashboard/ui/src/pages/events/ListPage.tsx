import { NativeSelect, Switch } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, ListBar, SearchBox } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { useEventColumns } from './columns';
import { eventQuery, type LogEvent } from './event';
import { eventsText } from './text';

const route = getRouteApi('/t/$tenant/events/');
const perPage = 50;
/** Between two looks while the list is followed. */
const pace = 2_000;

export function ListPage() {
  const t = useText(eventsText);
  const columns = useEventColumns();
  const { page = 1, q, show, live } = route.useSearch();
  const navigate = route.useNavigate();
  const search = eventQuery(q, show);
  const query = useList(
    '/logs',
    {
      params: {
        query: {
          page: page - 1,
          per_page: perPage,
          include_totals: 'true',
          sort: 'date:-1',
          ...(search ? { q: search } : {}),
        },
      },
    },
    { refetchInterval: live && page === 1 ? pace : false },
  );
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro} />
      <ListBar>
        <SearchBox
          value={q}
          placeholder={t.search}
          onChange={(next) => void navigate({ search: ({ q: _, page: __, ...s }) => (next ? { ...s, q: next } : s) })}
        />
        <NativeSelect
          aria-label={t.show}
          value={show ?? ''}
          data={[
            { value: '', label: t.all },
            { value: 'failed', label: t.failed },
            { value: 'succeeded', label: t.succeeded },
          ]}
          onChange={(event) => {
            const next = event.currentTarget.value as '' | 'failed' | 'succeeded';
            void navigate({ search: ({ show: _, page: __, ...s }) => (next ? { ...s, show: next } : s) });
          }}
        />
        <Switch
          label={t.live}
          checked={live ?? false}
          onChange={(event) => {
            const on = event.currentTarget.checked;
            void navigate({ search: ({ live: _, page: __, ...s }) => (on ? { ...s, live: true as const } : s) });
          }}
        />
      </ListBar>
      <List
        label={t.title}
        query={query as unknown as Parameters<typeof List<LogEvent>>[0]['query']}
        rowKey={(event) => event.log_id}
        columns={[columns.what, columns.who, columns.application, columns.when]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
        filtered={search !== undefined}
        onClear={() => void navigate({ search: {} })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconTimeline size={28} />} />}
      />
    </div>
  );
}
