import { NativeSelect, Switch } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '#/api/client';
import { type Entity, useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { LifetimeInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { NextLogin } from './NextLogin';
import { securityText } from './text';

type Tenant = Schemas['tenant_settings'];

export function SessionsPage() {
  const query = useEntity('/tenants/settings', {});
  return <Loaded query={query}>{() => <Sessions query={query} />}</Loaded>;
}

const toValues = (s: Tenant) => ({
  session: Math.round((s.session_lifetime ?? 168) * 3600) as number | '',
  idle: Math.round((s.idle_session_lifetime ?? 72) * 3600) as number | '',
  mode: s.session_cookie?.mode ?? 'persistent',
  ask: s.sessions?.oidc_logout_prompt_enabled !== false,
});

type Values = ReturnType<typeof toValues>;

const toBody = (v: Values): Schemas['tenant_settings_update'] => ({
  session_lifetime_in_minutes: Number(v.session) / 60,
  idle_session_lifetime_in_minutes: Number(v.idle) / 60,
  session_cookie: { mode: v.mode },
  sessions: { oidc_logout_prompt_enabled: v.ask },
});

const year = 31_536_000;

function Sessions({ query }: { query: UseQueryResult<Entity<Tenant>> }) {
  const t = useText(securityText);
  const s = t.sessions;
  const patch = useSend('patch', '/tenants/settings');
  const lifetime = (n: number | '') => (n !== '' && n >= 60 && n <= year && n % 60 === 0 ? null : t.errors.lifetime);
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    needs: 'admin',
    save: (body, ifMatch) => patch.mutateAsync({ body, ifMatch }),
    names: {
      session_lifetime_in_minutes: 'session',
      idle_session_lifetime_in_minutes: 'idle',
      session_cookie: 'mode',
      sessions: 'ask',
    },
    labels: { session: s.session.label, idle: s.idle.label, mode: s.mode.label, ask: s.ask.label },
    validate: {
      session: lifetime,
      idle: (n: number | '', v: Values) => lifetime(n) ?? (Number(n) > Number(v.session) ? t.errors.idleLonger : null),
    },
  });
  const { form } = state;
  const { session, idle, mode } = form.values;
  return (
    <>
      <NextLogin
        changed={state.dirty()}
        sessions={{
          session: Number(session),
          idle: Number(idle),
          persistent: mode === 'persistent',
        }}
      />
      <EntityForm state={state}>
        <Section title={s.title} text={s.text}>
          <LifetimeInput
            label={s.session.label}
            description={s.session.help}
            required
            {...form.getInputProps('session')}
          />
          <LifetimeInput label={s.idle.label} description={s.idle.help} required {...form.getInputProps('idle')} />
          <NativeSelect
            label={s.mode.label}
            description={s.mode.help}
            data={(['persistent', 'non-persistent'] as const).map((value) => ({ value, label: s.modes[value] }))}
            {...form.getInputProps('mode')}
          />
        </Section>
        <Section title={s.logout} text={s.logoutText}>
          <Switch label={s.ask.label} description={s.ask.help} {...form.getInputProps('ask', { type: 'checkbox' })} />
        </Section>
      </EntityForm>
    </>
  );
}
