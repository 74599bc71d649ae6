import { Alert, Badge, Group, NativeSelect, SimpleGrid, Text, TextInput, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Entity } from '#/api/hooks';
import { useList, useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, CopyableId, GuardedButton, Section } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { clientInit, useApplication } from '../application';
import type { Client } from '../types';
import { isAppType } from '../types';
import { type Platform, platforms, platformsOf, type Quickstart } from './platforms';
import { quickstartText } from './text';

const route = getRouteApi('/t/$tenant/applications/$clientId/quickstart');

export function QuickstartPage() {
  const t = useText(quickstartText);
  return (
    <Loaded query={useApplication()}>
      {(entity) => {
        const type = entity.value.app_type;
        return isAppType(type) ? (
          <Examples entity={entity} choices={platformsOf[type]} />
        ) : (
          <EmptyState title={t.steps.install} text={t.noExample} />
        );
      }}
    </Loaded>
  );
}

function Examples({ entity, choices }: { entity: Entity<Client>; choices: Platform[] }) {
  const t = useText(quickstartText);
  const client = entity.value;
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const apis = useList('/resource-servers', {
    params: { query: { per_page: 100, include_totals: 'true' } },
  });
  const known = client.mobile?.ios?.app_bundle_identifier || client.mobile?.android?.app_package_name;
  const [app, setApp] = useState(search.app ?? known ?? 'com.example.app');

  const platform = choices.find((p) => p === search.platform) ?? choices[0] ?? 'curl-native';
  const own = apis.data?.rows.filter((api) => !api.is_system) ?? [];
  const machine = client.app_type === 'non_interactive';
  const api = own.find((a) => a.identifier === search.api) ?? (search.api === undefined ? own[0] : undefined);
  const offline = api ? api.allow_offline_access === true : true;
  const scopes = ['openid', 'profile', 'email', ...(offline ? ['offline_access'] : [])];
  const quickstart = platforms[platform].make({
    issuer: tenant.issuer,
    domain: tenant.domain,
    clientId: client.client_id ?? '',
    audience: api?.identifier ?? '',
    scope: scopes.join(' '),
    app: app.trim() || 'com.example.app',
    origin: 'http://localhost:8080',
  });

  return (
    <>
      <Section>
        <SimpleGrid cols={{ base: 1, sm: platforms[platform].app ? 3 : 2 }}>
          <NativeSelect
            label={t.platform}
            value={platform}
            data={choices.map((value) => ({ value, label: platforms[value].label }))}
            onChange={(event) => {
              const next = event.currentTarget.value;
              void navigate({ search: (s) => ({ ...s, platform: next }), replace: true });
            }}
          />
          <NativeSelect
            label={t.api}
            value={api?.identifier ?? 'none'}
            data={[
              ...(machine ? [] : [{ value: 'none', label: t.noApi }]),
              ...own.map((a) => ({ value: a.identifier ?? '', label: a.name ?? a.identifier ?? '' })),
            ]}
            onChange={(event) => {
              const next = event.currentTarget.value;
              void navigate({ search: (s) => ({ ...s, api: next }), replace: true });
            }}
          />
          {platforms[platform].app && (
            <TextInput
              label={t.app}
              description={t.appHelp}
              value={app}
              onChange={(event) => setApp(event.currentTarget.value)}
            />
          )}
        </SimpleGrid>
        {!machine && api && !offline && (
          <Alert color="yellow" role="note">
            {t.offlineOff(api.name ?? '')}
          </Alert>
        )}
        {platforms[platform].app && tenant.issuer.startsWith('http:') && (
          <Alert color="yellow" role="note">
            {t.http}
          </Alert>
        )}
      </Section>
      <Addresses entity={entity} quickstart={quickstart} />
      <ol className={kit.steps}>
        {quickstart.steps.map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={`${platform} ${i}`}>
            <Group gap="xs" mb="xs">
              <Title order={2} size="h5">
                {i + 1}. {t.steps[step.name]}
              </Title>
              {step.file && (
                <Text size="sm" c="dimmed" ff="monospace">
                  {step.file}
                </Text>
              )}
            </Group>
            <CodeBlock code={step.code} what={`${t.steps[step.name]}${step.file ? `: ${step.file}` : ''}`} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** The addresses that the example needs, and whether the application has them; one press adds those that it lacks. */
function Addresses({ entity, quickstart }: { entity: Entity<Client>; quickstart: Quickstart }) {
  const t = useText(quickstartText);
  const toast = useToast();
  const denied = useDenied();
  const patch = useSend('patch', '/clients/{id}');
  const client = entity.value;
  const lists = [
    ['callbacks', t.callback, quickstart.callbacks],
    ['allowed_logout_urls', t.logout, quickstart.logoutUrls],
    ['web_origins', t.origin, quickstart.webOrigins],
  ] as const;
  const lacking = (key: (typeof lists)[number][0], needed: string[]) =>
    needed.filter((address) => !client[key]?.includes(address));
  const missing = lists.flatMap(([key, , needed]) => lacking(key, needed));
  if (lists.every(([, , needed]) => needed.length === 0)) return null;

  const add = () =>
    patch.mutate(
      {
        ...clientInit(client.client_id ?? ''),
        ifMatch: entity.etag,
        body: Object.fromEntries(
          lists
            .filter(([key, , needed]) => lacking(key, needed).length > 0)
            .map(([key, , needed]) => [key, [...(client[key] ?? []), ...lacking(key, needed)]]),
        ),
      },
      { onSuccess: () => toast.done(t.added), onError: toast.failed },
    );

  return (
    <Section title={t.addressesTitle} text={t.addressesText} wide>
      {lists.map(([key, label, needed]) =>
        needed.map((address) => {
          const there = client[key]?.includes(address);
          return (
            <Group key={`${key} ${address}`} gap="xs">
              <Text size="sm" w="6rem">
                {label}
              </Text>
              <CopyableId value={address} what={label} />
              <Badge size="sm" variant="light" color={there ? 'teal' : 'yellow'}>
                {there ? t.listed : t.missing}
              </Badge>
            </Group>
          );
        }),
      )}
      {missing.length > 0 && (
        <Group>
          <GuardedButton denied={denied} loading={patch.isPending} onClick={add}>
            {t.add}
          </GuardedButton>
        </Group>
      )}
    </Section>
  );
}
