import { Alert, NativeSelect, SimpleGrid, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { useEntity, useList } from '#/api/hooks';
import { useLanguage, useText } from '#/i18n/text';
import { Section, TextLink } from '#/kit/bits';
import { ErrorState } from '#/kit/states';
import { duration } from '#/kit/time';
import { missingSide, type NextLogin as Next, rulesOf, whenAway, whileUsed } from './nextLogin';
import { securityText } from './text';

const route = getRouteApi('/t/$tenant/security/sessions');

/** Answers when a user next sees a login page, and which setting decides it, with the lifetimes as they are typed. */
export function NextLogin({
  sessions,
  changed,
}: {
  sessions: { session: number; idle: number; persistent: boolean };
  changed: boolean;
}) {
  const t = useText(securityText).next;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const clients = useList('/clients', {
    params: {
      query: {
        per_page: 100,
        include_totals: 'true',
        is_global: 'false',
        app_type: 'native,spa,regular_web',
        fields: 'client_id,name,app_type,grant_types,refresh_token',
      },
    },
  });
  const apis = useList('/resource-servers', { params: { query: { per_page: 100, include_totals: 'true' } } });
  const settings = useEntity('/tenants/settings', {});
  const listed = clients.data?.rows.find((c) => c.client_id === search.client);
  // A link may name an application beyond the first hundred.
  const named = useEntity(
    '/clients/{id}',
    { params: { path: { id: search.client ?? '' } } },
    { enabled: search.client !== undefined && clients.data !== undefined && !listed },
  );
  const [keeps, setKeeps] = useState<Record<string, boolean>>({});

  const failed = clients.error ?? apis.error ?? settings.error;
  if (failed && (!clients.data || !apis.data || !settings.data)) {
    return (
      <Section title={t.title} text={t.text}>
        <ErrorState error={failed} />
      </Section>
    );
  }
  const all = [...(clients.data?.rows ?? []), ...(named.data && !listed ? [named.data.value] : [])];
  const client = all.find((c) => c.client_id === search.client) ?? all[0];
  const own = apis.data?.rows.filter((a) => !a.is_system) ?? [];
  const standard = own.find((a) => a.identifier === settings.data?.value.default_audience);
  const api = own.find((a) => a.id === search.api) ?? standard;
  const id = client?.client_id ?? '';
  const holds = keeps[id] ?? client?.app_type !== 'spa';
  const go = (next: { client?: string; api?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });

  return (
    <Section title={t.title} text={t.text} wide>
      {clients.data && !client ? (
        <Text>{t.noApplication}</Text>
      ) : (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NativeSelect
              label={t.application}
              disabled={!client}
              value={id}
              data={all.map((c) => ({ value: c.client_id ?? '', label: c.name ?? '' }))}
              onChange={(event) => go({ client: event.currentTarget.value })}
            />
            <NativeSelect
              label={t.api}
              disabled={!apis.data}
              value={api?.id ?? ''}
              data={[
                ...(standard ? [] : [{ value: '', label: t.noApi }]),
                ...own.map((a) => ({ value: a.id ?? '', label: a.name || (a.identifier ?? '') })),
              ]}
              onChange={(event) => go({ api: event.currentTarget.value })}
            />
          </SimpleGrid>
          <Switch
            label={t.keeps}
            description={t.keepsHelp}
            checked={holds}
            onChange={(event) => setKeeps({ ...keeps, [id]: event.currentTarget.checked })}
          />
          {client && apis.data && settings.data ? (
            <Answers sessions={sessions} client={client} api={api} keeps={holds} changed={changed} />
          ) : (
            <Skeleton h={150} />
          )}
        </>
      )}
    </Section>
  );
}

interface Asked {
  sessions: { session: number; idle: number; persistent: boolean };
  client: Schemas['client'];
  api: Schemas['resource_server'] | undefined;
  keeps: boolean;
}

function Answers({ changed, ...asked }: Asked & { changed: boolean }) {
  const t = useText(securityText).next;
  const rules = rulesOf(asked.sessions, asked.client, asked.api, asked.keeps);
  const missing = missingSide(asked.client, asked.api);
  return (
    <Stack gap="sm" aria-live="polite">
      <Text size="sm" c="dimmed">
        {changed ? t.asTyped : t.asSaved}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Answer {...asked} about={t.used} next={whileUsed(rules)} say={t.usedFor} />
        <Answer {...asked} about={t.away} next={whenAway(rules)} say={t.awayFor} />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {!asked.keeps ? t.noTokens : missing === 'grant' ? t.noGrant : missing === 'api' ? t.noOffline : t.offline}{' '}
        {t.asked}
      </Text>
    </Stack>
  );
}

function Answer({ about, next, say, ...asked }: Asked & { about: string; next: Next; say: (time: string) => string }) {
  const t = useText(securityText).next;
  const { language } = useLanguage();
  const line =
    next.after === Number.POSITIVE_INFINITY
      ? t.never
      : next.decider === 'session_cookie'
        ? t.withBrowser
        : say(duration(next.after, language));
  return (
    <Alert color="proof" title={about} role="group" aria-label={about}>
      <Text fw={600} size="lg">
        {line}
      </Text>
      <Text size="sm">
        {next.decider !== 'nothing' && (
          <>
            {t.decides} <DeciderLink next={next} {...asked} />.{' '}
          </>
        )}
        {next.whileOpen && t.whileOpen}
      </Text>
    </Alert>
  );
}

/** The setting that decides, as a link to where it is changed; the sessions' own are below on this page. */
function DeciderLink({ next, client, api }: Asked & { next: Next }) {
  const t = useText(securityText).next;
  const { tenant } = route.useParams();
  if (next.decider === 'refresh_idle' || next.decider === 'refresh_lifetime') {
    return (
      <TextLink to="/t/$tenant/applications/$clientId/settings" params={{ tenant, clientId: client.client_id ?? '' }}>
        {t.deciders[next.decider](client.name ?? '')}
      </TextLink>
    );
  }
  if (next.decider === 'access_token' && api) {
    return (
      <TextLink to="/t/$tenant/apis/$apiId/settings" params={{ tenant, apiId: api.id ?? '' }}>
        {t.deciders.access_token(api.name || (api.identifier ?? ''))}
      </TextLink>
    );
  }
  if (next.decider === 'nothing') return null;
  return <strong>{next.decider === 'access_token' ? t.opaque : t.deciders[next.decider]}</strong>;
}
