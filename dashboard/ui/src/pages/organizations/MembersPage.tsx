import { Badge, Group, Text } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, LinkButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { AddMembers } from './AddMembers';
import { MemberRoles } from './MemberRoles';
import { type Member, memberName, organizationInit, useOrganizationId } from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/$organizationId/members');
const perPage = 20;

export function MembersPage() {
  const t = useText(organizationsText).members;
  const denied = useDenied();
  const { tenant } = route.useParams();
  const id = useOrganizationId();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<Member>();
  const [leaving, setLeaving] = useState<Member>();
  const query = useList<'/organizations/{id}/members', Member>('/organizations/{id}/members', {
    params: {
      path: { id },
      query: { page: page - 1, per_page: perPage, include_totals: 'true', fields: 'user_id,email,name,roles' },
    },
  });
  const add = (
    <GuardedButton denied={denied} leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
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
        rowKey={(m) => m.user_id}
        columns={[
          {
            key: 'name',
            header: t.member,
            title: true,
            cell: (m) => (
              <>
                <RowLink to="/t/$tenant/users/$userId" params={{ tenant, userId: m.user_id }}>
                  {memberName(m)}
                </RowLink>
                {m.email && m.email !== memberName(m) && (
                  <Text size="xs" c="dimmed">
                    {m.email}
                  </Text>
                )}
              </>
            ),
          },
          {
            key: 'roles',
            header: t.roles,
            width: '32%',
            cell: (m) =>
              m.roles?.length ? (
                <Group gap={4}>
                  {m.roles.map((r) => (
                    <Badge key={r.id} variant="light" size="sm">
                      {r.name}
                    </Badge>
                  ))}
                </Group>
              ) : (
                <Text size="sm" c="dimmed">
                  {t.noRoles}
                </Text>
              ),
          },
          {
            key: 'edit',
            header: t.change,
            bare: true,
            width: '15rem',
            cell: (m) => (
              <Control>
                <Group gap="xs" wrap="nowrap">
                  <GuardedButton
                    denied={denied}
                    variant="default"
                    size="xs"
                    aria-label={`${t.editRoles}: ${memberName(m)}`}
                    onClick={() => setEditing(m)}
                  >
                    {t.editRoles}
                  </GuardedButton>
                  <GuardedButton
                    denied={denied}
                    variant="subtle"
                    color="red"
                    size="xs"
                    aria-label={`${t.remove}: ${memberName(m)}`}
                    onClick={() => setLeaving(m)}
                  >
                    {t.remove}
                  </GuardedButton>
                </Group>
              </Control>
            ),
          },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: { page: next } })}
        empty={
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconUsers size={28} />}>
            <Group justify="center">
              {add}
              <LinkButton
                variant="default"
                to="/t/$tenant/organizations/$organizationId/invitations"
                params={{ tenant, organizationId: id }}
              >
                {t.invite}
              </LinkButton>
            </Group>
          </EmptyState>
        }
      />
      <AddMembers opened={adding} onClose={() => setAdding(false)} />
      <MemberRoles member={editing} onClose={() => setEditing(undefined)} />
      <Remove member={leaving} onClose={() => setLeaving(undefined)} />
    </>
  );
}

function Remove({ member, onClose }: { member: Member | undefined; onClose: () => void }) {
  const t = useText(organizationsText).members;
  const toast = useToast();
  const id = useOrganizationId();
  const remove = useSend('delete', '/organizations/{id}/members');
  const name = member ? memberName(member) : '';
  return (
    <ConfirmTyped
      opened={member !== undefined}
      onClose={onClose}
      title={t.removeTitle}
      text={t.removeText(name)}
      action={t.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ ...organizationInit(id), body: { members: [member?.user_id ?? ''] } });
        toast.done(t.removed(name));
        onClose();
      }}
    />
  );
}
