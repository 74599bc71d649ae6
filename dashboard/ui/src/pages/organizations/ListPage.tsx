import { NativeSelect } from '@mantine/core';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, LinkButton, PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, ListBar, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { titleOf } from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/');
const perPage = 20;
const orders = { name: 'name:1', title: 'display_name:1', newest: 'created_at:-1' } as const;

export function ListPage() {
  const t = useText(organizationsText);
  const { tenant } = route.useParams();
  const { page = 1, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList('/organizations', {
    params: {
      query: { page: page - 1, per_page: perPage, include_totals: 'true', sort: orders[sort ?? 'name'] },
    },
  });
  const create = (
    <LinkButton to="/t/$tenant/organizations/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
      {t.create}
    </LinkButton>
  );
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro}>
        {create}
      </PageHeader>
      <ListBar>
        <NativeSelect
          aria-label={t.sort}
          value={sort ?? ''}
          data={[
            { value: '', label: t.sorts.name },
            { value: 'title', label: t.sorts.title },
            { value: 'newest', label: t.sorts.newest },
          ]}
          onChange={(event) => {
            const next = event.currentTarget.value as '' | 'title' | 'newest';
            void navigate({ search: next ? { sort: next } : {} });
          }}
        />
      </ListBar>
      <List
        label={t.title}
        query={query}
        rowKey={(o) => o.id ?? ''}
        columns={[
          {
            key: 'title',
            header: t.fields.display_name,
            title: true,
            cell: (o) => (
              <RowLink to="/t/$tenant/organizations/$organizationId" params={{ tenant, organizationId: o.id ?? '' }}>
                {titleOf(o)}
              </RowLink>
            ),
          },
          { key: 'name', header: t.fields.name, width: '30%', cell: (o) => o.name },
          { key: 'id', header: t.id, width: '32%', cell: (o) => <CopyableId value={o.id ?? ''} what={t.id} /> },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconBuilding size={28} />}>
            {create}
          </EmptyState>
        }
      />
    </div>
  );
}
