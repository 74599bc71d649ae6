import { ColorInput, Group, NativeSelect, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { DeleteSection } from '#/kit/confirm';
import { EntityForm, useEntityForm } from '#/kit/form';
import { distinct, objectOf, type Pair, PairsInput, pairsOf } from '#/kit/pairs';
import { Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import {
  brandingOf,
  goodColor,
  goodName,
  type Organization,
  type OrganizationQuery,
  type OrganizationUpdate,
  organizationInit,
  titleOf,
  useOrganization,
} from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/$organizationId');
const mostMetadata = 25;

export function SettingsPage() {
  const query = useOrganization();
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (o: Organization) => ({
  name: o.name ?? '',
  display_name: o.display_name ?? '',
  logo_url: o.branding?.logo_url ?? '',
  primary: o.branding?.colors?.primary ?? '',
  page_background: o.branding?.colors?.page_background ?? '',
  third_party: o.third_party_client_access === 'allow',
  metadata: pairsOf(o.metadata),
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values) => ({
  name: v.name.trim(),
  display_name: v.display_name.trim() || null,
  branding: brandingOf(v),
  third_party_client_access: v.third_party ? ('allow' as const) : ('block' as const),
  metadata: objectOf(v.metadata),
});

function Settings({ query }: { query: OrganizationQuery }) {
  const t = useText(organizationsText);
  const k = useText(kitText);
  const id = query.data?.value.id ?? '';
  const patch = useSend('patch', '/organizations/{id}');
  const color = (value: string) => (goodColor(value) ? null : t.errors.color);
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    save: (body, ifMatch) =>
      // null takes the display name away, which the API's description does not say.
      patch.mutateAsync({ ...organizationInit(id), body: body as OrganizationUpdate, ifMatch }),
    names: {
      'branding.logo_url': 'logo_url',
      'branding.colors.primary': 'primary',
      'branding.colors.page_background': 'page_background',
      third_party_client_access: 'third_party',
    },
    labels: { ...t.fields, metadata: t.sections.metadata },
    validate: {
      name: (name: string) => (goodName(name.trim()) ? null : t.errors.name),
      logo_url: (url: string) => (url.trim() === '' || /^https:\/\/\S+$/.test(url.trim()) ? null : t.errors.logo),
      primary: color,
      page_background: color,
      metadata: (rows: Pair[]) => (distinct(rows) ? null : k.pairs.unique),
    },
  });
  const { form } = state;
  return (
    <>
      <EntityForm state={state}>
        <Section title={t.sections.basic}>
          <TextInput
            label={t.fields.display_name}
            description={t.help.display_name}
            maxLength={255}
            {...form.getInputProps('display_name')}
          />
          <TextInput
            label={t.fields.name}
            description={t.help.name}
            required
            maxLength={50}
            spellCheck={false}
            {...form.getInputProps('name')}
          />
        </Section>
        <Section title={t.sections.branding} text={t.sections.brandingText}>
          <TextInput
            label={t.fields.logo_url}
            description={t.help.logo_url}
            type="url"
            placeholder="https://acme.example.com/logo.png"
            {...form.getInputProps('logo_url')}
          />
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <ColorInput
              withEyeDropper={false}
              label={t.fields.primary}
              placeholder="#635dff"
              {...form.getInputProps('primary')}
            />
            <ColorInput
              withEyeDropper={false}
              label={t.fields.page_background}
              placeholder="#ffffff"
              {...form.getInputProps('page_background')}
            />
          </Group>
        </Section>
        <Section title={t.sections.access}>
          <NativeSelect
            label={t.fields.third_party}
            description={t.help.third_party}
            data={[
              { value: 'block', label: t.thirdParty.block },
              { value: 'allow', label: t.thirdParty.allow },
            ]}
            value={form.values.third_party ? 'allow' : 'block'}
            onChange={(event) => form.setFieldValue('third_party', event.currentTarget.value === 'allow')}
          />
        </Section>
        <Section title={t.sections.metadata} text={t.sections.metadataText}>
          <PairsInput most={mostMetadata} {...form.getInputProps('metadata')} />
        </Section>
      </EntityForm>
      <Delete organization={query.data?.value ?? {}} onDeleted={state.forget} />
    </>
  );
}

function Delete({ organization, onDeleted }: { organization: Organization; onDeleted: () => void }) {
  const t = useText(organizationsText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/organizations/{id}');
  return (
    <DeleteSection
      words={t}
      text={t.text(titleOf(organization))}
      word={organization.name ?? ''}
      onDelete={() => remove.mutateAsync(organizationInit(organization.id ?? ''))}
      onDeleted={() => {
        onDeleted();
        return navigate({ to: '/t/$tenant/organizations', params: { tenant } });
      }}
    />
  );
}
