import { Button, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { ApiError } from '#/api/errors';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/new');

/** A name that is taken is shown at the name. */
export function taken(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 409) return error;
  return new ApiError(409, error.code, `Payload validation error: '${error.message}' on property name`);
}

export function CreatePage() {
  const t = useText(rolesText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const create = useSend('post', '/roles');
  const state = useCreateForm({
    initial: { name: '', description: '' },
    validate: { name: (v: string) => (v.trim() === '' ? t.nameRequired : null) },
    create: async ({ name, description }) => {
      const made = await create
        .mutateAsync({
          body: { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}) },
        })
        .catch((error) => {
          throw taken(error);
        });
      return made.value;
    },
    created: (role) => {
      toast.done(t.created);
      void navigate({ to: '/t/$tenant/roles/$roleId/permissions', params: { tenant, roleId: role.id ?? '' } });
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
          <TextInput label={t.name} required autoComplete="off" data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t.description} autoComplete="off" {...form.getInputProps('description')} />
        </Section>
      </CreateForm>
    </div>
  );
}
