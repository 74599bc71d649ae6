import { Badge, Group, Text } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { LinkButton, RelativeTime } from '#/kit/bits';
import { Control, List, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { failed, type LogEvent } from '#/pages/events/event';
import { eventsText } from '#/pages/events/text';
import { logsText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/logs');
const perPage = 20;

export function LogsPage() {
  const t = useText(logsText);
  const e = useText(eventsText);
  const { tenant, userId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList<'/users/{id}/logs', LogEvent>('/users/{id}/logs', {
    params: {
      path: { id: userId },
      query: { page: page - 1, per_page: perPage, include_totals: 'true', sort: 'date:-1' },
    },
  });
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.intro}
        </Text>
        <LinkButton variant="default" to="/t/$tenant/events" params={{ tenant }} search={{ q: `user_id:"${userId}"` }}>
          {t.all}
        </LinkButton>
      </Group>
      <List
        label={e.title}
        query={query}
        rowKey={(event) => event.log_id}
        columns={[
          {
            key: 'what',
            header: e.what,
            title: true,
            cell: (event) => (
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <Badge size="sm" variant="light" color={failed(event.type) ? 'red' : 'teal'} miw="5.5rem">
                  {failed(event.type) ? e.failure : e.success}
                </Badge>
                <RowLink to="/t/$tenant/events/$eventId" params={{ tenant, eventId: event.log_id }}>
                  {event.description || event.type}
                </RowLink>
              </Group>
            ),
          },
          {
            key: 'application',
            header: e.application,
            width: '26%',
            cell: (event) => (
              <Text size="sm" truncate>
                {event.client_name || event.client_id || '–'}
              </Text>
            ),
          },
          {
            key: 'when',
            header: e.when,
            width: '18%',
            cell: (event) => (
              <Control>
                <RelativeTime at={event.date} />
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconTimeline size={28} />} />}
      />
    </>
  );
}
