import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, Facts, Section } from '#/kit/bits';
import { EntityForm, type Form, useEntityForm } from '#/kit/form';
import { LifetimeInput, LinesInput } from '#/kit/inputs';
import { distinct, type Pair } from '#/kit/pairs';
import { Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import { type ApplicationQuery, clientInit, useApplication } from '../application';
import { applicationsText } from '../text';
import { appTypes, type ClientUpdate, isAppType } from '../types';
import { Delete } from './Delete';
import { Device } from './Device';
import { Grants } from './Grants';
import { Metadata } from './Metadata';
import { RefreshTokens } from './RefreshTokens';
import { Trust } from './Trust';
import { settingsText } from './text';
import { names, type SettingsValues, toBody, toValues, validators } from './values';

export function SettingsPage() {
  const query = useApplication();
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

export type SettingsForm = Form<SettingsValues>;

/** The label, help and state of a field, for an input of any kind. */
export function useField(form: SettingsForm) {
  const { fields } = useText(settingsText);
  return (key: keyof typeof fields, type: 'input' | 'checkbox' = 'input') => ({
    label: fields[key].label,
    description: fields[key].help || undefined,
    ...form.getInputProps(key, { type }),
  });
}

function Settings({ query }: { query: ApplicationQuery }) {
  const t = useText(settingsText);
  const k = useText(kitText);
  const id = query.data?.value.client_id ?? '';
  const patch = useSend('patch', '/clients/{id}');
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    names,
    validate: { ...validators(t.errors), metadata: (rows: Pair[]) => (distinct(rows) ? null : k.pairs.unique) },
    labels: Object.fromEntries(Object.entries(t.fields).map(([key, { label }]) => [key, label])),
    save: (changes, ifMatch, _, now) => {
      const body = { ...changes };
      if (body.client_metadata) {
        // What is not sent stays; null takes it away.
        const gone = Object.keys(now.client_metadata ?? {}).map((key) => [key, null]);
        body.client_metadata = { ...Object.fromEntries(gone), ...body.client_metadata };
      }
      return patch.mutateAsync({ ...clientInit(id), body: body as ClientUpdate, ifMatch });
    },
  });
  const { form } = state;
  return (
    <>
      <Identity id={id} />
      <EntityForm state={state}>
        <Basic form={form} />
        <Addresses form={form} />
        <IdTokens form={form} />
        <RefreshTokens form={form} />
        <Grants form={form} />
        <Device form={form} saved={query.data?.value} />
        <Trust form={form} />
        <Metadata form={form} />
      </EntityForm>
      <Delete id={id} name={query.data?.value.name ?? ''} onDeleted={state.forget} />
    </>
  );
}

/** What an app is configured with; it can be copied by whoever may not change anything, too. */
function Identity({ id }: { id: string }) {
  const t = useText(settingsText);
  const a = useText(applicationsText);
  const tenant = useTenant();
  const row = (name: string, value: string): [string, ReactNode] => [
    name,
    <CopyableId key={name} value={value} what={name} />,
  ];
  return (
    <Section>
      <Facts rows={[row(t.basic.domain, tenant.domain), row(a.clientId, id), row(t.basic.issuer, tenant.issuer)]} />
    </Section>
  );
}

function Basic({ form }: { form: SettingsForm }) {
  const t = useText(settingsText);
  const a = useText(applicationsText);
  const field = useField(form);
  const type = form.values.app_type;
  return (
    <Section title={t.basic.title} text={t.basic.text}>
      <TextInput required {...field('name')} />
      <Textarea autosize minRows={2} {...field('description')} />
      <NativeSelect
        data={[
          ...(isAppType(type) ? [] : [{ value: type, label: type }]),
          ...appTypes.map((value) => ({ value, label: a.types[value] })),
        ]}
        {...field('app_type')}
      />
      <TextInput type="url" placeholder="https://example.com/logo.png" {...field('logo_uri')} />
    </Section>
  );
}

function Addresses({ form }: { form: SettingsForm }) {
  const t = useText(settingsText);
  const field = useField(form);
  if (form.values.app_type === 'non_interactive') return null;
  return (
    <Section title={t.addresses.title} text={t.addresses.text}>
      <LinesInput placeholder="com.example.app://callback" {...field('callbacks')} />
      <LinesInput {...field('allowed_logout_urls')} />
      <LinesInput placeholder="https://app.example.com" {...field('web_origins')} />
      <LinesInput placeholder="https://app.example.com" {...field('allowed_origins')} />
      <TextInput type="url" placeholder="https://app.example.com/login" {...field('initiate_login_uri')} />
    </Section>
  );
}

function IdTokens({ form }: { form: SettingsForm }) {
  const t = useText(settingsText);
  const field = useField(form);
  return (
    <Section title={t.tokens.title} text={t.tokens.text}>
      <LifetimeInput required {...field('id_lifetime')} />
      <NativeSelect data={['RS256', 'HS256']} {...field('id_alg')} />
    </Section>
  );
}
