import { Badge, Group, Text } from '@mantine/core';
import { IconMail, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyIcon, GuardedButton, LinkButton, RelativeTime } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { type Invitation, useOrganizationId } from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/$organizationId/invitations');
const perPage = 20;

export function InvitationsPage() {
  const t = useText(organizationsText).invitations;
  const denied = useDenied();
  const params = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const [revoking, setRevoking] = useState<Invitation>();
  const query = useList('/organizations/{id}/invitations', {
    params: {
      path: { id: params.organizationId },
      query: { page: page - 1, per_page: perPage, include_totals: 'true', sort: 'created_at:-1' },
    },
  });
  const invite = (
    <LinkButton
      to="/t/$tenant/organizations/$organizationId/invitations/new"
      params={params}
      leftSection={<IconPlus size={18} />}
    >
      {t.invite}
    </LinkButton>
  );
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <Text c="dimmed" size="sm" flex="1 1 16rem">
          {t.intro}
        </Text>
        {invite}
      </Group>
      <List
        label={t.title}
        query={query}
        rowKey={(i) => i.id ?? ''}
        columns={[
          {
            key: 'email',
            header: t.fields.email,
            title: true,
            cell: (i) => (
              <Text fw={600} size="sm">
                {i.invitee?.email}
              </Text>
            ),
          },
          { key: 'inviter', header: t.fields.inviter, width: '20%', cell: (i) => i.inviter?.name },
          {
            key: 'expires',
            header: t.expires,
            width: '20%',
            cell: (i) =>
              Date.parse(i.expires_at ?? '') < Date.now() ? (
                <Badge variant="light" color="red" size="sm">
                  {t.expired}
                </Badge>
              ) : (
                <RelativeTime at={i.expires_at} />
              ),
          },
          {
            key: 'link',
            header: t.link,
            width: '14rem',
            cell: (i) => (
              <Control>
                <Group gap="xs" wrap="nowrap">
                  <CopyIcon value={i.invitation_url ?? ''} what={t.linkOf(i.invitee?.email ?? '')} />
                  <GuardedButton
                    denied={denied}
                    variant="subtle"
                    color="red"
                    size="xs"
                    aria-label={`${t.revoke}: ${i.invitee?.email}`}
                    onClick={() => setRevoking(i)}
                  >
                    {t.revoke}
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
          <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconMail size={28} />}>
            {invite}
          </EmptyState>
        }
      />
      <Revoke invitation={revoking} onClose={() => setRevoking(undefined)} />
    </>
  );
}

function Revoke({ invitation, onClose }: { invitation: Invitation | undefined; onClose: () => void }) {
  const t = useText(organizationsText).invitations;
  const toast = useToast();
  const id = useOrganizationId();
  const remove = useSend('delete', '/organizations/{id}/invitations/{invitation_id}');
  const email = invitation?.invitee?.email ?? '';
  return (
    <ConfirmTyped
      opened={invitation !== undefined}
      onClose={onClose}
      title={t.revokeTitle}
      text={t.revokeText(email)}
      action={t.revoke}
      onConfirm={async () => {
        await remove.mutateAsync({ params: { path: { id, invitation_id: invitation?.id ?? '' } } });
        toast.done(t.revoked(email));
        onClose();
      }}
    />
  );
}
