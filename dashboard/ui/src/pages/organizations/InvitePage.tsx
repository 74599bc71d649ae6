import { Alert, Button, Group, NativeSelect, Skeleton, Stack, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useEntity, useList, useSend } from '#/api/hooks';
import { useSession } from '#/api/session';
import { useText } from '#/i18n/text';
import { CopyIcon, LinkButton, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import { LifetimeInput } from '#/kit/inputs';
import { Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import type { OrganizationConnection } from './organization';
import { RolePick } from './RolePick';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/$organizationId/invitations/new');
const week = 604_800;
const longest = 2_592_000;

interface Application {
  client_id?: string;
  name?: string;
  initiate_login_uri?: string;
  organization_usage?: string;
}

export function InvitePage() {
  const clients = useList('/clients', {
    params: {
      query: {
        per_page: 100,
        is_global: 'false',
        app_type: 'native,spa,regular_web',
        fields: 'client_id,name,initiate_login_uri,organization_usage',
      },
    },
  });
  return (
    <Loaded query={clients} skeleton={<Skeleton h={420} />}>
      {({ rows }) => <Invite applications={rows as Application[]} />}
    </Loaded>
  );
}

function Invite({ applications }: { applications: Application[] }) {
  const o = useText(organizationsText);
  const t = o.invitations;
  const k = useText(kitText);
  const params = route.useParams();
  const id = params.organizationId;
  const navigate = route.useNavigate();
  const router = useRouter();
  const { user } = useSession();
  const [url, setUrl] = useState<string>();
  const settings = useEntity('/tenants/settings', {});
  const connections = useList<'/organizations/{id}/connections', OrganizationConnection>(
    '/organizations/{id}/connections',
    { params: { path: { id }, query: { per_page: 100 } } },
  );
  const create = useSend('post', '/organizations/{id}/invitations');
  const usable = (a: Application) => a.organization_usage === 'allow' || a.organization_usage === 'require';
  const first = applications.find((a) => usable(a) && a.initiate_login_uri) ?? applications.find(usable);
  const state = useCreateForm({
    initial: {
      email: '',
      inviter: user.name || user.email || '',
      client_id: (first ?? applications[0])?.client_id ?? '',
      connection_id: '',
      roles: [] as string[],
      ttl: week as number | '',
    },
    names: {
      'invitee.email': 'email',
      invitee: 'email',
      'inviter.name': 'inviter',
      inviter: 'inviter',
      ttl_sec: 'ttl',
    },
    validate: {
      email: (email: string) => (/^\S+@\S+$/.test(email.trim()) ? null : t.errors.email),
      inviter: (name: string) => (name.trim() === '' ? t.errors.inviter : null),
      client_id: (client: string) => (client === '' ? t.errors.application : null),
      ttl: (n: number | '') => (n !== '' && n >= 1 && n <= longest ? null : t.errors.ttl),
    },
    create: async (v) => {
      const { value } = await create.mutateAsync({
        params: { path: { id } },
        body: {
          invitee: { email: v.email.trim() },
          inviter: { name: v.inviter.trim() },
          client_id: v.client_id,
          ...(v.connection_id && { connection_id: v.connection_id }),
          ...(v.roles.length > 0 && { roles: v.roles }),
          ttl_sec: v.ttl === '' ? week : v.ttl,
        },
      });
      return value;
    },
    created: (invitation) => setUrl(invitation.invitation_url ?? ''),
  });
  const { form } = state;
  const back = () =>
    void navigate({ to: '/t/$tenant/organizations/$organizationId/invitations', params, replace: true });
  if (url !== undefined) {
    return (
      <Section title={t.madeTitle} text={t.madeText(form.values.email)}>
        <TextInput
          label={t.link}
          readOnly
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          rightSection={<CopyIcon value={url} what={t.linkOf(form.values.email)} />}
        />
        <Group justify="flex-end">
          <Button onClick={back}>{t.toList}</Button>
        </Group>
      </Section>
    );
  }
  const chosen = applications.find((a) => a.client_id === form.values.client_id);
  const nowhere = chosen && !chosen.initiate_login_uri && settings.data && !settings.data.value.default_redirection_uri;
  const problem = chosen && !usable(chosen) ? t.denies(chosen.name ?? '') : nowhere ? t.nowhere : undefined;
  return (
    <CreateForm
      state={state}
      action={t.invite}
      cancel={
        <Button variant="default" onClick={() => router.history.back()}>
          {k.cancel}
        </Button>
      }
    >
      <Section title={t.inviteTitle} text={t.inviteText}>
        <TextInput
          label={t.fields.email}
          type="email"
          required
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t.fields.inviter}
          description={t.help.inviter}
          required
          maxLength={300}
          {...form.getInputProps('inviter')}
        />
        <NativeSelect
          label={t.fields.application}
          description={t.help.application}
          required
          data={applications.map((a) => ({ value: a.client_id ?? '', label: a.name ?? '' }))}
          {...form.getInputProps('client_id')}
        />
        {problem && (
          <Alert color="yellow" role="note">
            <Stack gap="xs" align="flex-start">
              {problem}
              <LinkButton
                variant="default"
                size="xs"
                to="/t/$tenant/applications/$clientId/settings"
                params={{ tenant: params.tenant, clientId: chosen?.client_id ?? '' }}
              >
                {t.toApplication}
              </LinkButton>
            </Stack>
          </Alert>
        )}
        <NativeSelect
          label={t.fields.connection}
          description={t.help.connection}
          data={[
            { value: '', label: t.anyConnection },
            ...(connections.data?.rows ?? []).map((c) => ({
              value: c.connection_id ?? '',
              label: c.connection?.name ?? '',
            })),
          ]}
          {...form.getInputProps('connection_id')}
        />
        <RolePick
          organizationId={id}
          description={t.help.roles}
          value={form.values.roles}
          onChange={(roles) => form.setFieldValue('roles', roles)}
        />
        <LifetimeInput label={t.fields.ttl} required {...form.getInputProps('ttl')} />
      </Section>
    </CreateForm>
  );
}
