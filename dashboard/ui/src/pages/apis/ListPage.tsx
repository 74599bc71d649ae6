import { Badge, Group } from '@mantine/core';
import { IconApi, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, LinkButton, PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/');
const perPage = 20;

export function ListPage() {
  const t = useText(apisText);
  const { tenant } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList('/resource-servers', {
    params: { query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  const create = (
    <LinkButton to="/t/$tenant/apis/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
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
        rowKey={(api) => api.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.name,
            title: true,
            cell: (api) => (
              <Group gap="xs">
                <RowLink to="/t/$tenant/apis/$apiId" params={{ tenant, apiId: api.id ?? '' }}>
                  {api.name || api.identifier}
                </RowLink>
                {api.is_system && (
                  <Badge size="sm" variant="light" color="gray">
                    {t.system}
                  </Badge>
                )}
              </Group>
            ),
          },
          {
            key: 'identifier',
            header: t.identifier,
            cell: (api) => <CopyableId value={api.identifier ?? ''} what={t.identifier} />,
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconApi size={28} />}>
            {create}
          </EmptyState>
        }
      />
    </div>
  );
}
