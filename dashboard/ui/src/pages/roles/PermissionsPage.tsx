import { Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { PermissionDialog } from './PermissionDialog';
import { type Permission, roleInit } from './role';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/$roleId/permissions');
const perPage = 50;

export function PermissionsPage() {
  const t = useText(rolesText).permissions;
  const toast = useToast();
  const denied = useDenied();
  const { roleId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Permission>();
  const add = useSend('post', '/roles/{id}/permissions');
  const remove = useSend('delete', '/roles/{id}/permissions');
  const query = useList<'/roles/{id}/permissions', Permission>('/roles/{id}/permissions', {
    params: { path: { id: roleId }, query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.intro}
        </Text>
        <GuardedButton denied={denied} onClick={() => setAdding(true)}>
          {t.add}
        </GuardedButton>
      </Group>
      <List
        label={t.permission}
        query={query}
        rowKey={(p) => `${p.resource_server_identifier} ${p.permission_name}`}
        columns={[
          {
            key: 'name',
            header: t.permission,
            title: true,
            cell: (p) => (
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {p.permission_name}
                </Text>
                <Text size="xs" c="dimmed">
                  {p.description}
                </Text>
              </Stack>
            ),
          },
          {
            key: 'api',
            header: t.api,
            width: '40%',
            cell: (p) => (
              <Text size="sm" truncate title={p.resource_server_identifier}>
                {p.resource_server_name || p.resource_server_identifier}
              </Text>
            ),
          },
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (p) => (
              <Control>
                <GuardedButton
                  denied={denied}
                  variant="default"
                  size="xs"
                  aria-label={t.removeOf(p.permission_name)}
                  onClick={() => setLeaving(p)}
                >
                  {t.remove}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconKey size={28} />} />}
      />
      <PermissionDialog
        opened={adding}
        title={t.add}
        held={query.data?.rows ?? []}
        onAdd={async (permissions) => {
          await add.mutateAsync({ ...roleInit(roleId), body: { permissions } });
          toast.done(t.added);
        }}
        onClose={() => setAdding(false)}
      />
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t.removeTitle}
        text={leaving && t.removeText(leaving.permission_name)}
        action={t.remove}
        onConfirm={async () => {
          if (!leaving) return;
          const { permission_name, resource_server_identifier } = leaving;
          await remove.mutateAsync({
            ...roleInit(roleId),
            body: { permissions: [{ permission_name, resource_server_identifier }] },
          });
          setLeaving(undefined);
          toast.done(t.removed);
        }}
      />
    </>
  );
}
