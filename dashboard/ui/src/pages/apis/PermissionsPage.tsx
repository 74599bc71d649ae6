import { ActionIcon, Button, Group, SimpleGrid, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import { type Api, type ApiQuery, apiInit, useApiEntity } from './api';
import { apisText } from './text';

export function PermissionsPage() {
  const query = useApiEntity();
  return <Loaded query={query}>{() => <Permissions query={query} />}</Loaded>;
}

const toValues = (api: Api) => ({
  scopes: (api.scopes ?? []).map((s) => ({ value: s.value ?? '', description: s.description ?? '' })),
});

function Permissions({ query }: { query: ApiQuery }) {
  const t = useText(apisText);
  const id = query.data?.value.id ?? '';
  const system = query.data?.value.is_system;
  const patch = useSend('patch', '/resource-servers/{id}');
  const state = useEntityForm({
    query,
    toValues,
    toBody: (v) => ({
      scopes: v.scopes.map(({ value, description }) => ({
        value: value.trim(),
        ...(description.trim() ? { description: description.trim() } : {}),
      })),
    }),
    save: (body, ifMatch) => patch.mutateAsync({ ...apiInit(id), body, ifMatch }),
    labels: { scopes: t.tabs.permissions },
    validate: {
      scopes: {
        value: (value: string, v: ReturnType<typeof toValues>) => {
          if (!/^[!#-[\]-~]+$/.test(value.trim())) return t.errors.scope;
          return v.scopes.filter((s) => s.value.trim() === value.trim()).length > 1 ? t.errors.twice : null;
        },
      },
    },
  });
  const { form } = state;
  return (
    <EntityForm state={state} denied={system ? t.systemText : undefined}>
      <Section title={t.tabs.permissions} text={t.permissions.text} wide>
        {form.values.scopes.length === 0 && <Text size="sm">{t.permissions.none}</Text>}
        {form.values.scopes.map((scope, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its name is being typed
          <Group key={i} wrap="nowrap" gap="xs" align="flex-start">
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" flex={1}>
              <TextInput
                aria-label={`${t.permissions.value} ${i + 1}`}
                placeholder="read:messages"
                maxLength={280}
                spellCheck={false}
                {...form.getInputProps(`scopes.${i}.value`)}
              />
              <TextInput
                aria-label={`${t.permissions.description}: ${scope.value}`}
                placeholder={t.permissions.description}
                maxLength={500}
                {...form.getInputProps(`scopes.${i}.description`)}
              />
            </SimpleGrid>
            <Tooltip label={t.permissions.remove(scope.value)}>
              <ActionIcon
                size="lg"
                variant="subtle"
                color="gray"
                aria-label={t.permissions.remove(scope.value || String(i + 1))}
                onClick={() => form.removeListItem('scopes', i)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </Group>
        ))}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => form.insertListItem('scopes', { value: '', description: '' })}
          >
            {t.permissions.add}
          </Button>
        </Group>
      </Section>
    </EntityForm>
  );
}
