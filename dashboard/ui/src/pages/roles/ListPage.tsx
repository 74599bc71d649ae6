import { Badge, Group } from '@mantine/core';
import { IconPlus, IconUserShield } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { LinkButton, PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, ListBar, RowLink, SearchBox } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/');
const perPage = 20;

export function ListPage() {
  const t = useText(rolesText);
  const { tenant } = route.useParams();
  const { page = 1, q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList('/roles', {
    params: {
      query: { page: page - 1, per_page: perPage, include_totals: 'true', ...(q ? { name_filter: q } : {}) },
    },
  });
  const create = (
    <LinkButton to="/t/$tenant/roles/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
      {t.create}
    </LinkButton>
  );
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro}>
        {create}
      </PageHeader>
      <ListBar>
        <SearchBox
          value={q}
          placeholder={t.search}
          onChange={(next) => void navigate({ search: next ? { q: next } : {} })}
        />
      </ListBar>
      <List
        label={t.title}
        query={query}
        rowKey={(role) => role.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.name,
            title: true,
            width: '36%',
            cell: (role) => (
              <Group gap="xs">
                <RowLink to="/t/$tenant/roles/$roleId" params={{ tenant, roleId: role.id ?? '' }}>
                  {role.name}
                </RowLink>
                {role.type === 'organization' && (
                  <Badge size="sm" variant="light" color="gray">
                    {t.organization}
                  </Badge>
                )}
              </Group>
            ),
          },
          { key: 'description', header: t.description, cell: (role) => role.description || '–' },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
        filtered={q !== undefined}
        onClear={() => void navigate({ search: {} })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconUserShield size={28} />}>
            {create}
          </EmptyState>
        }
      />
    </div>
  );
}
