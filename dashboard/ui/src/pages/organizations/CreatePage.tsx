import { Button, Checkbox, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { ErrorState } from '#/kit/states';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { isDatabase, titleOf } from '#/pages/connections/connection';
import { goodName, nameFrom } from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/new');

export function CreatePage() {
  const t = useText(organizationsText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const create = useSend('post', '/organizations');
  const connections = useList('/connections', {
    params: { query: { per_page: 100, fields: 'id,name,display_name,strategy' } },
  });
  const state = useCreateForm({
    initial: { display_name: '', name: '', connections: [] as string[] },
    validate: {
      display_name: (title: string) => (title.trim() === '' ? t.errors.title : null),
      name: (name: string) => (goodName(name.trim()) ? null : t.errors.name),
    },
    create: async (v) => {
      const { value } = await create.mutateAsync({
        body: {
          name: v.name.trim(),
          display_name: v.display_name.trim(),
          enabled_connections: v.connections.map((id) => ({ connection_id: id, assign_membership_on_login: false })),
        },
      });
      return value;
    },
    created: (organization) => {
      toast.done(t.created);
      void navigate({
        to: '/t/$tenant/organizations/$organizationId/members',
        params: { tenant, organizationId: organization.id ?? '' },
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
            label={t.fields.display_name}
            description={t.help.display_name}
            placeholder="Acme Inc."
            required
            maxLength={255}
            data-autofocus
            {...form.getInputProps('display_name')}
            onChange={(event) => {
              const title = event.currentTarget.value;
              // The name follows until it is typed itself.
              if (form.values.name === nameFrom(form.values.display_name)) form.setFieldValue('name', nameFrom(title));
              form.setFieldValue('display_name', title);
            }}
          />
          <TextInput
            label={t.fields.name}
            description={t.help.name}
            placeholder="acme"
            required
            maxLength={50}
            spellCheck={false}
            autoCapitalize="off"
            {...form.getInputProps('name')}
          />
          <Checkbox.Group
            label={t.tabs.connections}
            description={t.help.connections}
            value={form.values.connections}
            onChange={(ids) => form.setFieldValue('connections', ids)}
          >
            <Stack gap="xs" mt="xs">
              {connections.error && !connections.data && (
                <ErrorState error={connections.error} onRetry={() => void connections.refetch()} />
              )}
              {connections.isPending && <Skeleton h={24} w="40%" />}
              {connections.data?.rows.length === 0 && <Text size="sm">{t.connections.noneInTenant}</Text>}
              {connections.data?.rows.filter(isDatabase).map((c) => (
                <Checkbox key={c.id} value={c.id ?? ''} label={titleOf(c)} />
              ))}
            </Stack>
          </Checkbox.Group>
        </Section>
      </CreateForm>
    </div>
  );
}
