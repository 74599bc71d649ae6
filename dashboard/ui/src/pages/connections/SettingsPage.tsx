import { Switch, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, Section } from '#/kit/bits';
import { DeleteSection } from '#/kit/confirm';
import { EntityForm, useEntityForm } from '#/kit/form';
import { distinct, objectOf, type Pair, PairsInput, pairsOf } from '#/kit/pairs';
import { Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import {
  type Connection,
  type ConnectionQuery,
  connectionInit,
  isDatabase,
  keptOnly,
  optionsOf,
  useConnection,
  wire,
} from './connection';
import { connectionsText } from './text';

const route = getRouteApi('/t/$tenant/connections/$connectionId');
const mostMetadata = 10;

export function SettingsPage() {
  const query = useConnection();
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (c: Connection) => ({
  display_name: c.display_name ?? '',
  active: c.authentication?.active !== false,
  signup: optionsOf(c).disable_signup !== true,
  brute: optionsOf(c).brute_force_protection !== false,
  metadata: pairsOf(c.metadata),
});

type Values = ReturnType<typeof toValues>;

function Settings({ query }: { query: ConnectionQuery }) {
  const t = useText(connectionsText);
  const k = useText(kitText);
  const connection = query.data?.value ?? {};
  const id = connection.id ?? '';
  const live = isDatabase(connection);
  const patch = useSend('patch', '/connections/{id}');
  const state = useEntityForm({
    query,
    toValues,
    toBody: (v: Values) => ({
      display_name: v.display_name.trim() || null,
      metadata: objectOf(v.metadata),
      ...(live && {
        authentication: { active: v.active },
        options: { disable_signup: !v.signup, brute_force_protection: v.brute },
      }),
    }),
    // The API replaces the options as a whole.
    save: ({ options, ...rest }, ifMatch, _, now) =>
      patch.mutateAsync({
        ...connectionInit(id),
        body: { ...rest, ...(options && { options: wire({ ...now.options, ...options }) }) },
        ifMatch,
      }),
    labels: { ...t.fields, metadata: t.sections.metadata },
    validate: { metadata: (rows: Pair[]) => (distinct(rows) ? null : k.pairs.unique) },
  });
  const { form } = state;
  const kept = keptOnly(connection);
  return (
    <>
      <EntityForm state={state}>
        <Section title={t.sections.basic}>
          <TextInput label={t.name} description={t.nameFixed} value={connection.name ?? ''} readOnly />
          <TextInput
            label={t.fields.display_name}
            description={t.help.display_name}
            maxLength={128}
            {...form.getInputProps('display_name')}
          />
        </Section>
        {live && (
          <Section title={t.sections.signIn} text={t.sections.signInText}>
            <Switch
              label={t.fields.active}
              description={t.help.active}
              {...form.getInputProps('active', { type: 'checkbox' })}
            />
            <Switch
              label={t.fields.signup}
              description={t.help.signup}
              {...form.getInputProps('signup', { type: 'checkbox' })}
            />
            <Switch
              label={t.fields.brute}
              description={t.help.brute}
              {...form.getInputProps('brute', { type: 'checkbox' })}
            />
          </Section>
        )}
        <Section title={t.sections.metadata} text={t.sections.metadataText}>
          <PairsInput most={mostMetadata} {...form.getInputProps('metadata')} />
        </Section>
      </EntityForm>
      {Object.keys(kept).length > 0 && (
        <Section title={t.sections.kept} text={t.sections.keptText}>
          <CodeBlock code={JSON.stringify(kept, null, 2)} what={`${t.sections.kept} (JSON)`} />
        </Section>
      )}
      <Delete connection={connection} onDeleted={state.forget} />
    </>
  );
}

function Delete({ connection, onDeleted }: { connection: Connection; onDeleted: () => void }) {
  const t = useText(connectionsText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/connections/{id}');
  const name = connection.name ?? '';
  return (
    <DeleteSection
      words={t}
      text={isDatabase(connection) ? t.text(name) : t.otherText(name)}
      word={name}
      onDelete={() => remove.mutateAsync(connectionInit(connection.id ?? ''))}
      onDeleted={() => {
        onDeleted();
        return navigate({ to: '/t/$tenant/connections', params: { tenant } });
      }}
    />
  );
}
