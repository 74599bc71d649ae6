import { Button, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { EmptyState, FormSkeleton, Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { checks } from './fields';
import { usersText } from './text';
import { ownStrategies, refusedField } from './user';

const route = getRouteApi('/t/$tenant/users/new');

type Connection = Schemas['connection'];

export function CreatePage() {
  const t = useText(usersText);
  const query = useList('/connections', {
    params: { query: { per_page: 100, fields: 'name,strategy,display_name' } },
  });
  return (
    <div className={kit.page}>
      <PageHeader title={t.createTitle} text={t.createText} />
      <Loaded query={query} skeleton={<FormSkeleton sections={1} />}>
        {({ rows }) => {
          const own = rows.filter((c) => ownStrategies.includes(c.strategy ?? ''));
          return own.length === 0 ? (
            <EmptyState title={t.noConnectionTitle} text={t.noConnectionText} icon={<IconPlugConnected size={28} />} />
          ) : (
            <Create connections={own} />
          );
        }}
      </Loaded>
    </div>
  );
}

function Create({ connections }: { connections: Connection[] }) {
  const t = useText(usersText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const create = useSend('post', '/users');
  const check = checks(t.errors);

  const strategyOf = (name: string) => connections.find((c) => c.name === name)?.strategy;
  const state = useCreateForm({
    initial: {
      connection: connections[0]?.name ?? '',
      email: '',
      email_verified: false,
      username: '',
      phone_number: '',
      password: '',
      name: '',
    },
    validate: {
      email: (v: string, all) => {
        const strategy = strategyOf(all.connection);
        if (strategy === 'sms') return null;
        if (v.trim() === '' && !(strategy === 'auth0' && all.username.trim())) {
          return strategy === 'auth0' ? t.emailOrUsername : t.errors.email;
        }
        return check.email(v);
      },
      username: (v: string, all) => (strategyOf(all.connection) === 'auth0' ? check.username(v) : null),
      phone_number: (v: string, all) =>
        strategyOf(all.connection) !== 'sms' ? null : v.trim() === '' ? t.errors.phone : check.phone_number(v),
      password: (v: string, all) => (strategyOf(all.connection) === 'auth0' && v === '' ? t.errors.password : null),
      name: check.name,
    },
    create: async (v) => {
      const strategy = strategyOf(v.connection);
      const made = await create
        .mutateAsync({
          body: {
            connection: v.connection,
            ...(strategy !== 'sms' && v.email.trim()
              ? { email: v.email.trim(), email_verified: v.email_verified }
              : {}),
            ...(strategy === 'auth0' && v.username.trim() ? { username: v.username.trim() } : {}),
            ...(strategy === 'auth0' ? { password: v.password } : {}),
            ...(strategy === 'sms' ? { phone_number: v.phone_number.trim(), phone_verified: true } : {}),
            ...(v.name.trim() ? { name: v.name.trim() } : {}),
          },
        })
        .catch((error) => {
          throw refusedField(error);
        });
      return made.value;
    },
    created: (user) => {
      toast.done(t.created);
      void navigate({ to: '/t/$tenant/users/$userId', params: { tenant, userId: user.user_id ?? '' } });
    },
  });
  const { form } = state;
  const strategy = strategyOf(form.values.connection);

  return (
    <CreateForm
      state={state}
      action={t.create}
      cancel={
        <Button variant="default" onClick={() => router.history.back()}>
          {k.cancel}
        </Button>
      }
    >
      <Section>
        <NativeSelect
          label={t.fields.connection}
          data={connections.map((c) => ({ value: c.name ?? '', label: c.display_name || c.name || '' }))}
          {...form.getInputProps('connection')}
        />
        {strategy === 'sms' ? (
          <TextInput
            label={t.fields.phone_number}
            description={t.errors.phone}
            type="tel"
            required
            autoComplete="off"
            {...form.getInputProps('phone_number')}
          />
        ) : (
          <>
            <TextInput
              label={t.fields.email}
              type="email"
              required={strategy !== 'auth0'}
              autoComplete="off"
              data-autofocus
              {...form.getInputProps('email')}
            />
            <Switch label={t.fields.email_verified} {...form.getInputProps('email_verified', { type: 'checkbox' })} />
          </>
        )}
        {strategy === 'auth0' && (
          <>
            <TextInput
              label={t.fields.username}
              description={t.usernameHelp}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              {...form.getInputProps('username')}
            />
            <PasswordInput
              label={t.fields.password}
              required
              autoComplete="new-password"
              aria-invalid={Boolean(form.errors.password)}
              visibilityToggleButtonProps={{ 'aria-label': `${k.secret.show}: ${t.fields.password}` }}
              {...form.getInputProps('password')}
            />
          </>
        )}
        <TextInput label={t.fields.name} description={t.optional} autoComplete="off" {...form.getInputProps('name')} />
      </Section>
    </CreateForm>
  );
}
