import { Badge, Group, Text } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useList, useSend, useTenantName } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { database } from '#/pages/connections/connection';
import { NotLive } from '#/pages/connections/marks';
import { ConnectionEditor } from './ConnectionEditor';
import { type OrganizationConnection, useOrganizationId } from './organization';
import { organizationsText } from './text';

const perPage = 100;

export function ConnectionsPage() {
  const t = useText(organizationsText).connections;
  const denied = useDenied();
  const tenant = useTenantName();
  const id = useOrganizationId();
  const [editing, setEditing] = useState<OrganizationConnection | 'new'>();
  const [leaving, setLeaving] = useState<OrganizationConnection>();
  const query = useList<'/organizations/{id}/connections', OrganizationConnection>('/organizations/{id}/connections', {
    params: { path: { id }, query: { per_page: perPage, include_totals: 'true' } },
  });
  const add = (
    <GuardedButton denied={denied} leftSection={<IconPlus size={18} />} onClick={() => setEditing('new')}>
      {t.add}
    </GuardedButton>
  );
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <Text c="dimmed" size="sm" flex="1 1 16rem">
          {t.intro}
        </Text>
        {add}
      </Group>
      <List
        label={t.title}
        query={query}
        skeletons={3}
        rowKey={(c) => c.connection_id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.connection,
            title: true,
            cell: (c) => (
              <Group gap="xs">
                <RowLink
                  to="/t/$tenant/connections/$connectionId"
                  params={{ tenant, connectionId: c.connection_id ?? '' }}
                >
                  {c.connection?.name}
                </RowLink>
                {c.connection?.strategy !== database && <NotLive />}
              </Group>
            ),
          },
          {
            key: 'what',
            header: t.does,
            width: '42%',
            cell: (c) => (
              <Group gap={4}>
                {c.is_enabled === false ? (
                  <Badge variant="light" color="gray" size="sm">
                    {t.off}
                  </Badge>
                ) : (
                  <Badge variant="light" color="teal" size="sm">
                    {t.on}
                  </Badge>
                )}
                {c.assign_membership_on_login && (
                  <Badge variant="light" size="sm">
                    {t.assigns}
                  </Badge>
                )}
                {c.is_signup_enabled && (
                  <Badge variant="light" size="sm">
                    {t.signsUp}
                  </Badge>
                )}
              </Group>
            ),
          },
          {
            key: 'edit',
            header: t.change,
            bare: true,
            width: '15rem',
            cell: (c) => (
              <Control>
                <Group gap="xs" wrap="nowrap">
                  <GuardedButton
                    denied={denied}
                    variant="default"
                    size="xs"
                    aria-label={`${t.edit}: ${c.connection?.name}`}
                    onClick={() => setEditing(c)}
                  >
                    {t.edit}
                  </GuardedButton>
                  <GuardedButton
                    denied={denied}
                    variant="subtle"
                    color="red"
                    size="xs"
                    aria-label={`${t.remove}: ${c.connection?.name}`}
                    onClick={() => setLeaving(c)}
                  >
                    {t.remove}
                  </GuardedButton>
                </Group>
              </Control>
            ),
          },
        ]}
        perPage={perPage}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconPlugConnected size={28} />}>
            {add}
          </EmptyState>
        }
      />
      <ConnectionEditor
        target={editing}
        taken={query.data?.rows.map((c) => c.connection_id ?? '') ?? []}
        onClose={() => setEditing(undefined)}
      />
      <Remove connection={leaving} onClose={() => setLeaving(undefined)} />
    </>
  );
}

function Remove({ connection, onClose }: { connection: OrganizationConnection | undefined; onClose: () => void }) {
  const t = useText(organizationsText).connections;
  const toast = useToast();
  const id = useOrganizationId();
  const remove = useSend('delete', '/organizations/{id}/connections/{connection_id}');
  const name = connection?.connection?.name ?? '';
  return (
    <ConfirmTyped
      opened={connection !== undefined}
      onClose={onClose}
      title={t.removeTitle}
      text={t.removeText(name)}
      action={t.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ params: { path: { id, connection_id: connection?.connection_id ?? '' } } });
        toast.done(t.removed(name));
        onClose();
      }}
    />
  );
}
