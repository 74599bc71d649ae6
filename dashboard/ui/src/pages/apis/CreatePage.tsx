import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/new');

export function CreatePage() {
  const t = useText(apisText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const create = useSend('post', '/resource-servers');
  const state = useCreateForm({
    initial: { name: '', identifier: '', signing_alg: 'RS256', allow_offline_access: false },
    validate: {
      name: (name: string) => (name.trim() === '' || /[<>]/.test(name) ? t.errors.name : null),
      identifier: (id: string) => (/^[!-~]+$/.test(id.trim()) && !id.includes('#') ? null : t.errors.identifier),
    },
    create: async (v) => {
      const { value } = await create.mutateAsync({
        body: { ...v, name: v.name.trim(), identifier: v.identifier.trim(), signing_alg: v.signing_alg as 'RS256' },
      });
      return value;
    },
    created: (api) => {
      toast.done(t.created);
      void navigate({ to: '/t/$tenant/apis/$apiId/settings', params: { tenant, apiId: api.id ?? '' } });
    },
  });
  const { form } = state;
  return (
    <div className={kit.page}>
      <PageHeader title={t.createTitle} text={t.intro} />
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
          <TextInput label={t.name} required data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label={t.identifier}
            description={t.identifierHelp}
            placeholder="https://api.example.com/"
            required
            spellCheck={false}
            {...form.getInputProps('identifier')}
          />
          <NativeSelect
            label={t.fields.signing_alg.label}
            description={t.fields.signing_alg.help}
            data={['RS256', 'RS512', 'PS256']}
            {...form.getInputProps('signing_alg')}
          />
          <Switch
            label={t.fields.allow_offline_access.label}
            description={t.fields.allow_offline_access.help}
            {...form.getInputProps('allow_offline_access', { type: 'checkbox' })}
          />
        </Section>
      </CreateForm>
    </div>
  );
}
