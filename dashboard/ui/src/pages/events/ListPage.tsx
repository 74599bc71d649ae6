import { Badge, Group, NativeSelect, Stack, Switch, Text } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, RelativeTime } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Control, List, ListBar, RowLink, SearchBox } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { eventQuery, failed, type LogEvent } from './event';
import { eventsText } from './text';

const route = getRouteApi('/t/$tenant/events/');
const perPage = 50;
/** Between two looks while the list is followed. */
const pace = 2_000;

export function ListPage() {
  const t = useText(eventsText);
  const { tenant } = route.useParams();
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
        columns={[
          {
            key: 'what',
            header: t.what,
            title: true,
            cell: (event) => (
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <Badge size="sm" variant="light" color={failed(event.type) ? 'red' : 'teal'} miw="5.5rem">
                  {failed(event.type) ? t.failure : t.success}
                </Badge>
                <RowLink to="/t/$tenant/events/$eventId" params={{ tenant, eventId: event.log_id }}>
                  {event.description || event.type}
                </RowLink>
              </Group>
            ),
          },
          {
            key: 'who',
            header: t.who,
            width: '24%',
            cell: (event) => (
              <Stack gap={0}>
                <Text size="sm" truncate>
                  {event.user_name || event.user_id || '–'}
                </Text>
                <Text size="xs" c="dimmed">
                  {event.ip}
                </Text>
              </Stack>
            ),
          },
          {
            key: 'application',
            header: t.application,
            width: '20%',
            cell: (event) => (
              <Text size="sm" truncate>
                {event.client_name || event.client_id || '–'}
              </Text>
            ),
          },
          {
            key: 'when',
            header: t.when,
            width: '16%',
            cell: (event) => (
              <Control>
                <RelativeTime at={event.date} />
              </Control>
            ),
          },
        ]}
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
