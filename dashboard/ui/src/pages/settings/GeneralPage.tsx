import { Checkbox, NativeSelect, SimpleGrid, Text, TextInput } from '@mantine/core';
import { tenantRouteApi, useList } from '#/api/hooks';
import { useLanguage, useText } from '#/i18n/text';
import { Section, TextLink } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LinesInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { type Tenant, type TenantQuery, type TenantUpdate, useSaveTenant, useTenantSettings } from './tenant';
import { tenantText } from './text';

/** A link within a sentence is told by more than its color. */
const underlined = { textDecoration: 'underline' };

/** The languages that the login pages exist in. */
const locales = ['de', 'en', 'es', 'fr', 'it', 'ja', 'nl', 'pt'];

export function GeneralPage() {
  const query = useTenantSettings();
  return <Loaded query={query}>{() => <General query={query} />}</Loaded>;
}

const toValues = (s: Tenant) => ({
  friendly_name: s.friendly_name ?? '',
  picture_url: s.picture_url ?? '',
  support_email: s.support_email ?? '',
  support_url: s.support_url ?? '',
  enabled_locales: s.enabled_locales ?? ['en'],
  default_audience: s.default_audience ?? '',
  default_directory: s.default_directory ?? '',
  default_redirection_uri: s.default_redirection_uri ?? '',
  allowed_logout_urls: s.allowed_logout_urls ?? [],
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values): TenantUpdate => ({
  ...v,
  friendly_name: v.friendly_name.trim(),
  picture_url: v.picture_url.trim(),
  support_email: v.support_email.trim(),
  support_url: v.support_url.trim(),
  default_redirection_uri: v.default_redirection_uri.trim(),
});

function General({ query }: { query: TenantQuery }) {
  const t = useText(tenantText);
  const g = t.general;
  const { language } = useLanguage();
  const { tenant } = tenantRouteApi.useParams();
  const save = useSaveTenant();
  const apis = useList('/resource-servers', { params: { query: { per_page: 100, include_totals: 'true' } } });
  const connections = useList('/connections', {
    params: { query: { per_page: 100, include_totals: 'true', fields: 'name,display_name' } },
  });
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save,
    labels: Object.fromEntries(Object.entries(g.fields).map(([key, { label }]) => [key, label])),
    validate: {
      support_email: (v: string) => (v.trim() === '' || /^\S+@\S+$/.test(v.trim()) ? null : t.errors.email),
      support_url: (v: string) => (v.trim() === '' || /^https?:\/\/\S+$/i.test(v.trim()) ? null : t.errors.url),
      picture_url: (v: string) => (v.trim() === '' || /^https?:\/\/\S+$/i.test(v.trim()) ? null : t.errors.url),
      default_redirection_uri: (v: string) =>
        v.trim() === '' || /^https:\/\/\S+$/i.test(v.trim()) ? null : t.errors.https,
      enabled_locales: (list: string[]) => (list.length > 0 ? null : t.errors.locale),
    },
  });
  const { form } = state;
  const field = (key: keyof Values) => ({
    label: g.fields[key].label,
    description: g.fields[key].help || undefined,
    ...form.getInputProps(key),
  });
  const names = new Intl.DisplayNames(language, { type: 'language' });
  // What is set stays to be chosen though the list does not have it: it may be beyond the first hundred.
  const options = (present: string, list: { value: string; label: string }[]) => [
    { value: '', label: g.none },
    ...(present === '' || list.some((o) => o.value === present) ? [] : [{ value: present, label: present }]),
    ...list,
  ];
  return (
    <EntityForm state={state}>
      <Section title={g.title} text={g.text}>
        <TextInput {...field('friendly_name')} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput type="email" placeholder="help@example.com" {...field('support_email')} />
          <TextInput type="url" placeholder="https://example.com/help" {...field('support_url')} />
        </SimpleGrid>
        <TextInput type="url" placeholder="https://example.com/logo.png" {...field('picture_url')} />
      </Section>
      <Section title={g.languages} text={g.languagesText}>
        <Checkbox.Group {...field('enabled_locales')}>
          <SimpleGrid cols={{ base: 2, xs: 3 }} my="xs">
            {[...new Set([...locales, ...form.values.enabled_locales])].map((code) => (
              <Checkbox key={code} value={code} label={names.of(code)} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
      </Section>
      <Section title={g.defaults} text={g.defaultsText}>
        <NativeSelect
          data={options(
            form.values.default_audience,
            (apis.data?.rows ?? []).map((a) => ({ value: a.identifier ?? '', label: a.name || (a.identifier ?? '') })),
          )}
          {...field('default_audience')}
        />
        <NativeSelect
          data={options(
            form.values.default_directory,
            (connections.data?.rows ?? []).map((c) => ({
              value: c.name ?? '',
              label: c.display_name || (c.name ?? ''),
            })),
          )}
          {...field('default_directory')}
        />
        <TextInput type="url" placeholder="https://app.example.com/login" {...field('default_redirection_uri')} />
      </Section>
      <Section title={g.logout} text={g.logoutText}>
        <LinesInput placeholder="https://example.com/" {...field('allowed_logout_urls')} />
        <Text size="sm">
          {g.sessions}{' '}
          <TextLink to="/t/$tenant/security/sessions" params={{ tenant }} style={underlined}>
            {g.sessionsLink}
          </TextLink>
        </Text>
      </Section>
    </EntityForm>
  );
}
