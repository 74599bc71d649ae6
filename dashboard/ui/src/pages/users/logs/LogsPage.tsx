import { Group, Text } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { LinkButton } from '#/kit/bits';
import { List } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { useEventColumns } from '#/pages/events/columns';
import type { LogEvent } from '#/pages/events/event';
import { eventsText } from '#/pages/events/text';
import { logsText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/logs');
const perPage = 20;

export function LogsPage() {
  const t = useText(logsText);
  const columns = useEventColumns();
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
        label={useText(eventsText).title}
        query={query}
        rowKey={(event) => event.log_id}
        columns={[columns.what, columns.application, columns.when]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconTimeline size={28} />} />}
      />
    </>
  );
}
