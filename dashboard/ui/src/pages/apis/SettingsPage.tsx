import { NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { DeleteSection } from '#/kit/confirm';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LifetimeInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { type Api, type ApiQuery, type ApiUpdate, apiInit, useApiEntity } from './api';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/$apiId');
const most = 2_592_000;

export function SettingsPage() {
  const query = useApiEntity();
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (api: Api) => ({
  name: api.name ?? '',
  allow_offline_access: api.allow_offline_access === true,
  token_lifetime: (api.token_lifetime ?? 86_400) as number | '',
  token_lifetime_for_web: (api.token_lifetime_for_web ?? 7_200) as number | '',
  signing_alg: api.signing_alg ?? 'RS256',
  signing_secret: '',
  token_dialect: api.token_dialect ?? 'access_token',
  enforce_policies: api.enforce_policies === true,
  permissions: api.token_dialect?.endsWith('_authz') === true,
  skip_consent: api.skip_consent_for_verifiable_first_party_clients === true,
});

type Values = ReturnType<typeof toValues>;

const profile = (dialect: string) => (dialect.startsWith('rfc9068') ? 'rfc9068_profile' : 'access_token');

const toBody = (v: Values): ApiUpdate => ({
  name: v.name.trim(),
  allow_offline_access: v.allow_offline_access,
  token_lifetime: v.token_lifetime === '' ? null : v.token_lifetime,
  token_lifetime_for_web: v.token_lifetime_for_web === '' ? null : v.token_lifetime_for_web,
  signing_alg: v.signing_alg,
  ...(v.signing_alg === 'HS256' && v.signing_secret ? { signing_secret: v.signing_secret } : {}),
  enforce_policies: v.enforce_policies,
  token_dialect: (profile(v.token_dialect) + (v.permissions ? '_authz' : '')) as ApiUpdate['token_dialect'],
  skip_consent_for_verifiable_first_party_clients: v.skip_consent,
});

function Settings({ query }: { query: ApiQuery }) {
  const t = useText(apisText);
  const api = query.data?.value ?? {};
  const id = api.id ?? '';
  const patch = useSend('patch', '/resource-servers/{id}');
  const lifetime = (n: number | '') => (n !== '' && n >= 1 && n <= most ? null : t.errors.lifetime(most));
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    save: (body, ifMatch) => patch.mutateAsync({ ...apiInit(id), body, ifMatch }),
    names: { skip_consent_for_verifiable_first_party_clients: 'skip_consent' },
    labels: Object.fromEntries(Object.entries(t.fields).map(([key, { label }]) => [key, label])),
    validate: {
      name: (name: string) => (name.trim() === '' || /[<>]/.test(name) ? t.errors.name : null),
      token_lifetime: lifetime,
      token_lifetime_for_web: lifetime,
      signing_secret: (secret: string, v: Values) =>
        v.signing_alg === 'HS256' && api.signing_alg !== 'HS256' && secret.length < 16 ? t.errors.secret : null,
    },
  });
  const { form } = state;
  const field = (key: keyof Values & keyof typeof t.fields, type: 'input' | 'checkbox' = 'input') => ({
    label: t.fields[key].label,
    description: t.fields[key].help || undefined,
    ...form.getInputProps(key, { type }),
  });
  const algorithms = ['RS256', 'RS512', 'PS256', 'HS256'];
  return (
    <>
      <EntityForm state={state} denied={api.is_system ? t.systemText : undefined}>
        <Section title={t.sections.basic} text={t.sections.basicText}>
          <TextInput required {...field('name')} />
          <TextInput label={t.identifier} description={t.identifierFixed} value={api.identifier ?? ''} readOnly />
        </Section>
        <Section title={t.sections.offline} text={t.sections.offlineText}>
          <Switch {...field('allow_offline_access', 'checkbox')} />
        </Section>
        <Section title={t.sections.tokens} text={t.sections.tokensText}>
          <LifetimeInput required {...field('token_lifetime')} />
          <LifetimeInput required {...field('token_lifetime_for_web')} />
          <NativeSelect
            data={algorithms.includes(form.values.signing_alg) ? algorithms : [form.values.signing_alg, ...algorithms]}
            {...field('signing_alg')}
          />
          {form.values.signing_alg === 'HS256' && (
            <PasswordInput autoComplete="new-password" {...field('signing_secret')} />
          )}
          <NativeSelect
            label={t.fields.token_dialect.label}
            description={t.fields.token_dialect.help}
            data={[
              { value: 'access_token', label: t.dialects.access_token },
              { value: 'rfc9068_profile', label: t.dialects.rfc9068_profile },
            ]}
            {...form.getInputProps('token_dialect')}
            value={profile(form.values.token_dialect)}
          />
        </Section>
        <Section title={t.sections.rbac} text={t.sections.rbacText}>
          <Switch {...field('enforce_policies', 'checkbox')} />
          <Switch {...field('permissions', 'checkbox')} />
          <Switch {...field('skip_consent', 'checkbox')} />
        </Section>
      </EntityForm>
      {!api.is_system && <Delete api={api} onDeleted={state.forget} />}
    </>
  );
}

function Delete({ api, onDeleted }: { api: Api; onDeleted: () => void }) {
  const t = useText(apisText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/resource-servers/{id}');
  const name = api.name || (api.identifier ?? '');
  return (
    <DeleteSection
      words={t}
      text={t.text(name)}
      word={name}
      onDelete={() => remove.mutateAsync(apiInit(api.id ?? ''))}
      onDeleted={() => {
        onDeleted();
        return navigate({ to: '/t/$tenant/apis', params: { tenant } });
      }}
    />
  );
}
