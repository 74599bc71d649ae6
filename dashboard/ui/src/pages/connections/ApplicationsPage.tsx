import { Alert, Switch, Text, Tooltip } from '@mantine/core';
import { IconApps } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { applicationsText } from '#/pages/applications/text';
import { isAppType } from '#/pages/applications/types';
import { type Connection, connectionInit, isDatabase, useConnection } from './connection';
import { connectionsText } from './text';

const route = getRouteApi('/t/$tenant/connections/$connectionId/applications');
const perPage = 20;

export function ApplicationsPage() {
  return <Loaded query={useConnection()}>{({ value }) => <Applications connection={value} />}</Loaded>;
}

function Applications({ connection }: { connection: Connection }) {
  const t = useText(connectionsText);
  const a = useText(applicationsText);
  const toast = useToast();
  const denied = useDenied();
  const { tenant } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const id = connection.id ?? '';
  const clients = useList('/clients', {
    params: {
      query: {
        page: page - 1,
        per_page: perPage,
        include_totals: 'true',
        is_global: 'false',
        fields: 'client_id,name,app_type',
      },
    },
  });
  const change = useSend('patch', '/connections/{id}/clients');
  // Shown at once as it was switched, until the server has answered and the connection was read again.
  const pending = change.isPending
    ? (change.variables.body as { client_id: string; status: boolean }[] | undefined)?.[0]
    : undefined;
  const isOn = (clientId: string) =>
    pending?.client_id === clientId ? pending.status : connection.enabled_clients?.includes(clientId) === true;
  return (
    <>
      <Text c="dimmed" size="sm" mb="md">
        {t.applications.intro}
      </Text>
      {isDatabase(connection) && connection.enabled_clients?.length === 0 && (
        <Alert color="yellow" role="note" mb="md">
          {t.applications.none}
        </Alert>
      )}
      <List
        label={t.tabs.applications}
        query={clients}
        rowKey={(client) => client.client_id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.applications.application,
            title: true,
            cell: (client) => (
              <RowLink
                to="/t/$tenant/applications/$clientId/connections"
                params={{ tenant, clientId: client.client_id ?? '' }}
              >
                {client.name}
              </RowLink>
            ),
          },
          {
            key: 'type',
            header: a.type,
            width: '28%',
            cell: (client) => (isAppType(client.app_type) ? a.types[client.app_type] : (client.app_type ?? '')),
          },
          {
            key: 'on',
            header: t.applications.on,
            width: '9rem',
            cell: (client) => (
              <Control>
                <Tooltip label={denied} disabled={!denied}>
                  <Switch
                    aria-label={`${t.applications.on}: ${client.name}`}
                    checked={isOn(client.client_id ?? '')}
                    disabled={denied !== undefined}
                    onChange={(event) => {
                      const status = event.currentTarget.checked;
                      change.mutate(
                        { ...connectionInit(id), body: [{ client_id: client.client_id ?? '', status }] },
                        {
                          onSuccess: () =>
                            toast.done(
                              status
                                ? t.applications.turnedOn(client.name ?? '')
                                : t.applications.turnedOff(client.name ?? ''),
                            ),
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
        empty={<EmptyState title={a.emptyTitle} text={a.emptyText} icon={<IconApps size={28} />} />}
      />
    </>
  );
}
