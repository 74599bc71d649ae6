import { Alert, Checkbox, Group, List, NumberInput, Radio, Stack, Switch, Text } from '@mantine/core';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, type Form, useEntityForm } from '#/kit/form';
import { EmptyState, Loaded } from '#/kit/states';
import {
  type Connection,
  type ConnectionQuery,
  characterTypes,
  connectionInit,
  isDatabase,
  leastLength,
  optionsOf,
  type PasswordValues,
  policies,
  policyOf,
  toPasswordValues,
  useConnection,
  wire,
  withPasswords,
} from './connection';
import { NotLive } from './marks';
import { connectionsText } from './text';

const longest = 128;

export function PasswordsPage() {
  const t = useText(connectionsText);
  const query = useConnection();
  return (
    <Loaded query={query}>
      {({ value }) =>
        isDatabase(value) ? (
          <Passwords query={query} />
        ) : (
          <EmptyState title={t.passwords.elsewhere} text={t.notLiveText(value.strategy ?? '')} />
        )
      }
    </Loaded>
  );
}

function Passwords({ query }: { query: ConnectionQuery }) {
  const t = useText(connectionsText);
  const p = t.passwords;
  const id = query.data?.value.id ?? '';
  const stored = optionsOf(query.data?.value ?? {});
  const newer = stored.password_options !== undefined;
  const patch = useSend('patch', '/connections/{id}');
  const most = newer ? 72 : longest;
  const state = useEntityForm({
    query,
    toValues: toPasswordValues,
    toBody: (passwords: PasswordValues) => ({ passwords }),
    save: ({ passwords }, ifMatch, _, now) =>
      patch.mutateAsync({
        ...connectionInit(id),
        body: { options: wire(withPasswords(optionsOf(now), passwords ?? toPasswordValues(now))) },
        ifMatch,
      }),
    names: {
      'options.passwordPolicy': 'policy',
      'options.password_complexity_options.min_length': 'min_length',
      'options.password_options.complexity.min_length': 'min_length',
    },
    labels: p.labels,
    validate: {
      min_length: (n: number | '') =>
        (n === '' ? !newer : n >= 1 && n <= most) ? null : newer ? p.lengthNeeded(most) : p.lengthError(most),
    },
  });
  const { form } = state;
  return (
    <EntityForm state={state}>
      <Section title={p.strength} text={p.strengthText}>
        {newer ? <Rules form={form} /> : <Policies form={form} />}
        <NumberInput
          label={p.labels.min_length}
          description={newer ? undefined : p.lengthHelp}
          required={newer}
          min={1}
          max={most}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          maw="12rem"
          {...form.getInputProps('min_length')}
        />
        <InForce values={form.values} newer={newer} />
      </Section>
      <Section title={p.guess} text={p.guessText}>
        <Switch
          label={p.labels.dictionary}
          description={p.dictionaryHelp}
          {...form.getInputProps('dictionary', { type: 'checkbox' })}
        />
        <Switch
          label={p.labels.personal}
          description={p.personalHelp}
          {...form.getInputProps('personal', { type: 'checkbox' })}
        />
      </Section>
      <History connection={query.data?.value ?? {}} />
    </EntityForm>
  );
}

function Policies({ form }: { form: Form<PasswordValues> }) {
  const t = useText(connectionsText);
  return (
    <Radio.Group label={t.fields.policy} {...form.getInputProps('policy')}>
      <Stack gap="sm" mt="xs">
        {policies.map((value) => (
          <Radio
            key={value}
            value={value}
            label={t.policies[value]}
            description={t.policyTexts[value](leastLength(value, form.values.min_length))}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** The newer form of the rules, as an import or a program wrote it. */
function Rules({ form }: { form: Form<PasswordValues> }) {
  const t = useText(connectionsText).passwords;
  return (
    <>
      <Text size="sm">{t.newer}</Text>
      <Checkbox.Group
        label={t.labels.types}
        value={form.values.types}
        onChange={(types) => form.setFieldValue('types', [...types].sort() as PasswordValues['types'])}
      >
        <Group mt="xs">
          {characterTypes.map((type) => (
            <Checkbox key={type} value={type} label={t.types[type]} />
          ))}
        </Group>
      </Checkbox.Group>
      <Switch label={t.labels.three} {...form.getInputProps('three', { type: 'checkbox' })} />
      <Switch label={t.labels.identical} {...form.getInputProps('identical', { type: 'checkbox' })} />
    </>
  );
}

/** What the server will ask of a new password, in words. */
function InForce({ values: v, newer }: { values: PasswordValues; newer: boolean }) {
  const t = useText(connectionsText);
  const policy = newer
    ? policyOf({
        complexity: {
          character_types: v.types,
          character_type_rule: v.three ? 'three_of_four' : 'all',
          identical_characters: v.identical ? 'allow' : 'block',
        },
      })
    : v.policy;
  const rules = [
    t.policyTexts[policy](leastLength(policy, v.min_length)),
    ...(v.dictionary ? [t.passwords.ruleDictionary] : []),
    ...(v.personal ? [t.passwords.rulePersonal] : []),
  ];
  return (
    <Alert color="gray" title={t.passwords.inForce} role="note">
      <List size="sm">
        {rules.map((rule) => (
          <List.Item key={rule}>{rule}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Kept for whoever moves here with it; no former password is looked at yet. */
function History({ connection }: { connection: Connection }) {
  const t = useText(connectionsText).passwords;
  const options = connection.options as
    | {
        password_history?: { enable?: boolean; size?: number } | null;
        password_options?: { history?: { active?: boolean; size?: number } };
      }
    | undefined;
  const newer = options?.password_options?.history;
  const older = options?.password_history;
  const on = options?.password_options ? newer?.active : older?.enable;
  const size = (options?.password_options ? newer?.size : older?.size) ?? 5;
  return (
    <Section title={t.history} text={<NotLive />}>
      <Text size="sm">{t.historyText}</Text>
      <Text size="sm" c="dimmed">
        {on ? t.historyOn(size) : t.historyOff}
      </Text>
    </Section>
  );
}
