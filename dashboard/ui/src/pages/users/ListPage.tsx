import { Alert, Badge, Code, Group, List as Lines, NativeSelect, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlus, IconUsers } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { ApiError } from '#/api/errors';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { LinkButton, PageHeader, RelativeTime } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Control, List, ListBar, RowLink, SearchBox } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { jobsText } from './jobs/text';
import { type Show, userSearch } from './search';
import { usersText } from './text';
import { nameOf, type User } from './user';

const route = getRouteApi('/t/$tenant/users/');
const perPage = 20;
/** How many users the API's pages reach. */
const reach = 1000;

export function ListPage() {
  const t = useText(usersText);
  const j = useText(jobsText);
  const { tenant } = route.useParams();
  const { page = 1, q, connection, show } = route.useSearch();
  const navigate = route.useNavigate();
  const search = userSearch(q, show);
  const connections = useList('/connections', {
    params: { query: { per_page: 100, fields: 'name,display_name' } },
  });
  const query = useList('/users', {
    params: {
      query: {
        page: page - 1,
        per_page: perPage,
        include_totals: 'true',
        fields: 'user_id,name,email,username,phone_number,blocked,email_verified,identities,last_login',
        ...(connection ? { connection } : {}),
        // What is found comes in the order of the index that found it.
        ...(search ? { q: search, search_engine: 'v3' } : connection ? {} : { sort: 'created_at:-1' }),
      },
    },
  });
  const create = (
    <LinkButton to="/t/$tenant/users/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
      {t.create}
    </LinkButton>
  );
  const names = connections.data?.rows.map((c) => c.name ?? '') ?? [];
  const unread = q !== undefined && query.error instanceof ApiError && query.error.status === 400;
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro}>
        <LinkButton variant="default" to="/t/$tenant/users/import" params={{ tenant }}>
          {j.import.action}
        </LinkButton>
        <LinkButton variant="default" to="/t/$tenant/users/export" params={{ tenant }}>
          {j.export.action}
        </LinkButton>
        {create}
      </PageHeader>
      <ListBar>
        <SearchBox
          value={q}
          placeholder={t.search}
          onChange={(next) => void navigate({ search: ({ q: _, page: __, ...s }) => (next ? { ...s, q: next } : s) })}
        />
        <NativeSelect
          aria-label={t.connection}
          value={connection ?? ''}
          data={[
            { value: '', label: t.allConnections },
            ...[...new Set([...names, ...(connection ? [connection] : [])])].map((value) => ({ value, label: value })),
          ]}
          onChange={(event) => {
            const next = event.currentTarget.value;
            void navigate({
              search: ({ connection: _, page: __, ...s }) => (next ? { ...s, connection: next } : s),
            });
          }}
        />
        <NativeSelect
          aria-label={t.show}
          value={show ?? ''}
          data={[
            { value: '', label: t.all },
            { value: 'blocked', label: t.blockedOnes },
            { value: 'unverified', label: t.unverifiedOnes },
            { value: 'never', label: t.neverOnes },
          ]}
          onChange={(event) => {
            const next = event.currentTarget.value as '' | Show;
            void navigate({ search: ({ show: _, page: __, ...s }) => (next ? { ...s, show: next } : s) });
          }}
        />
      </ListBar>
      {unread ? (
        <SearchHelp said={query.error?.message ?? ''} />
      ) : (
        <List
          label={t.title}
          query={query}
          rowKey={(user) => user.user_id ?? ''}
          columns={[
            {
              key: 'name',
              header: t.name,
              title: true,
              cell: (user) => (
                <Stack gap={0} miw={0}>
                  <Group gap="xs">
                    <RowLink to="/t/$tenant/users/$userId" params={{ tenant, userId: user.user_id ?? '' }}>
                      {nameOf(user)}
                    </RowLink>
                    {user.blocked && (
                      <Badge size="sm" variant="light" color="red">
                        {t.blocked}
                      </Badge>
                    )}
                  </Group>
                  {knownAs(user) && (
                    <Text size="xs" c="dimmed">
                      {knownAs(user)}
                    </Text>
                  )}
                </Stack>
              ),
            },
            {
              key: 'connection',
              header: t.connection,
              width: '30%',
              cell: (user) => (
                <Text size="sm" truncate title={connectionsOf(user)}>
                  {connectionsOf(user)}
                </Text>
              ),
            },
            {
              key: 'last',
              header: t.lastLogin,
              width: '18%',
              cell: (user) => (
                <Control>
                  <RelativeTime at={user.last_login} />
                </Control>
              ),
            },
          ]}
          page={page}
          perPage={perPage}
          reach={reach}
          onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
          filtered={search !== undefined || connection !== undefined}
          onClear={() => void navigate({ search: {} })}
          empty={
            <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconUsers size={28} />}>
              {create}
            </EmptyState>
          }
        />
      )}
    </div>
  );
}

/** What the user signs in with, where their name is not that already. */
function knownAs(user: User): string {
  const all = [user.email, user.username, user.phone_number].filter((v) => v && v !== nameOf(user));
  return all.join(' · ');
}

const connectionsOf = (user: User) => [...new Set(user.identities?.map((i) => i.connection))].join(', ');

function SearchHelp({ said }: { said: string }) {
  const t = useText(usersText).help;
  const examples: [query: string, text: string][] = [
    ['email.domain:"example.com"', t.domain],
    ['name:jane*', t.begins],
    ['email_verified:false AND logins_count:[10 TO *]', t.both],
    ['last_login:[2026-01-01 TO 2026-01-31]', t.range],
    ['app_metadata.plan:"pro"', t.metadata],
    ['_exists_:username', t.exists],
  ];
  return (
    <Alert icon={<IconAlertTriangle size={18} />} color="yellow" title={t.title} role="alert">
      <Text size="sm" mb="xs">
        {said}
      </Text>
      <Lines size="sm" spacing={4}>
        {examples.map(([query, text]) => (
          <Lines.Item key={query}>
            <Code>{query}</Code> {text}
          </Lines.Item>
        ))}
      </Lines>
    </Alert>
  );
}
