import { Checkbox, NativeSelect, Switch } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '#/api/client';
import { type Entity, useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded, StoredOnlyNotice } from '#/kit/states';
import { securityText } from './text';

type Breached = Schemas['attack_protection_breached_password'];

const path = '/attack-protection/breached-password-detection';

export function BreachedPage() {
  const query = useEntity(path, {});
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (b: Breached) => ({
  enabled: b.enabled === true,
  shields: b.shields ?? [],
  signup: b.stage?.['pre-user-registration']?.shields ?? [],
  change: b.stage?.['pre-change-password']?.shields ?? [],
  admin_notification_frequency: b.admin_notification_frequency ?? [],
  method: b.method ?? 'standard',
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values): Schemas['attack_protection_breached_password_update'] => ({
  enabled: v.enabled,
  shields: v.shields,
  stage: { 'pre-user-registration': { shields: v.signup }, 'pre-change-password': { shields: v.change } },
  admin_notification_frequency: v.admin_notification_frequency,
  method: v.method,
});

function Settings({ query }: { query: UseQueryResult<Entity<Breached>> }) {
  const t = useText(securityText).breached;
  const patch = useSend('patch', path);
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save: (body, ifMatch) => patch.mutateAsync({ body, ifMatch }),
    labels: {
      enabled: t.enabled,
      shields: t.login,
      signup: t.signup,
      change: t.change,
      admin_notification_frequency: t.frequency,
      method: t.method,
    },
  });
  const { form } = state;
  const group = (
    key: 'shields' | 'signup' | 'change' | 'admin_notification_frequency',
    label: string,
    options: { value: string; label: string }[],
  ) => (
    <Checkbox.Group label={label} {...form.getInputProps(key)}>
      {options.map((o) => (
        <Checkbox key={o.value} value={o.value} label={o.label} mt="xs" />
      ))}
    </Checkbox.Group>
  );
  const stage = [
    { value: 'block', label: t.shields.block },
    { value: 'admin_notification', label: t.shields.admin_notification },
  ];
  return (
    <EntityForm state={state}>
      <StoredOnlyNotice />
      <Section title={t.title} text={t.text}>
        <Switch label={t.enabled} {...form.getInputProps('enabled', { type: 'checkbox' })} />
        <NativeSelect
          label={t.method}
          data={(['standard', 'enhanced'] as const).map((value) => ({ value, label: t.methods[value] }))}
          {...form.getInputProps('method')}
        />
      </Section>
      <Section title={t.found} text={t.foundText}>
        {group('shields', t.login, [...stage, { value: 'user_notification', label: t.shields.user_notification }])}
        {group('signup', t.signup, stage)}
        {group('change', t.change, stage)}
        {group(
          'admin_notification_frequency',
          t.frequency,
          (['immediately', 'daily', 'weekly', 'monthly'] as const).map((value) => ({
            value,
            label: t.frequencies[value],
          })),
        )}
      </Section>
    </EntityForm>
  );
}
