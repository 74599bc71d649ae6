import { Checkbox, Stack, Switch } from '@mantine/core';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LinesInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { applicationsText } from '#/pages/applications/text';
import { appTypes } from '#/pages/applications/types';
import { type Tenant, type TenantQuery, type TenantUpdate, useSaveTenant, useTenantSettings } from './tenant';
import { tenantText } from './text';

export function SignInPage() {
  const query = useTenantSettings();
  return <Loaded query={query}>{() => <SignIn query={query} />}</Loaded>;
}

export const toValues = (s: Tenant) => ({
  pkce_app_types: [...(s.pkce_app_types ?? ['native'])].sort() as string[],
  confirm: s.skip_non_verifiable_callback_uri_confirmation_prompt !== true,
  scope_descriptions: s.flags?.use_scope_descriptions_for_consent === true,
  client_connections: s.flags?.enable_client_connections !== false,
  revoke_grant: s.flags?.revoke_refresh_token_grant === true,
  organization_names: s.allow_organization_name_in_authentication_api === true,
  end_session_discovery: s.oidc_logout?.rp_logout_end_session_endpoint_discovery !== false,
  acr_values_supported: s.acr_values_supported ?? [],
});

type Values = ReturnType<typeof toValues>;

export const toBody = (v: Values): TenantUpdate => ({
  pkce_app_types: [...v.pkce_app_types].sort() as TenantUpdate['pkce_app_types'],
  skip_non_verifiable_callback_uri_confirmation_prompt: !v.confirm,
  flags: {
    use_scope_descriptions_for_consent: v.scope_descriptions,
    enable_client_connections: v.client_connections,
    revoke_refresh_token_grant: v.revoke_grant,
  },
  allow_organization_name_in_authentication_api: v.organization_names,
  oidc_logout: { rp_logout_end_session_endpoint_discovery: v.end_session_discovery },
  acr_values_supported: v.acr_values_supported,
});

function SignIn({ query }: { query: TenantQuery }) {
  const t = useText(tenantText);
  const s = t.signIn;
  const a = useText(applicationsText);
  const save = useSaveTenant();
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save,
    names: {
      skip_non_verifiable_callback_uri_confirmation_prompt: 'confirm',
      flags: 'scope_descriptions',
      allow_organization_name_in_authentication_api: 'organization_names',
      oidc_logout: 'end_session_discovery',
    },
    labels: Object.fromEntries(Object.entries(s.fields).map(([key, { label }]) => [key, label])),
    validate: { pkce_app_types: (list: string[]) => (list.length > 0 ? null : t.errors.pkce) },
  });
  const { form } = state;
  const field = (key: keyof Values, type: 'input' | 'checkbox' = 'checkbox') => ({
    label: s.fields[key].label,
    description: s.fields[key].help || undefined,
    ...form.getInputProps(key, { type }),
  });
  return (
    <EntityForm state={state}>
      <Section title={s.pkce} text={s.pkceText}>
        <Checkbox.Group {...field('pkce_app_types', 'input')}>
          <Stack gap="xs" my="xs">
            {appTypes.map((type) => (
              <Checkbox key={type} value={type} label={a.types[type]} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Section>
      <Section title={s.asked} text={s.askedText}>
        <Switch {...field('confirm')} />
        <Switch {...field('scope_descriptions')} />
      </Section>
      <Section title={s.tokens} text={s.tokensText}>
        <Switch {...field('revoke_grant')} />
        <Switch {...field('organization_names')} />
        <Switch {...field('client_connections')} />
      </Section>
      <Section title={s.discovery} text={s.discoveryText}>
        <Switch {...field('end_session_discovery')} />
        <LinesInput placeholder="urn:example:silver" {...field('acr_values_supported', 'input')} />
      </Section>
    </EntityForm>
  );
}
