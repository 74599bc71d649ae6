import { Alert, Radio, Stack } from '@mantine/core';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import { type ApplicationQuery, clientInit, useApplication, useClientId } from '../application';
import type { Client, ClientUpdate } from '../types';
import { PublicKeys } from './PublicKeys';
import { Secret } from './Secret';
import { credentialsText } from './text';

const methods = ['none', 'client_secret_post', 'client_secret_basic', 'private_key_jwt'] as const;
type Method = (typeof methods)[number];

export const methodOf = (client: Client): Method =>
  client.client_authentication_methods?.private_key_jwt
    ? 'private_key_jwt'
    : (client.token_endpoint_auth_method ?? 'client_secret_post');

/** The keys that are accepted, by their ids. */
export const keysOf = (client: Client) =>
  client.client_authentication_methods?.private_key_jwt?.credentials?.flatMap(({ id }) => id ?? []) ?? [];

/** A body with which these keys are accepted, and nothing else. */
export const withKeys = (ids: string[]) =>
  ({ client_authentication_methods: { private_key_jwt: { credentials: ids.map((id) => ({ id })) } } }) as ClientUpdate;

export const useKeys = () =>
  useList('/clients/{client_id}/credentials', { params: { path: { client_id: useClientId() } } });

export function CredentialsPage() {
  const query = useApplication();
  const keys = useKeys();
  return (
    <Loaded query={query}>
      {({ value }) => (
        <Loaded query={keys}>
          {({ rows }) => (
            <>
              <AuthMethod
                query={query}
                keys={rows.filter((k) => k.credential_type === 'public_key').map((k) => k.id ?? '')}
              />
              <Secret client={value} />
              <PublicKeys client={value} keys={keys} />
            </>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function AuthMethod({ query, keys }: { query: ApplicationQuery; keys: string[] }) {
  const t = useText(credentialsText).method;
  const id = query.data?.value.client_id ?? '';
  const patch = useSend('patch', '/clients/{id}');
  const state = useEntityForm({
    query,
    toValues: (client: Client) => ({ method: methodOf(client) as string }),
    toBody: ({ method }) => ({ method }),
    save: ({ method }, ifMatch) => {
      const body =
        method === 'private_key_jwt'
          ? { ...withKeys(keys), token_endpoint_auth_method: null }
          : { token_endpoint_auth_method: method, client_authentication_methods: null };
      return patch.mutateAsync({ ...clientInit(id), body: body as unknown as ClientUpdate, ifMatch });
    },
    names: { token_endpoint_auth_method: 'method', client_authentication_methods: 'method' },
    validate: { method: (method: string) => (method === 'private_key_jwt' && keys.length === 0 ? t.noKeys : null) },
    labels: { method: t.label },
  });
  const chosen = state.form.values.method;
  const loses = chosen === 'none' && query.data?.value.grant_types?.includes('client_credentials');
  return (
    <EntityForm state={state}>
      <Section title={t.title} text={t.text}>
        <Radio.Group aria-label={t.label} {...state.form.getInputProps('method')}>
          <Stack gap="sm">
            {methods.map((method) => (
              <Radio key={method} value={method} label={t.names[method]} description={t.texts[method]} />
            ))}
          </Stack>
        </Radio.Group>
        {loses && (
          <Alert color="yellow" role="note">
            {t.losesGrant}
          </Alert>
        )}
      </Section>
    </EntityForm>
  );
}
