import { Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { type Column, Control, List, type ListProps } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { PermissionDialog, type PermissionDialogProps } from './PermissionDialog';
import type { Permission } from './role';
import { rolesText } from './text';

export const permissionsPerPage = 50;

interface Words {
  intro: string;
  add: string;
  added: string;
  removeTitle: string;
  removeText: (name: string) => string;
  removed: string;
  emptyTitle: string;
  emptyText: string;
}

type Change = Parameters<PermissionDialogProps['onAdd']>[0];

/** The permissions of a role or of a user, which can be added and removed. */
export function PermissionList(p: {
  words: Words;
  query: ListProps<Permission>['query'];
  page: number;
  onPage: (page: number) => void;
  /** Between the API and the button. */
  more?: Column<Permission>[];
  /** Says why one cannot be removed here. */
  locked?: (permission: Permission) => string | undefined;
  onAdd: (permissions: Change) => Promise<unknown>;
  onRemove: (permissions: Change) => Promise<unknown>;
}) {
  const t = useText(rolesText).permissions;
  const toast = useToast();
  const denied = useDenied();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Permission>();
  const { words, locked } = p;
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {words.intro}
        </Text>
        <GuardedButton denied={denied} onClick={() => setAdding(true)}>
          {words.add}
        </GuardedButton>
      </Group>
      <List
        label={t.permission}
        query={p.query}
        rowKey={(held) => `${held.resource_server_identifier} ${held.permission_name}`}
        columns={[
          {
            key: 'name',
            header: t.permission,
            title: true,
            cell: (held) => (
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {held.permission_name}
                </Text>
                <Text size="xs" c="dimmed">
                  {held.description}
                </Text>
              </Stack>
            ),
          },
          {
            key: 'api',
            header: t.api,
            width: p.more ? '26%' : '40%',
            cell: (held) => (
              <Text size="sm" truncate title={held.resource_server_identifier}>
                {held.resource_server_name || held.resource_server_identifier}
              </Text>
            ),
          },
          ...(p.more ?? []),
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (held) => (
              <Control>
                <GuardedButton
                  denied={denied ?? locked?.(held)}
                  variant="default"
                  size="xs"
                  aria-label={t.removeOf(held.permission_name)}
                  onClick={() => setLeaving(held)}
                >
                  {t.remove}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        page={p.page}
        perPage={permissionsPerPage}
        onPage={p.onPage}
        empty={<EmptyState title={words.emptyTitle} text={words.emptyText} icon={<IconKey size={28} />} />}
      />
      <PermissionDialog
        opened={adding}
        title={words.add}
        held={p.query.data?.rows.filter((held) => !locked?.(held)) ?? []}
        onAdd={async (permissions) => {
          await p.onAdd(permissions);
          toast.done(words.added);
        }}
        onClose={() => setAdding(false)}
      />
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={words.removeTitle}
        text={leaving && words.removeText(leaving.permission_name)}
        action={t.remove}
        onConfirm={async () => {
          if (!leaving) return;
          const { permission_name, resource_server_identifier } = leaving;
          await p.onRemove([{ permission_name, resource_server_identifier }]);
          setLeaving(undefined);
          toast.done(words.removed);
        }}
      />
    </>
  );
}
