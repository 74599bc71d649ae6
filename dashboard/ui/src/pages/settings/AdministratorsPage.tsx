import { Badge, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { IconLock, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useSession } from '#/api/session';
import { useText } from '#/i18n/text';
import { GuardedButton, RelativeTime, SecretOnce, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog } from '#/kit/dialog';
import { CreateForm, useCreateForm } from '#/kit/form';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { type Administrator, administratorsOf, change, type RoleName, roleNames } from './administrators';
import { tenantText } from './text';

/** The administrators' own tenant, as the console's server calls it. */
const system = 'system';

/** The Dashboard itself among their applications, where an invitation ends. */
const dashboardClient = 'Dashboard00000000000000000000001';

const everybody = { params: { query: { per_page: 100, include_totals: 'true' } } } as const;

export function AdministratorsPage() {
  const t = useText(tenantText).administrators;
  const denied = useDenied('admin');
  if (denied) return <EmptyState title={denied} text={t.adminsOnly} icon={<IconLock size={28} />} />;
  return <Administrators />;
}

function useMembers(roleId: string) {
  return useList<'/roles/{id}/users', { user_id?: string }>(
    '/roles/{id}/users',
    { params: { path: { id: roleId }, query: { per_page: 100, include_totals: 'true' } } },
    { tenant: system, enabled: roleId !== '' },
  );
}

function Administrators() {
  const t = useText(tenantText).administrators;
  const { user: me } = useSession();
  const toast = useToast();
  const roles = useList('/roles', everybody, { tenant: system });
  const idOf = (name: RoleName) => roles.data?.rows.find((r) => r.name === name)?.id ?? '';
  const users = useList('/users', everybody, { tenant: system });
  const members = {
    Admin: useMembers(idOf('Admin')),
    Editor: useMembers(idOf('Editor')),
    Viewer: useMembers(idOf('Viewer')),
  };
  const give = useSend('post', '/users/{id}/roles', system);
  const take = useSend('delete', '/users/{id}/roles', system);
  const remove = useSend('delete', '/users/{id}', system);
  const [doomed, setDoomed] = useState<Administrator>();
  const [inviting, setInviting] = useState(false);

  const failed = [users, roles, ...Object.values(members)].find((q) => q.error && !q.data);
  const ready = users.data && roleNames.every((name) => members[name].data);
  // One list of several answers: it is there when all of them are.
  const query = {
    ...(failed ?? users),
    data: ready
      ? {
          ...users.data,
          rows: administratorsOf(users.data.rows, {
            Admin: members.Admin.data?.rows ?? [],
            Editor: members.Editor.data?.rows ?? [],
            Viewer: members.Viewer.data?.rows ?? [],
          }),
        }
      : undefined,
  } as Parameters<typeof List<Administrator>>[0]['query'];

  async function choose(who: Administrator, role: RoleName) {
    const { give: given, take: taken } = change(who.roles, role);
    const init = (names: RoleName[]) => ({
      params: { path: { id: who.id } },
      body: { roles: names.map(idOf) },
    });
    try {
      // First what is given: nobody stands without a role in between.
      if (given.length > 0) await give.mutateAsync(init(given));
      if (taken.length > 0) await take.mutateAsync(init(taken));
      toast.done(t.changed(who.name, role));
    } catch (error) {
      toast.failed(error);
    }
  }

  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.text}
        </Text>
        <GuardedButton denied={undefined} onClick={() => setInviting(true)}>
          {t.invite}
        </GuardedButton>
      </Group>
      <List
        label={t.title}
        query={query}
        rowKey={(who) => who.id}
        columns={[
          {
            key: 'name',
            header: t.name,
            title: true,
            cell: (who) => (
              <>
                <Group gap="xs">
                  <Text fw={600} size="sm">
                    {who.name}
                  </Text>
                  {who.id === me.sub && (
                    <Badge size="sm" variant="default">
                      {t.you}
                    </Badge>
                  )}
                  {who.blocked && (
                    <Badge size="sm" variant="light" color="red">
                      {t.blocked}
                    </Badge>
                  )}
                </Group>
                {who.email !== who.name && (
                  <Text size="xs" c="dimmed">
                    {who.email}
                  </Text>
                )}
              </>
            ),
          },
          {
            key: 'last',
            header: t.last,
            width: '9rem',
            cell: (who) => <RelativeTime at={who.lastLogin} />,
          },
          {
            key: 'role',
            header: t.role,
            width: '11rem',
            cell: (who) => (
              <Control>
                <NativeSelect
                  size="xs"
                  aria-label={`${t.role}: ${who.name}`}
                  value={who.roles[0] ?? ''}
                  data={[...(who.roles[0] ? [] : [{ value: '', label: t.noRole }]), ...roleNames]}
                  disabled={who.id === me.sub || give.isPending || take.isPending}
                  onChange={(event) => void choose(who, event.currentTarget.value as RoleName)}
                />
              </Control>
            ),
          },
          {
            key: 'remove',
            header: t.remove,
            bare: true,
            width: '9rem',
            cell: (who) => (
              <Control>
                <GuardedButton
                  denied={who.id === me.sub ? t.notYourself : undefined}
                  size="xs"
                  variant="light"
                  color="red"
                  aria-label={`${t.remove}: ${who.name}`}
                  onClick={() => setDoomed(who)}
                >
                  {t.remove}
                </GuardedButton>
              </Control>
            ),
          },
        ]}
        empty={<EmptyState title={t.emptyTitle} text={t.text} icon={<IconUsersGroup size={28} />} />}
      />
      <div style={{ height: '1.5rem' }} />
      <Section title={t.what} text={t.whatText}>
        {roleNames.map((name) => (
          <Text key={name} size="sm">
            <strong>{name}</strong>: {t.meaning[name]}
          </Text>
        ))}
      </Section>
      <Invite opened={inviting} onClose={() => setInviting(false)} idOf={idOf} />
      <ConfirmTyped
        opened={doomed !== undefined}
        onClose={() => setDoomed(undefined)}
        title={t.removeTitle}
        text={t.removeText(doomed?.name ?? '')}
        word={doomed?.email || (doomed?.name ?? '')}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ params: { path: { id: doomed?.id ?? '' } } });
          setDoomed(undefined);
          toast.done(t.removed);
        }}
      />
    </>
  );
}

