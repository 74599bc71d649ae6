import { Checkbox, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Dialog, DialogForm } from '#/kit/dialog';
import { SearchBox } from '#/kit/list';
import { ErrorState } from '#/kit/states';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { userSearch } from '#/pages/users/search';
import { memberName, organizationInit, useOrganizationId } from './organization';
import { organizationsText } from './text';

const shown = 8;

/** Picks users and makes them members. Who was picked stays picked while somebody else is looked for. */
export function AddMembers({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useText(organizationsText).members;
  return (
    <Dialog opened={opened} onClose={onClose} title={t.addTitle}>
      <Pick onClose={onClose} />
    </Dialog>
  );
}

function Pick({ onClose }: { onClose: () => void }) {
  const t = useText(organizationsText).members;
  const k = useText(kitText);
  const toast = useToast();
  const id = useOrganizationId();
  const [search, setSearch] = useState<string>();
  const [picked, setPicked] = useState(new Map<string, string>());
  const add = useSend('post', '/organizations/{id}/members');
  const q = userSearch(search);
  const users = useList('/users', {
    params: { query: { per_page: shown, fields: 'user_id,name,email', ...(q ? { q } : {}) } },
  });
  const rows = (users.data?.rows ?? []).map((u) => ({
    user_id: u.user_id ?? '',
    name: u.name ?? '',
    email: u.email ?? '',
  }));
  const elsewhere = [...picked].filter(([userId]) => !rows.some((u) => u.user_id === userId));

  function pick(userId: string, name: string, on: boolean) {
    const next = new Map(picked);
    if (on) next.set(userId, name);
    else next.delete(userId);
    setPicked(next);
  }

  async function submit() {
    await add.mutateAsync({ ...organizationInit(id), body: { members: [...picked.keys()] } });
    toast.done(t.added(picked.size));
    onClose();
  }

  return (
    <DialogForm
      onSubmit={submit}
      onClose={onClose}
      action={picked.size > 0 ? t.addCount(picked.size) : t.add}
      disabled={picked.size === 0}
    >
      <Group>
        <SearchBox value={search} onChange={setSearch} placeholder={t.search} />
      </Group>
      <Stack gap="xs" mih="15rem" aria-busy={users.isFetching} role="group" aria-label={t.found}>
        {users.isPending &&
          Array.from({ length: shown }, (_, i) => `shape ${i}`).map((key) => <Skeleton key={key} h={24} />)}
        {users.error && !users.data && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
        {elsewhere.map(([userId, name]) => (
          <Checkbox key={userId} checked label={name} onChange={() => pick(userId, name, false)} />
        ))}
        {rows.map((u) => (
          <Checkbox
            key={u.user_id}
            checked={picked.has(u.user_id)}
            label={memberName(u)}
            description={u.email && u.email !== memberName(u) ? u.email : undefined}
            onChange={(event) => pick(u.user_id, memberName(u), event.currentTarget.checked)}
          />
        ))}
        {users.data?.rows.length === 0 && <Text size="sm">{search ? k.noMatch : t.noUsers}</Text>}
        {rows.length === shown && (
          <Text size="xs" c="dimmed">
            {t.more}
          </Text>
        )}
      </Stack>
    </DialogForm>
  );
}
