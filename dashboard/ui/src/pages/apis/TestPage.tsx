import { Alert, Button, Group, NativeSelect, PasswordInput, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useEntity, useList, useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, GuardedButton, LinkButton, Section } from '#/kit/bits';
import { useFailureText } from '#/kit/failure';
import { useDenied } from '#/kit/permission';
import { EmptyState, FormSkeleton, Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { clientInit } from '#/pages/applications/application';
import { curl } from '#/pages/applications/quickstart/machine';
import { type Api, useApiEntity } from './api';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/$apiId/test');

/** Gets a token for the API as an application would, from the tenant's own token endpoint. */
export function TestPage() {
  const t = useText(apisText);
  const params = route.useParams();
  const api = useApiEntity();
  const grants = useList('/client-grants', {
    params: { query: { audience: api.data?.value.identifier ?? '', per_page: 100, include_totals: 'true' } },
  });
  return (
    <Loaded query={api}>
      {({ value }) => (
        <Loaded query={grants}>
          {({ rows }) => {
            const ids = rows.flatMap((g) => (g.client_id && g.subject_type !== 'user' ? [g.client_id] : []));
            return ids.length > 0 ? (
              <Test api={value} clientIds={ids} />
            ) : (
              <EmptyState title={t.test.noneTitle} text={t.test.noneText}>
                <LinkButton to="/t/$tenant/apis/$apiId/applications" params={params}>
                  {t.tabs.applications}
                </LinkButton>
              </EmptyState>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

function decoded(token: unknown): string | undefined {
  if (typeof token !== 'string' || token.split('.').length !== 3) return undefined;
  const part = (i: number) => {
    const text = atob((token.split('.')[i] ?? '').replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  };
  try {
    return `${JSON.stringify(part(0), null, 2)}\n${JSON.stringify(part(1), null, 2)}`;
  } catch {
    return undefined;
  }
}

function Test({ api, clientIds }: { api: Api; clientIds: string[] }) {
  const t = useText(apisText).test;
  const toast = useToast();
  const failure = useFailureText();
  const denied = useDenied();
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const names = useList('/clients', {
    params: { query: { per_page: 100, include_totals: 'true', fields: 'client_id,name', is_global: 'false' } },
  });
  const clientId = clientIds.find((id) => id === search.client) ?? clientIds[0] ?? '';
  const client = useEntity('/clients/{id}', clientInit(clientId));
  const patch = useSend('patch', '/clients/{id}');
  const [typed, setTyped] = useState('');
  const [answer, setAnswer] = useState<{ ok: boolean; text: string; token: string | undefined }>();
  const [busy, setBusy] = useState(false);

  const origin = window.location.origin;
  const origins = client.data?.value.allowed_origins ?? [];
  const readable = client.data?.value.client_secret;
  const secret = typed || readable || '';
  const nameOf = (id: string) => names.data?.rows.find((c) => c.client_id === id)?.name ?? id;

  async function getToken() {
    setBusy(true);
    setAnswer(undefined);
    try {
      const response = await fetch(`${tenant.issuer}oauth/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: secret,
          audience: api.identifier,
        }),
      });
      const body = await response.json();
      setAnswer({
        ok: response.ok,
        text: `HTTP ${response.status}\n${JSON.stringify(body, null, 2)}`,
        token: decoded(body.access_token),
      });
    } catch (error) {
      setAnswer({ ok: false, text: failure(error), token: undefined });
    } finally {
      setBusy(false);
    }
  }

  if (!client.data) return <FormSkeleton sections={2} />;
  return (
    <>
      <Section title={t.title} text={t.text}>
        <NativeSelect
          label={t.application}
          value={clientId}
          data={clientIds.map((id) => ({ value: id, label: nameOf(id) }))}
          onChange={(event) => {
            const next = event.currentTarget.value;
            setAnswer(undefined);
            void navigate({ search: { client: next }, replace: true });
          }}
        />
        {!readable && (
          <PasswordInput
            label={t.secret}
            description={t.secretHelp}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {!origins.includes(origin) ? (
          <Alert color="yellow" role="note">
            <Text size="sm" mb="sm">
              {t.origin(origin)}
            </Text>
            <GuardedButton
              denied={denied}
              variant="default"
              size="sm"
              loading={patch.isPending}
              onClick={() =>
                patch.mutate(
                  {
                    ...clientInit(clientId),
                    body: { allowed_origins: [...origins, origin] },
                    ifMatch: client.data?.etag,
                  },
                  { onError: toast.failed },
                )
              }
            >
              {t.allow}
            </GuardedButton>
          </Alert>
        ) : (
          <Group>
            <Button onClick={() => void getToken()} loading={busy} disabled={secret === ''}>
              {t.get}
            </Button>
          </Group>
        )}
        {answer && (
          <div role="status">
            <Text size="sm" fw={600} mb="xs">
              {answer.ok ? t.got : t.refused}
            </Text>
            <CodeBlock code={answer.text} what={t.answer} />
          </div>
        )}
        {answer?.token && (
          <div>
            <Text size="sm" fw={600} mb="xs">
              {t.decoded}
            </Text>
            <CodeBlock code={answer.token} what={t.decoded} />
          </div>
        )}
      </Section>
      <Section title="curl" text={t.curl}>
        {curl({
          issuer: tenant.issuer,
          domain: tenant.domain,
          clientId,
          audience: api.identifier ?? '',
          scope: '',
          app: '',
          origin,
        }).steps.map((step) => (
          <CodeBlock key={step.name} code={step.code} what={`curl: ${step.name}`} />
        ))}
      </Section>
    </>
  );
}
