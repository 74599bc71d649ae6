import { ActionIcon, Button, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import type { SettingsForm } from './SettingsPage';
import { settingsText } from './text';

const most = 10;

export function Metadata({ form }: { form: SettingsForm }) {
  const t = useText(settingsText).metadata;
  const rows = form.values.metadata;
  const full = rows.length >= most;
  return (
    <Section title={t.title} text={t.text}>
      {rows.map((row, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its key is being typed
        <Group key={i} wrap="nowrap" gap="xs" align="flex-end">
          <TextInput
            flex={1}
            label={i === 0 ? t.key : undefined}
            aria-label={`${t.key} ${i + 1}`}
            maxLength={255}
            {...form.getInputProps(`metadata.${i}.key`)}
          />
          <TextInput
            flex={2}
            label={i === 0 ? t.value : undefined}
            aria-label={`${t.value}: ${row.key}`}
            maxLength={255}
            {...form.getInputProps(`metadata.${i}.value`)}
          />
          <Tooltip label={t.removeRow(i + 1)}>
            <ActionIcon
              size="lg"
              variant="subtle"
              color="gray"
              aria-label={t.removeRow(i + 1)}
              onClick={() => form.removeListItem('metadata', i)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
      {form.errors.metadata && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors.metadata}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconPlus size={16} />}
          disabled={full}
          title={full ? t.full : undefined}
          onClick={() => form.insertListItem('metadata', { key: '', value: '' })}
        >
          {t.add}
        </Button>
      </Group>
    </Section>
  );
}
