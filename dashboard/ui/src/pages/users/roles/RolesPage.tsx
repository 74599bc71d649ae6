import { Group, MultiSelect, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUserShield } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog, DialogForm } from '#/kit/dialog';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { userInit } from '../user';
import { Organizations } from './Organizations';
import { userRolesText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/roles');
const perPage = 20;

type Role = Schemas['role'];

export function RolesPage() {
  const t = useText(userRolesText);
  const toast = useToast();
  const denied = useDenied();
  const { tenant, userId } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [assigning, setAssigning] = useState(false);
  const [leaving, setLeaving] = useState<Role>();
  const remove = useSend('delete', '/users/{id}/roles');
  const query = useList<'/users/{id}/roles', Role>('/users/{id}/roles', {
    params: { path: { id: userId }, query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  const assign = (
    <GuardedButton denied={denied} onClick={() => setAssigning(true)}>
      {t.assign}
    </GuardedButton>
  );
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.intro}
        </Text>
        {assign}
      </Group>
      <List
        label={t.roles}
        query={query}
        rowKey={(role) => role.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.role,
            title: true,
            cell: (role) => (
              <RowLink to="/t/$tenant/roles/$roleId" params={{ tenant, roleId: role.id ?? '' }}>
                {role.name}
              </RowLink>
            ),
          },
          { key: 'description', header: t.description, cell: (role) => role.description || '–' },
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (role) => (
              <Control>
                <GuardedButton
                  denied={denied}
                  variant="default"
                  size="xs"
                  aria-label={t.removeOf(role.name ?? '')}
                  onClick={() => setLeaving(role)}
                >
                  {t.remove}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, page: next }) })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconUserShield size={28} />} />}
      />
      <Organizations />
      <Dialog opened={assigning} onClose={() => setAssigning(false)} title={t.assignTitle}>
        <Assign userId={userId} onClose={() => setAssigning(false)} />
      </Dialog>
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t.removeTitle}
        text={leaving && t.removeText(leaving.name ?? '')}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ ...userInit(userId), body: { roles: [leaving?.id ?? ''] } });
          setLeaving(undefined);
          toast.done(t.removed);
        }}
      />
    </>
  );
}

function Assign({ userId, onClose }: { userId: string; onClose: () => void }) {
  const t = useText(userRolesText);
  const toast = useToast();
  const [chosen, setChosen] = useState<Role[]>([]);
  const [typed, setTyped] = useState('');
  const [wanted] = useDebouncedValue(typed.trim(), 250);
  const [wrong, setWrong] = useState(false);
  const add = useSend('post', '/users/{id}/roles');
  const found = useList('/roles', {
    params: { query: { per_page: 50, type: 'tenant', ...(wanted ? { name_filter: wanted } : {}) } },
  });
  const all = [...chosen, ...(found.data?.rows ?? []).filter((r) => !chosen.some((c) => c.id === r.id))];

  async function submit() {
    if (chosen.length === 0) {
      setWrong(true);
      return;
    }
    await add.mutateAsync({ ...userInit(userId), body: { roles: chosen.map((r) => r.id ?? '') } });
    toast.done(t.assigned);
    onClose();
  }

  return (
    <DialogForm onSubmit={submit} onClose={onClose} action={t.assign}>
      <MultiSelect
        label={t.roles}
        searchable
        filter={({ options }) => options}
        nothingFoundMessage={found.isFetching ? '…' : t.noneFound}
        data={all.map((r) => ({ value: r.id ?? '', label: r.name ?? '' }))}
        value={chosen.map((r) => r.id ?? '')}
        onChange={(ids) => setChosen(ids.flatMap((id) => all.find((r) => r.id === id) ?? []))}
        searchValue={typed}
        onSearchChange={setTyped}
        error={wrong && chosen.length === 0 && t.choose}
        data-autofocus
      />
    </DialogForm>
  );
}
