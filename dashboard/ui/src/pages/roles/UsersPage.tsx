import { Group, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog, DialogForm } from '#/kit/dialog';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { UserPicker } from '#/pages/users/UserPicker';
import { nameOf, type User, userInit } from '#/pages/users/user';
import { roleInit } from './role';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/$roleId/users');
const perPage = 20;

export function UsersPage() {
  const t = useText(rolesText).users;
  const toast = useToast();
  const denied = useDenied();
  const { tenant, roleId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<User>();
  const remove = useSend('delete', '/users/{id}/roles');
  const query = useList<'/roles/{id}/users', User>('/roles/{id}/users', {
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
        label={t.user}
        query={query}
        rowKey={(user) => user.user_id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.user,
            title: true,
            cell: (user) => (
              <Stack gap={0}>
                <RowLink to="/t/$tenant/users/$userId" params={{ tenant, userId: user.user_id ?? '' }}>
                  {nameOf(user)}
                </RowLink>
                <Text size="xs" c="dimmed">
                  {user.email !== nameOf(user) && user.email}
                </Text>
              </Stack>
            ),
          },
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (user) => (
              <Control>
                <GuardedButton
                  denied={denied}
                  variant="default"
                  size="xs"
                  aria-label={t.removeOf(nameOf(user))}
                  onClick={() => setLeaving(user)}
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
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconUsers size={28} />} />}
      />
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t.add}>
        <Add roleId={roleId} onClose={() => setAdding(false)} />
      </Dialog>
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t.removeTitle}
        text={leaving && t.removeText(nameOf(leaving))}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ ...userInit(leaving?.user_id ?? ''), body: { roles: [roleId] } });
          setLeaving(undefined);
          toast.done(t.removed);
        }}
      />
    </>
  );
}

function Add({ roleId, onClose }: { roleId: string; onClose: () => void }) {
  const t = useText(rolesText).users;
  const toast = useToast();
  const [user, setUser] = useState<User>();
  const [wrong, setWrong] = useState(false);
  const add = useSend('post', '/roles/{id}/users');

  async function submit() {
    if (!user?.user_id) {
      setWrong(true);
      return;
    }
    await add.mutateAsync({ ...roleInit(roleId), body: { users: [user.user_id] } });
    toast.done(t.added);
    onClose();
  }

  return (
    <DialogForm onSubmit={submit} onClose={onClose} action={t.action}>
      <UserPicker label={t.user} value={user} error={wrong && !user ? t.choose : undefined} onChange={setUser} />
    </DialogForm>
  );
}
