import { Alert, Group, NumberInput, SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { ApiError } from '#/api/errors';
import { type Entity, useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, Section } from '#/kit/bits';
import { useFailureText } from '#/kit/failure';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LinesInput } from '#/kit/inputs';
import { useDenied } from '#/kit/permission';
import { Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { shields } from './shields';
import { securityText } from './text';

type SuspiciousIp = Schemas['attack_protection_suspicious_ip'];

const path = '/attack-protection/suspicious-ip-throttling';

export function AddressesPage() {
  const query = useEntity(path, {});
  return (
    <>
      <Loaded query={query}>{() => <Settings query={query} />}</Loaded>
      <Unblock />
    </>
  );
}

const day = 86_400_000;

// The API counts the milliseconds in which one attempt is earned back; a person thinks in attempts a day.
const toValues = (s: SuspiciousIp) => ({
  blocks: s.enabled !== false && (s.shields ?? []).includes('block'),
  notifies: s.enabled !== false && (s.shields ?? []).includes('admin_notification'),
  login_max: (s.stage?.['pre-login']?.max_attempts ?? 100) as number | '',
  login_daily: (day / (s.stage?.['pre-login']?.rate ?? 864_000)) as number | '',
  signup_max: (s.stage?.['pre-user-registration']?.max_attempts ?? 50) as number | '',
  signup_daily: (day / (s.stage?.['pre-user-registration']?.rate ?? 1_200)) as number | '',
  allowlist: s.allowlist ?? [],
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values): Schemas['attack_protection_suspicious_ip_update'] => ({
  enabled: v.blocks || v.notifies,
  shields: shields({ block: v.blocks, admin_notification: v.notifies }),
  stage: {
    'pre-login': { max_attempts: Number(v.login_max), rate: Math.round(day / Number(v.login_daily)) },
    'pre-user-registration': { max_attempts: Number(v.signup_max), rate: Math.round(day / Number(v.signup_daily)) },
  },
  allowlist: v.allowlist,
});

function Settings({ query }: { query: UseQueryResult<Entity<SuspiciousIp>> }) {
  const t = useText(securityText);
  const a = t.addresses;
  const patch = useSend('patch', path);
  const between = (from: number, to: number) => (n: number | '') =>
    n !== '' && n >= from && n <= to ? null : t.errors.range(from, to);
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save: (body, ifMatch) => patch.mutateAsync({ body, ifMatch }),
    names: {
      shields: 'blocks',
      enabled: 'blocks',
      'stage.pre-login.max_attempts': 'login_max',
      'stage.pre-login.rate': 'login_daily',
      'stage.pre-user-registration.max_attempts': 'signup_max',
      'stage.pre-user-registration.rate': 'signup_daily',
    },
    labels: {
      blocks: a.block.label,
      notifies: a.notify.label,
      login_max: `${a.login}: ${a.most}`,
      login_daily: `${a.login}: ${a.daily}`,
      signup_max: `${a.signup}: ${a.most}`,
      signup_daily: `${a.signup}: ${a.daily}`,
      allowlist: t.allowlist.label,
    },
    validate: {
      login_max: between(1, 2_500),
      login_daily: between(1, 2_500),
      signup_max: between(1, 72_000),
      signup_daily: between(1, 72_000),
    },
  });
  const { form } = state;
  const number = (key: keyof Values, label: string, description: string, decimals = 0) => (
    <NumberInput
      label={label}
      description={description}
      required
      decimalScale={decimals}
      allowNegative={false}
      thousandSeparator=" "
      {...form.getInputProps(key)}
    />
  );
  return (
    <EntityForm state={state}>
      <Section title={a.title} text={a.text}>
        <Switch
          label={a.block.label}
          description={a.block.help}
          {...form.getInputProps('blocks', { type: 'checkbox' })}
        />
        <Switch
          label={a.notify.label}
          description={a.notify.help}
          {...form.getInputProps('notifies', { type: 'checkbox' })}
        />
      </Section>
      <Section title={a.login} text={a.loginText}>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {number('login_max', a.most, a.mostHelp)}
          {number('login_daily', a.daily, a.dailyHelp, 2)}
        </SimpleGrid>
      </Section>
      <Section title={a.signup} text={a.signupText}>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {number('signup_max', a.most, a.mostHelp)}
          {number('signup_daily', a.daily, a.dailyHelp, 2)}
        </SimpleGrid>
      </Section>
      <Section title={a.exempt} text={a.exemptText}>
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

/** Looks whether one address is kept out, and lets it in again. */
function Unblock() {
  const t = useText(securityText).unblock;
  const denied = useDenied();
  const toast = useToast();
  const failure = useFailureText();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<string>();
  const init = { params: { path: { id: asked ?? '' } } };
  const found = useEntity('/anomaly/blocks/ips/{id}', init, { enabled: asked !== undefined });
  const release = useSend('delete', '/anomaly/blocks/ips/{id}');
  const free = found.error instanceof ApiError && found.error.status === 404;
  const answer = asked !== undefined && !found.isFetching;
  return (
    <Section title={t.title} text={t.text}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === '') return;
          if (typed.trim() === asked) void found.refetch();
          setAsked(typed.trim());
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput
            flex="1 1 12rem"
            label={t.address}
            placeholder="203.0.113.7"
            spellCheck={false}
            autoCapitalize="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={answer && found.error && !free ? failure(found.error) : undefined}
          />
          <GuardedButton denied={undefined} type="submit" variant="default" loading={found.isFetching}>
            {t.look}
          </GuardedButton>
        </Group>
      </form>
      <div role="status">
        {answer && free && <Alert color="teal">{t.free(asked)}</Alert>}
        {answer && found.isSuccess && (
          <Alert color="yellow">
            {t.blocked(asked)}
            <Group mt="sm">
              <GuardedButton
                denied={denied}
                size="sm"
                loading={release.isPending}
                onClick={() => void release.mutateAsync(init).then(() => toast.done(t.released(asked)), toast.failed)}
              >
                {t.release}
              </GuardedButton>
            </Group>
          </Alert>
        )}
      </div>
    </Section>
  );
}