interface Invited {
  email: string;
  link: string;
}

/** Makes an account without a password that anybody knows, and the link with which its owner chooses one. */
function Invite(p: { opened: boolean; onClose: () => void; idOf: (role: RoleName) => string }) {
  const t = useText(tenantText).administrators;
  const [invited, setInvited] = useState<Invited>();
  const close = () => {
    setInvited(undefined);
    p.onClose();
  };
  return (
    <Dialog opened={p.opened} onClose={close} title={invited ? t.invitedTitle(invited.email) : t.invite}>
      {invited ? (
        <>
          <Text size="sm" mb="sm">
            {t.linkText}
          </Text>
          <SecretOnce value={invited.link} what={t.link} onDone={close} />
        </>
      ) : (
        <InviteForm idOf={p.idOf} onInvited={setInvited} />
      )}
    </Dialog>
  );
}

function InviteForm({ idOf, onInvited }: { idOf: (role: RoleName) => string; onInvited: (who: Invited) => void }) {
  const t = useText(tenantText).administrators;
  const create = useSend('post', '/users', system);
  const give = useSend('post', '/users/{id}/roles', system);
  const ticket = useSend('post', '/tickets/password-change', system);
  const state = useCreateForm({
    initial: { email: '', role: 'Viewer' as RoleName },
    needs: 'admin',
    validate: { email: (e: string) => (/^\S+@\S+\.\S+$/.test(e.trim()) ? null : t.wrongEmail) },
    create: async ({ email, role }) => {
      const { value: user } = await create.mutateAsync({
        body: {
          connection: 'Username-Password-Authentication',
          email: email.trim(),
          password: randomPassword(),
          verify_email: false,
        },
      });
      const id = user.user_id ?? '';
      await give.mutateAsync({ params: { path: { id } }, body: { roles: [idOf(role)] } });
      const { value: made } = await ticket.mutateAsync({
        body: { user_id: id, client_id: dashboardClient, mark_email_as_verified: true, ttl_sec: 432_000 },
      });
      return { email: email.trim(), link: made.ticket ?? '' };
    },
    created: onInvited,
  });
  const { form } = state;
  return (
    <CreateForm state={state} action={t.invite} cancel={null}>
      <TextInput type="email" label={t.email} required data-autofocus {...form.getInputProps('email')} />
      <NativeSelect
        mt="md"
        label={t.role}
        description={t.meaning[form.values.role]}
        data={[...roleNames]}
        {...form.getInputProps('role')}
      />
    </CreateForm>
  );
}

/** Nobody ever learns it: the owner chooses another by the link. */
function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `${btoa(String.fromCharCode(...bytes))}aA1!`;
}
