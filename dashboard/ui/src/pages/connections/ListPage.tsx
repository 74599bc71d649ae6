import { Badge, Group, ThemeIcon } from '@mantine/core';
import { IconDatabase, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, LinkButton, PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { isDatabase, titleOf } from './connection';
import { NotLive, Off } from './marks';
import { connectionsText } from './text';

const route = getRouteApi('/t/$tenant/connections/');
const perPage = 20;

export function ListPage() {
  const t = useText(connectionsText);
  const { tenant } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList('/connections', {
    params: {
      query: {
        page: page - 1,
        per_page: perPage,
        include_totals: 'true',
        fields: 'id,name,display_name,strategy,authentication,enabled_clients',
      },
    },
  });
  const create = (
    <LinkButton to="/t/$tenant/connections/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
      {t.create}
    </LinkButton>
  );
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro}>
        {create}
      </PageHeader>
      <List
        label={t.title}
        query={query}
        rowKey={(c) => c.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.name,
            title: true,
            cell: (c) => (
              <Group gap="sm" wrap="nowrap">
                <ThemeIcon variant="light" size="lg" aria-hidden>
                  {isDatabase(c) ? <IconDatabase size={18} /> : <IconPlugConnected size={18} />}
                </ThemeIcon>
                <RowLink to="/t/$tenant/connections/$connectionId" params={{ tenant, connectionId: c.id ?? '' }}>
                  {titleOf(c)}
                </RowLink>
              </Group>
            ),
          },
          {
            key: 'strategy',
            header: t.kind,
            width: '26%',
            cell: (c) => (
              <Group gap="xs">
                {isDatabase(c) ? t.database : c.strategy}
                {isDatabase(c) ? c.authentication?.active === false && <Off /> : <NotLive />}
              </Group>
            ),
          },
          {
            key: 'applications',
            header: t.tabs.applications,
            width: '9rem',
            cell: (c) => (
              <Badge variant="light" color={c.enabled_clients?.length ? 'proof' : 'gray'}>
                {c.enabled_clients?.length ?? 0}
              </Badge>
            ),
          },
          { key: 'id', header: t.id, width: '26%', cell: (c) => <CopyableId value={c.id ?? ''} what={t.id} /> },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconDatabase size={28} />}>
            {create}
          </EmptyState>
        }
      />
    </div>
  );
}
