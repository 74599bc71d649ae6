import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { IconCertificate, IconDeviceMobile, IconDevices } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Rows, useCheckpoints, useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, RelativeTime, TextLink } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { type Column, Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { userInit } from '../user';
import { deviceName } from './device';
import { sessionsText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/sessions');

interface Device {
  last_ip?: string;
  last_user_agent?: string;
}
interface Session {
  id: string;
  last_interacted_at: string;
  expires_at: string;
  idle_expires_at: string;
  device: Device;
}
interface RefreshToken {
  id: string;
  client_id: string;
  last_exchanged_at: string;
  expires_at: string | null;
  device: Device;
  resource_servers: { audience: string; scopes: string }[];
}
interface Grant {
  id: string;
  clientID: string;
  audience: string;
  scope: string[];
}

/** What would end, and what it takes to end it. */
interface Ending {
  title: string;
  text: string;
  end: () => Promise<unknown>;
}

export function SessionsPage() {
  const t = useText(sessionsText);
  const toast = useToast();
  const denied = useDenied();
  const { tenant, userId } = route.useParams();
  const [ending, setEnding] = useState<Ending>();
  const endSession = useSend('post', '/sessions/{id}/revoke');
  const endToken = useSend('delete', '/refresh-tokens/{id}');
  const endGrant = useSend('delete', '/grants/{id}');
  const endAll = useSend('post', '/users/{id}/revoke-access');

  const of = { params: { path: { user_id: userId }, query: { take: 50 } } };
  const sessions = useCheckpoints<'/users/{user_id}/sessions', Session>('/users/{user_id}/sessions', of);
  const tokens = useCheckpoints<'/users/{user_id}/refresh-tokens', RefreshToken>('/users/{user_id}/refresh-tokens', of);
  const grants = useList<'/grants', Grant>('/grants', { params: { query: { user_id: userId, per_page: 100 } } });
  const clients = useList('/clients', { params: { query: { per_page: 100, fields: 'client_id,name' } } });
  const appName = (id: string) => clients.data?.rows.find((c) => c.client_id === id)?.name ?? id;
  const application = (id: string) => (
    <Control>
      <TextLink to="/t/$tenant/applications/$clientId" params={{ tenant, clientId: id }}>
        {appName(id)}
      </TextLink>
    </Control>
  );
  const called = (d: Device) => deviceName(d.last_user_agent) ?? t.unknown;
  const device = (d: Device) => (
    <Stack gap={0} miw={0}>
      <Text size="sm" fw={600} title={d.last_user_agent}>
        {called(d)}
      </Text>
      <Text size="xs" c="dimmed">
        {d.last_ip}
      </Text>
    </Stack>
  );
  function revoke<R>(ask: (row: R) => Ending): Column<R> {
    return {
      key: 'revoke',
      header: t.revoke,
      bare: true,
      width: '9.5rem',
      cell: (row) => {
        const what = ask(row);
        return (
          <GuardedButton
            denied={denied}
            variant="default"
            size="xs"
            aria-label={what.title}
            onClick={() => setEnding(what)}
          >
            {t.revoke}
          </GuardedButton>
        );
      },
    };
  }

  return (
    <>
      <Part title={t.sessions} text={t.sessionsText}>
        <GuardedButton
          denied={denied}
          color="red"
          variant="light"
          onClick={() =>
            setEnding({
              title: t.revokeAll,
              text: t.revokeAllText,
              end: () => endAll.mutateAsync({ ...userInit(userId), body: {} }),
            })
          }
        >
          {t.revokeAll}
        </GuardedButton>
      </Part>
      <List
        label={t.sessions}
        query={sessions as unknown as UseQueryResult<Rows<Session>>}
        rowKey={(s) => s.id}
        columns={[
          { key: 'device', header: t.device, title: true, cell: (s) => device(s.device) },
          {
            key: 'active',
            header: t.active,
            width: '22%',
            cell: (s) => <RelativeTime at={s.last_interacted_at} />,
          },
          {
            key: 'expires',
            header: t.expires,
            width: '22%',
            cell: (s) => <RelativeTime at={[s.idle_expires_at, s.expires_at].sort()[0]} />,
          },
          revoke<Session>((s) => ({
            title: t.revokeSession(called(s.device)),
            text: t.revokeSessionText,
            end: () => endSession.mutateAsync({ params: { path: { id: s.id } } }),
          })),
        ]}
        {...(sessions.hasNextPage ? { onMore: () => void sessions.fetchNextPage() } : {})}
        moreBusy={sessions.isFetchingNextPage}
        empty={<EmptyState title={t.noSessions} text={t.noSessionsText} icon={<IconDevices size={28} />} />}
      />

      <Part title={t.tokens} text={t.tokensText} />
      <List
        label={t.tokens}
        query={tokens as unknown as UseQueryResult<Rows<RefreshToken>>}
        rowKey={(r) => r.id}
        columns={[
          { key: 'device', header: t.device, title: true, cell: (r) => device(r.device) },
          { key: 'application', header: t.application, width: '24%', cell: (r) => application(r.client_id) },
          {
            key: 'active',
            header: t.active,
            width: '16%',
            cell: (r) => <RelativeTime at={r.last_exchanged_at} />,
          },
          {
            key: 'expires',
            header: t.expires,
            width: '16%',
            cell: (r) => (r.expires_at ? <RelativeTime at={r.expires_at} /> : t.never),
          },
          revoke<RefreshToken>((r) => ({
            title: t.revokeToken(appName(r.client_id)),
            text: t.revokeTokenText,
            end: () => endToken.mutateAsync({ params: { path: { id: r.id } } }),
          })),
        ]}
        {...(tokens.hasNextPage ? { onMore: () => void tokens.fetchNextPage() } : {})}
        moreBusy={tokens.isFetchingNextPage}
        empty={<EmptyState title={t.noTokens} text={t.noTokensText} icon={<IconDeviceMobile size={28} />} />}
      />

      <Part title={t.consents} text={t.consentsText} />
      <List
        label={t.consents}
        query={grants}
        rowKey={(g) => g.id}
        columns={[
          { key: 'application', header: t.application, title: true, cell: (g) => application(g.clientID) },
          { key: 'api', header: t.api, width: '28%', cell: (g) => g.audience },
          { key: 'scope', header: t.scope, width: '28%', cell: (g) => g.scope.join(' ') },
          revoke<Grant>((g) => ({
            title: t.revokeConsent(appName(g.clientID)),
            text: t.revokeConsentText,
            end: () => endGrant.mutateAsync({ params: { path: { id: g.id } } }),
          })),
        ]}
        empty={<EmptyState title={t.noConsents} text={t.noConsentsText} icon={<IconCertificate size={28} />} />}
      />

      <ConfirmTyped
        opened={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={ending?.title ?? ''}
        text={ending?.text}
        action={t.revoke}
        onConfirm={async () => {
          await ending?.end();
          setEnding(undefined);
          toast.done(t.revoked);
        }}
      />
    </>
  );
}

function Part({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <Group justify="space-between" align="flex-end" mt="xl" mb="md">
      <Box flex="1 1 18rem">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed" size="sm">
          {text}
        </Text>
      </Box>
      {children}
    </Group>
  );
}
