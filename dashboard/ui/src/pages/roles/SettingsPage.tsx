import { TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { DeleteSection } from '#/kit/confirm';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import { taken } from './CreatePage';
import { type Role, type RoleQuery, roleInit, useRole } from './role';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/$roleId');

export function SettingsPage() {
  const query = useRole();
  return <Loaded query={query}>{() => <Settings query={query} />}</Loaded>;
}

const toValues = (role: Role) => ({ name: role.name ?? '', description: role.description ?? '' });

function Settings({ query }: { query: RoleQuery }) {
  const t = useText(rolesText);
  const role = query.data?.value ?? {};
  const id = role.id ?? '';
  const patch = useSend('patch', '/roles/{id}');
  const state = useEntityForm({
    query,
    toValues,
    toBody: (v) => ({ name: v.name.trim(), description: v.description.trim() || null }),
    save: (body, ifMatch) =>
      patch.mutateAsync({ ...roleInit(id), body, ifMatch }).catch((error) => {
        throw taken(error);
      }),
    labels: { name: t.name, description: t.description },
    validate: { name: (v: string) => (v.trim() === '' ? t.nameRequired : null) },
  });
  const { form } = state;
  return (
    <>
      <EntityForm state={state}>
        <Section title={t.basic} text={t.basicText}>
          <TextInput label={t.name} required autoComplete="off" {...form.getInputProps('name')} />
          <TextInput label={t.description} autoComplete="off" {...form.getInputProps('description')} />
        </Section>
      </EntityForm>
      <Delete id={id} name={role.name ?? ''} onDeleted={state.forget} />
    </>
  );
}

function Delete({ id, name, onDeleted }: { id: string; name: string; onDeleted: () => void }) {
  const t = useText(rolesText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/roles/{id}');
  return (
    <DeleteSection
      words={t}
      text={t.text(name)}
      word={name}
      onDelete={() => remove.mutateAsync(roleInit(id))}
      onDeleted={() => {
        onDeleted();
        return navigate({ to: '/t/$tenant/roles', params: { tenant } });
      }}
    />
  );
}
