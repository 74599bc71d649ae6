import { Text } from '@mantine/core';
import { IconApps } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { GrantBadge, GrantEditor, type GrantTarget } from '#/pages/grants/GrantEditor';
import { grantsText } from '#/pages/grants/text';
import { type Api, useApiEntity } from './api';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/$apiId/applications');
const perPage = 20;

export function ApplicationsPage() {
  return <Loaded query={useApiEntity()}>{({ value }) => <Applications api={value} />}</Loaded>;
}

function Applications({ api }: { api: Api }) {
  const t = useText(apisText);
  const g = useText(grantsText);
  const denied = useDenied();
  const { tenant } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [target, setTarget] = useState<GrantTarget>();
  const clients = useList('/clients', {
    params: {
      query: {
        page: page - 1,
        per_page: perPage,
        include_totals: 'true',
        is_global: 'false',
        app_type: 'non_interactive,regular_web',
        fields: 'client_id,name',
      },
    },
  });
  const grants = useList('/client-grants', {
    params: { query: { audience: api.identifier ?? '', per_page: 100, include_totals: 'true' } },
  });
  const grantOf = (id: string | undefined) =>
    grants.data?.rows.find((grant) => grant.client_id === id && grant.subject_type !== 'user');
  return (
    <>
      <Text c="dimmed" size="sm" mb="md">
        {t.machines.text}
      </Text>
      <List
        label={t.tabs.applications}
        query={clients}
        rowKey={(client) => client.client_id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.machines.application,
            title: true,
            cell: (client) => (
              <RowLink
                to="/t/$tenant/applications/$clientId/apis"
                params={{ tenant, clientId: client.client_id ?? '' }}
              >
                {client.name}
              </RowLink>
            ),
          },
          {
            key: 'access',
            header: t.machines.access,
            width: '34%',
            cell: (client) =>
              grants.data && <GrantBadge grant={grantOf(client.client_id)} scopes={api.scopes ?? undefined} />,
          },
          {
            key: 'edit',
            header: g.edit,
            bare: true,
            width: '12rem',
            cell: (client) => (
              <Control>
                <GuardedButton
                  denied={denied}
                  variant="default"
                  size="xs"
                  aria-label={`${g.edit}: ${client.name}`}
                  onClick={() =>
                    setTarget({
                      client: { id: client.client_id ?? '', name: client.name ?? '' },
                      api: { identifier: api.identifier ?? '', name: api.name ?? '', scopes: api.scopes ?? [] },
                      grant: grantOf(client.client_id),
                    })
                  }
                >
                  {g.edit}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.machines.emptyTitle} text={t.machines.emptyText} icon={<IconApps size={28} />} />}
      />
      <GrantEditor target={target} onClose={() => setTarget(undefined)} />
    </>
  );
}
