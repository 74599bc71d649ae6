import { Switch, Text, Tooltip } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { useClientId } from './application';
import { applicationsText } from './text';

const route = getRouteApi('/t/$tenant/applications/$clientId/connections');
const perPage = 20;

export function ConnectionsPage() {
  const t = useText(applicationsText).connections;
  const toast = useToast();
  const denied = useDenied();
  const clientId = useClientId();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const all = useList('/connections', {
    params: {
      query: { page: page - 1, per_page: perPage, include_totals: 'true', fields: 'id,name,strategy,display_name' },
    },
  });
  const enabled = useList<'/clients/{id}/connections', Schemas['connection']>('/clients/{id}/connections', {
    params: { path: { id: clientId }, query: { take: 100, fields: 'id' } },
  });
  const change = useSend('patch', '/connections/{id}/clients');
  // Shown at once as it was switched, until the server has answered and the list was read again.
  const pending = change.isPending ? change.variables : undefined;
  const isOn = (id: string) =>
    pending?.params.path.id === id
      ? (pending.body as { status: boolean }[])[0]?.status === true
      : (enabled.data?.rows.some((c) => c.id === id) ?? false);
  return (
    <>
      <Text c="dimmed" size="sm" mb="md">
        {t.intro}
      </Text>
      <List
        label={t.label}
        query={all}
        rowKey={(connection) => connection.id ?? ''}
        columns={[
          { key: 'name', header: t.name, title: true, cell: (c) => <Text fw={600}>{c.display_name || c.name}</Text> },
          {
            key: 'strategy',
            header: t.kind,
            width: '28%',
            cell: (c) => (c.strategy === 'auth0' ? t.database : c.strategy),
          },
          {
            key: 'on',
            header: t.on,
            width: '9rem',
            cell: (c) => (
              <Control>
                <Tooltip label={denied} disabled={!denied}>
                  <Switch
                    aria-label={`${t.on}: ${c.display_name || c.name}`}
                    checked={isOn(c.id ?? '')}
                    disabled={denied !== undefined || enabled.data === undefined}
                    onChange={(event) => {
                      const status = event.currentTarget.checked;
                      change.mutate(
                        { params: { path: { id: c.id ?? '' } }, body: [{ client_id: clientId, status }] },
                        {
                          onSuccess: () => toast.done(status ? t.turnedOn(c.name ?? '') : t.turnedOff(c.name ?? '')),
                          onError: toast.failed,
                        },
                      );
                    }}
                  />
                </Tooltip>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconPlugConnected size={28} />} />}
      />
    </>
  );
}
