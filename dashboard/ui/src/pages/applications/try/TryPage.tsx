import { Alert, Button, Group, NativeSelect, PasswordInput, Switch, Text, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type Entity, useList, useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, LinkButton, Section, TextLink } from '#/kit/bits';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { clientInit, useApplication } from '../application';
import type { Client } from '../types';
import { callbackAddress } from './callback';
import { possible, proofOf, provable } from './flow';
import { Trace } from './Trace';
import { tryText } from './text';
import { useTry } from './useTry';

const route = getRouteApi('/t/$tenant/applications/$clientId/try');

export function TryPage() {
  const t = useText(tryText);
  const params = route.useParams();
  return (
    <Loaded query={useApplication()}>
      {(entity) => {
        const client = entity.value;
        if (!possible()) return <EmptyState title={t.insecureTitle} text={t.insecureText} />;
        if (!client.grant_types?.includes('authorization_code')) {
          return (
            <EmptyState title={t.noGrantTitle} text={t.noGrantText}>
              <LinkButton to="/t/$tenant/applications/$clientId/settings" params={params}>
                {t.toSettings}
              </LinkButton>
            </EmptyState>
          );
        }
        if (!provable(client)) {
          return <EmptyState title={t.noProofTitle} text={t.noProofText(client.token_endpoint_auth_method ?? '')} />;
        }
        return <Try key={client.client_id} entity={entity} />;
      }}
    </Loaded>
  );
}

function Try({ entity }: { entity: Entity<Client> }) {
  const t = useText(tryText);
  const client = entity.value;
  const tenant = useTenant();
  const { tenant: tenantName } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const apis = useList('/resource-servers', { params: { query: { per_page: 100, include_totals: 'true' } } });
  const own = apis.data?.rows.filter((api) => !api.is_system) ?? [];
  const audience = search.api ?? '';
  const choices = own.map((a) => ({ value: a.identifier ?? '', label: a.name ?? a.identifier ?? '' }));
  // The list may still be on its way, or not reach so far.
  if (audience && !choices.some(({ value }) => value === audience)) choices.push({ value: audience, label: audience });
  const [scope, setScope] = useState('openid profile email offline_access');
  const [login, setLogin] = useState(true);
  const [typed, setTyped] = useState('');
  const run = useTry();

  const secretNeeded = client.token_endpoint_auth_method !== 'none';
  const proof = proofOf(client, typed);
  const listed = client.callbacks?.includes(callbackAddress()) === true;
  const ready = listed && !(secretNeeded && proof.secret === '');
  const ask = () => ({
    issuer: tenant.issuer,
    clientId: client.client_id ?? '',
    audience,
    scope: scope.trim().split(/\s+/).join(' '),
    login,
  });

  return (
    <>
      <Section title={t.title} text={t.intro}>
        <NativeSelect
          label={t.api}
          value={audience}
          data={[{ value: '', label: t.noApi }, ...choices]}
          onChange={(event) => {
            const next = event.currentTarget.value;
            void navigate({ search: next ? { api: next } : {}, replace: true });
          }}
        />
        <TextInput
          label={t.scope}
          description={t.scopeHelp}
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value)}
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
        />
        {secretNeeded && !client.client_secret && (
          <PasswordInput
            label={t.secret}
            description={t.secretHelp}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Switch
          label={t.login}
          description={t.loginHelp}
          checked={login}
          onChange={(event) => setLogin(event.currentTarget.checked)}
        />
        <Callback entity={entity} listed={listed} />
        {run.blocked && (
          <Alert color="red" role="alert">
            {t.blocked}
          </Alert>
        )}
        <Group>
          <Button onClick={() => run.begin(ask(), proof)} disabled={!ready || !run.ready} loading={run.busy}>
            {run.steps.length > 0 ? t.again : t.begin}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {run.waiting ? t.waiting : ''}
          </Text>
        </Group>
      </Section>
      <Trace steps={run.steps} />
      {run.ended && (
        <Group mt="lg" gap="md">
          {run.refresh && (
            <Button variant="default" loading={run.busy} onClick={run.refresh}>
              {t.refresh}
            </Button>
          )}
          {run.noRefresh && (
            <Text size="sm">
              {t.noRefresh} {t.noRefreshReasons[lack(client, run.noRefresh, own)]}
            </Text>
          )}
          {run.steps.some((step) => step.failed) && (
            <TextLink to="/t/$tenant/events" params={{ tenant: tenantName }} search={{ q: client.client_id ?? '' }}>
              {t.why}
            </TextLink>
          )}
        </Group>
      )}
    </>
  );
}

/** On which of the three sides offline access is missing. */
function lack(
  client: Client,
  asked: { scope: string; audience: string },
  apis: { identifier?: string | undefined; allow_offline_access?: boolean | null | undefined }[],
) {
  if (!asked.scope.split(' ').includes('offline_access')) return 'scope';
  if (!client.grant_types?.includes('refresh_token')) return 'grant';
  if (apis.some((api) => api.identifier === asked.audience && !api.allow_offline_access)) return 'api';
  return 'other';
}

/** Whether the application knows this page's address, and the button that changes it. */
function Callback({ entity, listed }: { entity: Entity<Client>; listed: boolean }) {
  const t = useText(tryText);
  const toast = useToast();
  const denied = useDenied();
  const patch = useSend('patch', '/clients/{id}');
  const address = callbackAddress();
  const others = (entity.value.callbacks ?? []).filter((callback) => callback !== address);
  const set = (callbacks: string[], done: string) =>
    patch.mutate(
      { ...clientInit(entity.value.client_id ?? ''), ifMatch: entity.etag, body: { callbacks } },
      { onSuccess: () => toast.done(done), onError: toast.failed },
    );
  if (listed) {
    return (
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t.callbackThere}
        </Text>
        <GuardedButton
          denied={denied}
          variant="subtle"
          size="compact-sm"
          loading={patch.isPending}
          onClick={() => set(others, t.removed)}
        >
          {t.removeCallback}
        </GuardedButton>
      </Group>
    );
  }
  return (
    <Alert color="yellow" role="note">
      <Text size="sm" mb="sm" style={{ overflowWrap: 'anywhere' }}>
        {t.callbackMissing(address)}
      </Text>
      <GuardedButton
        denied={denied}
        variant="default"
        size="sm"
        loading={patch.isPending}
        onClick={() => set([...others, address], t.added)}
      >
        {t.addCallback}
      </GuardedButton>
    </Alert>
  );
}
