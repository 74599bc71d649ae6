import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { database, leastLength, type Policy, policies, wire } from './connection';
import { connectionsText } from './text';

const route = getRouteApi('/t/$tenant/connections/new');
const named = /^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/;

export function CreatePage() {
  const t = useText(connectionsText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const create = useSend('post', '/connections');
  const state = useCreateForm({
    initial: { name: '', signup: true, policy: 'good' as Policy },
    validate: { name: (name: string) => (named.test(name.trim()) && name.trim().length <= 128 ? null : t.errors.name) },
    create: async ({ name, signup, policy }) => {
      const { value } = await create.mutateAsync({
        body: {
          name: name.trim(),
          strategy: database,
          options: wire({ disable_signup: !signup, passwordPolicy: policy, brute_force_protection: true }),
        },
      });
      return value;
    },
    created: (connection) => {
      toast.done(t.created);
      void navigate({
        to: '/t/$tenant/connections/$connectionId/applications',
        params: { tenant, connectionId: connection.id ?? '' },
      });
    },
  });
  const { form } = state;
  return (
    <div className={kit.page}>
      <PageHeader title={t.createTitle} text={t.createText} />
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
          <TextInput
            label={t.name}
            description={t.nameHelp}
            placeholder="customers"
            required
            spellCheck={false}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Switch
            label={t.fields.signup}
            description={t.help.signup}
            {...form.getInputProps('signup', { type: 'checkbox' })}
          />
          <NativeSelect
            label={t.fields.policy}
            description={t.policyTexts[form.values.policy](leastLength(form.values.policy, ''))}
            data={policies.map((value) => ({ value, label: t.policies[value] }))}
            {...form.getInputProps('policy')}
          />
        </Section>
      </CreateForm>
    </div>
  );
}
