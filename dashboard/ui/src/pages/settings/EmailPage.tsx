import { Badge, Group, NativeSelect, PasswordInput, SimpleGrid, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { ApiError } from '#/api/errors';
import { useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Facts, GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { CreateForm, useCreateForm } from '#/kit/form';
import { useDenied } from '#/kit/permission';
import { FormSkeleton, Loaded, StoredOnlyNotice } from '#/kit/states';
import { useToast } from '#/kit/toast';
import {
  type Credential,
  credentials,
  credentialsOf,
  optional,
  type ProviderName,
  providerLabels,
  secret,
} from './providers';
import { tenantText } from './text';

type Provider = Schemas['email_provider'];

export function EmailPage() {
  const t = useText(tenantText).email;
  const query = useEntity('/emails/provider', {
    params: { query: { fields: 'name,enabled,default_from_address', include_fields: 'true' } },
  });
  const absent = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <StoredOnlyNotice text={t.stored} />
      {absent ? (
        <Configure key="new" />
      ) : (
        <Loaded query={query} skeleton={<FormSkeleton sections={1} />}>
          {({ value }) => <Present provider={value} />}
        </Loaded>
      )}
    </>
  );
}

function Present({ provider }: { provider: Provider }) {
  const t = useText(tenantText).email;
  const toast = useToast();
  const denied = useDenied('admin');
  const [asked, setAsked] = useState(false);
  const [anew, setAnew] = useState(false);
  const remove = useSend('delete', '/emails/provider');
  const patch = useSend('patch', '/emails/provider');
  const name = provider.name ?? '';
  const label = providerLabels[name as ProviderName] ?? name;
  return (
    <>
      <Section title={t.title} text={t.text}>
        <Facts
          rows={[
            [t.provider, label],
            [t.from, provider.default_from_address || '–'],
            [
              t.state,
              <Badge key="state" variant="light" color={provider.enabled === false ? 'gray' : 'teal'}>
                {provider.enabled === false ? t.off : t.on}
              </Badge>,
            ],
          ]}
        />
        <Text size="sm" c="dimmed">
          {t.hidden}
        </Text>
        <Group>
          <GuardedButton
            denied={denied}
            variant="default"
            loading={patch.isPending}
            onClick={() =>
              void patch
                .mutateAsync({ body: { enabled: provider.enabled === false } })
                .then(() => toast.done(t.saved), toast.failed)
            }
          >
            {provider.enabled === false ? t.turnOn : t.turnOff}
          </GuardedButton>
          <GuardedButton denied={denied} variant="default" onClick={() => setAnew(!anew)}>
            {t.anew}
          </GuardedButton>
          <GuardedButton denied={denied} variant="light" color="red" onClick={() => setAsked(true)}>
            {t.remove}
          </GuardedButton>
        </Group>
      </Section>
      {anew && <Configure present={provider} onDone={() => setAnew(false)} />}
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.remove}
        text={t.removeText}
        word={label}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync({});
          toast.done(t.removed);
        }}
      />
    </>
  );
}

/** Sets a provider up. Its credentials are sent whole: nobody can read the present ones to keep some of them. */
function Configure({ present, onDone }: { present?: Provider; onDone?: () => void }) {
  const t = useText(tenantText).email;
  const toast = useToast();
  const create = useSend('post', '/emails/provider');
  const patch = useSend('patch', '/emails/provider');
  const state = useCreateForm({
    initial: {
      name: ((present?.name as ProviderName) ?? 'smtp') as ProviderName,
      default_from_address: present?.default_from_address ?? '',
      enabled: present?.enabled !== false,
      credentials: {} as Partial<Record<Credential, string>>,
    },
    needs: 'admin',
    validate: (v) => ({
      default_from_address:
        v.default_from_address.trim() === '' || /\S+@\S+/.test(v.default_from_address) ? null : t.wrongFrom,
      ...Object.fromEntries(
        credentials[v.name].map((key) => [
          `credentials.${key}`,
          !optional.includes(key) && !v.credentials[key]?.trim()
            ? t.missing
            : key === 'smtp_port' && v.credentials[key] && !/^\d{1,5}$/.test(v.credentials[key].trim())
              ? t.wrongPort
              : null,
        ]),
      ),
    }),
    create: (v) => {
      const body = {
        name: v.name,
        enabled: v.enabled,
        ...(v.default_from_address.trim() ? { default_from_address: v.default_from_address.trim() } : {}),
        credentials: credentialsOf(v.name, v.credentials),
      };
      return present ? patch.mutateAsync({ body }) : create.mutateAsync({ body });
    },
    created: () => {
      toast.done(t.saved);
      onDone?.();
    },
  });
  const { form } = state;
  return (
    <CreateForm state={state} action={t.save} cancel={null}>
      <Section title={present ? t.anew : t.title} text={present ? t.anewText : t.noneText}>
        <NativeSelect
          label={t.provider}
          data={Object.entries(providerLabels).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t.from}
          description={t.fromHelp}
          placeholder="Example <no-reply@example.com>"
          {...form.getInputProps('default_from_address')}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {credentials[form.values.name].map((key) => {
            const field = {
              label: t.credentials[key],
              required: !optional.includes(key),
              ...form.getInputProps(`credentials.${key}`),
              value: form.values.credentials[key] ?? '',
            };
            return secret.includes(key) ? (
              <PasswordInput key={key} autoComplete="new-password" {...field} />
            ) : (
              <TextInput key={key} spellCheck={false} autoComplete="off" {...field} />
            );
          })}
        </SimpleGrid>
        <Switch label={t.enabled} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      </Section>
    </CreateForm>
  );
}
