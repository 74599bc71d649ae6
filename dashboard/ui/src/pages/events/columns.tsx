import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTenantName } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { RelativeTime } from '#/kit/bits';
import { type Column, Control, RowLink } from '#/kit/list';
import { failed, type LogEvent } from './event';
import { eventsText } from './text';

/** The columns that lists of events have. */
export function useEventColumns() {
  const t = useText(eventsText);
  const tenant = useTenantName();
  return {
    what: {
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
    who: {
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
    application: {
      key: 'application',
      header: t.application,
      width: '20%',
      cell: (event) => (
        <Text size="sm" truncate>
          {event.client_name || event.client_id || '–'}
        </Text>
      ),
    },
    when: {
      key: 'when',
      header: t.when,
      width: '16%',
      cell: (event) => (
        <Control>
          <RelativeTime at={event.date} />
        </Control>
      ),
    },
  } satisfies Record<string, Column<LogEvent>>;
}
