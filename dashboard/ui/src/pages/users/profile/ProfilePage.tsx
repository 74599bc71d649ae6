import { Alert, SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Facts, RelativeTime, Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import { usersText } from '../text';
import {
  nameOf,
  ownStrategies,
  refusedField,
  type User,
  type UserQuery,
  type UserUpdate,
  userInit,
  useUser,
} from '../user';
import { Access } from './Access';
import { Delete } from './Delete';
import { profileText } from './text';
import { toBody, toValues, validators } from './values';

export function ProfilePage() {
  const query = useUser();
  return <Loaded query={query}>{() => <Profile query={query} />}</Loaded>;
}

function Profile({ query }: { query: UserQuery }) {
  const t = useText(usersText);
  const p = useText(profileText);
  const user = query.data?.value ?? {};
  const id = user.user_id ?? '';
  const patch = useSend('patch', '/users/{id}');
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    labels: t.fields,
    validate: validators(t.errors, () => toValues(query.data?.value ?? {})),
    save: async (changes, ifMatch, all) => {
      const body = { ...changes };
      // A new address is unverified unless the change says otherwise.
      if (body.email) body.email_verified = all.email_verified ?? false;
      try {
        return await patch.mutateAsync({ ...userInit(id), body: body as UserUpdate, ifMatch });
      } catch (error) {
        throw refusedField(error);
      }
    },
  });
  const { form } = state;
  const field = (key: keyof typeof t.fields) => ({ label: t.fields[key], ...form.getInputProps(key) });
  const provider = user.identities?.[0]?.provider ?? '';
  const email = field('email');
  return (
    <>
      <Known user={user} />
      <EntityForm state={state}>
        {!ownStrategies.includes(provider) && (
          <Alert color="gray" role="note" mb="lg">
            {p.elsewhere}
          </Alert>
        )}
        <Section title={p.signIn} text={p.signInText}>
          <TextInput
            type="email"
            autoComplete="off"
            {...email}
            description={p.unverifies}
            onChange={(event) => {
              email.onChange(event);
              const { email: was, email_verified } = form.getInitialValues();
              form.setFieldValue('email_verified', event.currentTarget.value.trim() === was && email_verified);
            }}
          />
          <Switch
            label={t.fields.email_verified}
            disabled={form.values.email.trim() === ''}
            {...form.getInputProps('email_verified', { type: 'checkbox' })}
          />
          {(provider === 'auth0' || user.username) && (
            <TextInput autoComplete="off" autoCapitalize="off" spellCheck={false} {...field('username')} />
          )}
          <TextInput type="tel" autoComplete="off" {...field('phone_number')} />
          <Switch
            label={t.fields.phone_verified}
            disabled={form.values.phone_number.trim() === ''}
            {...form.getInputProps('phone_verified', { type: 'checkbox' })}
          />
        </Section>
        <Section title={p.person} text={p.personText}>
          <TextInput autoComplete="off" {...field('name')} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput autoComplete="off" {...field('given_name')} />
            <TextInput autoComplete="off" {...field('family_name')} />
          </SimpleGrid>
          <TextInput autoComplete="off" {...field('nickname')} />
          <TextInput type="url" autoComplete="off" {...field('picture')} />
        </Section>
      </EntityForm>
      <Access user={user} />
      <Delete id={id} name={user.email || nameOf(user)} onDeleted={state.forget} />
    </>
  );
}

/** What nobody types: where the user comes from and what they did. */
function Known({ user }: { user: User }) {
  const t = useText(profileText).facts;
  const rows: [string, ReactNode][] = [
    [t.connection, user.identities?.[0]?.connection ?? '–'],
    [t.logins, user.logins_count ?? 0],
    [t.lastLogin, <RelativeTime key="last" at={user.last_login} />],
    [t.lastIp, user.last_ip ?? '–'],
    [t.created, <RelativeTime key="created" at={user.created_at} />],
    [t.password, <RelativeTime key="password" at={user.last_password_reset} />],
  ];
  return (
    <Section>
      <Facts rows={rows} />
    </Section>
  );
}
