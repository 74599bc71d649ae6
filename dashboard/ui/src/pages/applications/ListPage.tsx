import { Group, NativeSelect, ThemeIcon } from '@mantine/core';
import { IconApps, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, LinkButton, PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { List, ListBar, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { applicationsText } from './text';
import { type AppType, appTypeIcons, appTypes, isAppType } from './types';

const route = getRouteApi('/t/$tenant/applications/');
const perPage = 20;

export function ListPage() {
  const t = useText(applicationsText);
  const { tenant } = route.useParams();
  const { page = 1, type } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList('/clients', {
    params: {
      query: {
        page: page - 1,
        per_page: perPage,
        include_totals: 'true',
        is_global: 'false',
        fields: 'client_id,name,app_type',
        ...(type ? { app_type: type } : {}),
      },
    },
  });
  const create = (
    <LinkButton to="/t/$tenant/applications/new" params={{ tenant }} leftSection={<IconPlus size={18} />}>
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
          aria-label={t.type}
          value={type ?? ''}
          data={[{ value: '', label: t.allTypes }, ...appTypes.map((value) => ({ value, label: t.types[value] }))]}
          onChange={(event) => {
            const next = event.currentTarget.value;
            void navigate({ search: next ? { type: next as AppType } : {} });
          }}
        />
      </ListBar>
      <List
        label={t.title}
        query={query}
        rowKey={(client) => client.client_id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.name,
            title: true,
            cell: (client) => {
              const Icon = isAppType(client.app_type) ? appTypeIcons[client.app_type] : IconApps;
              return (
                <Group gap="sm" wrap="nowrap">
                  <ThemeIcon variant="light" size="lg" aria-hidden>
                    <Icon size={18} />
                  </ThemeIcon>
                  <RowLink to="/t/$tenant/applications/$clientId" params={{ tenant, clientId: client.client_id ?? '' }}>
                    {client.name}
                  </RowLink>
                </Group>
              );
            },
          },
          {
            key: 'type',
            header: t.type,
            width: '28%',
            cell: (client) => (isAppType(client.app_type) ? t.types[client.app_type] : (client.app_type ?? '')),
          },
          {
            key: 'id',
            header: t.clientId,
            width: '36%',
            cell: (client) => <CopyableId value={client.client_id ?? ''} what={t.clientId} />,
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
        filtered={type !== undefined}
        onClear={() => void navigate({ search: {} })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconApps size={28} />}>
            {create}
          </EmptyState>
        }
      />
    </div>
  );
}
