import { Text } from '@mantine/core';
import { IconApi } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, LinkButton } from '#/kit/bits';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { GrantBadge, GrantEditor, type GrantTarget } from '#/pages/grants/GrantEditor';
import { grantsText } from '#/pages/grants/text';
import { useApplication } from './application';
import { applicationsText } from './text';
import type { Client } from './types';

const route = getRouteApi('/t/$tenant/applications/$clientId/apis');
const perPage = 20;

export function ApisPage() {
  const t = useText(applicationsText).apis;
  const params = route.useParams();
  return (
    <Loaded query={useApplication()}>
      {({ value }) =>
        value.grant_types?.includes('client_credentials') ? (
          <Apis client={value} />
        ) : (
          <EmptyState title={t.usersTitle} text={t.usersText} icon={<IconApi size={28} />}>
            <LinkButton variant="default" to="/t/$tenant/applications/$clientId/settings" params={params}>
              {t.toSettings}
            </LinkButton>
          </EmptyState>
        )
      }
    </Loaded>
  );
}

function Apis({ client }: { client: Client }) {
  const t = useText(applicationsText).apis;
  const g = useText(grantsText);
  const denied = useDenied();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [target, setTarget] = useState<GrantTarget>();
  const clientId = client.client_id ?? '';
  const apis = useList('/resource-servers', {
    params: { query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  const grants = useList('/client-grants', {
    params: { query: { client_id: clientId, per_page: 100, include_totals: 'true' } },
  });
  const grantOf = (identifier: string | undefined) =>
    grants.data?.rows.find((grant) => grant.audience === identifier && grant.subject_type !== 'user');
  return (
    <>
      <Text c="dimmed" size="sm" mb="md">
        {t.intro}
      </Text>
      <List
        label={t.label}
        query={apis}
        rowKey={(api) => api.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.api,
            title: true,
            cell: (api) => (
              <>
                <Text fw={600} size="sm">
                  {api.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {api.identifier}
                </Text>
              </>
            ),
          },
          {
            key: 'access',
            header: t.access,
            width: '34%',
            cell: (api) =>
              grants.data && <GrantBadge grant={grantOf(api.identifier)} scopes={api.scopes ?? undefined} />,
          },
          {
            key: 'edit',
            header: g.edit,
            bare: true,
            width: '12rem',
            cell: (api) => (
              <Control>
                <GuardedButton
                  denied={denied}
                  variant="default"
                  size="xs"
                  aria-label={`${g.edit}: ${api.name}`}
                  onClick={() =>
                    setTarget({
                      client: { id: clientId, name: client.name ?? '' },
                      api: { identifier: api.identifier ?? '', name: api.name ?? '', scopes: api.scopes ?? [] },
                      grant: grantOf(api.identifier),
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
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconApi size={28} />} />}
      />
      <GrantEditor target={target} onClose={() => setTarget(undefined)} />
    </>
  );
}
