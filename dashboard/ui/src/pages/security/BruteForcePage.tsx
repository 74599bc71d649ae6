import { NativeSelect, NumberInput, Switch } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '#/api/client';
import { type Entity, useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LinesInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { shields } from './shields';
import { securityText } from './text';

type BruteForce = Schemas['attack_protection_brute_force'];

export function BruteForcePage() {
  const query = useEntity('/attack-protection/brute-force-protection', {});
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (b: BruteForce) => ({
  blocks: b.enabled !== false && (b.shields ?? []).includes('block'),
  notifies: b.enabled !== false && (b.shields ?? []).includes('user_notification'),
  max_attempts: (b.max_attempts ?? 10) as number | '',
  mode: b.mode ?? 'count_per_identifier_and_ip',
  allowlist: b.allowlist ?? [],
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values): Schemas['attack_protection_brute_force_update'] => ({
  enabled: v.blocks || v.notifies,
  shields: shields({ block: v.blocks, user_notification: v.notifies }),
  max_attempts: Number(v.max_attempts),
  mode: v.mode,
  allowlist: v.allowlist,
});

function Settings({ query }: { query: UseQueryResult<Entity<BruteForce>> }) {
  const t = useText(securityText);
  const b = t.bruteForce;
  const patch = useSend('patch', '/attack-protection/brute-force-protection');
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save: (body, ifMatch) => patch.mutateAsync({ body, ifMatch }),
    names: { shields: 'blocks', enabled: 'blocks' },
    labels: {
      blocks: b.block.label,
      notifies: b.notify.label,
      max_attempts: b.attempts.label,
      mode: b.mode.label,
      allowlist: t.allowlist.label,
    },
    validate: { max_attempts: (n: number | '') => (n !== '' && n >= 1 && n <= 100 ? null : t.errors.range(1, 100)) },
  });
  const { form } = state;
  return (
    <EntityForm state={state}>
      <Section title={b.title} text={b.text}>
        <Switch
          label={b.block.label}
          description={b.block.help}
          {...form.getInputProps('blocks', { type: 'checkbox' })}
        />
        <Switch
          label={b.notify.label}
          description={b.notify.help}
          {...form.getInputProps('notifies', { type: 'checkbox' })}
        />
      </Section>
      <Section title={b.when} text={b.whenText}>
        <NumberInput
          label={b.attempts.label}
          description={b.attempts.help}
          required
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('max_attempts')}
        />
        <NativeSelect
          label={b.mode.label}
          description={b.modes[form.values.mode].help}
          data={(['count_per_identifier_and_ip', 'count_per_identifier'] as const).map((value) => ({
            value,
            label: b.modes[value].label,
          }))}
          {...form.getInputProps('mode')}
        />
        <LinesInput
          label={t.allowlist.label}
          description={t.allowlist.help}
          placeholder="192.0.2.0/24"
          {...form.getInputProps('allowlist')}
        />
      </Section>
    </EntityForm>
  );
}
