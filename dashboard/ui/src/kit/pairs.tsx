import { ActionIcon, Button, Group, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useText } from '#/i18n/text';
import { kitText } from './text';

export interface Pair {
  key: string;
  value: string;
}

export const pairsOf = (values: object | null | undefined): Pair[] =>
  Object.entries(values ?? {}).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));

/** The API describes metadata as an object without known members. */
export const objectOf = (pairs: Pair[]) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key.trim(), value])) as Record<string, never>;

/** Whether every key is there, once. */
export const distinct = (pairs: Pair[]) =>
  pairs.every((p) => p.key.trim() !== '') && new Set(pairs.map((p) => p.key.trim())).size === pairs.length;

/** Values of the customer's own, such as metadata: a key and a value on each line. */
export function PairsInput(p: {
  value?: Pair[];
  onChange?: (value: Pair[]) => void;
  error?: ReactNode;
  /** How many there may be. */
  most: number;
}) {
  const t = useText(kitText).pairs;
  const { value = [], most } = p;
  const change = (next: Pair[]) => p.onChange?.(next);
  const put = (i: number, part: Partial<Pair>) =>
    change(value.map((row, at) => (at === i ? { ...row, ...part } : row)));
  const full = value.length >= most;
  return (
    <Stack gap="sm">
      {value.map((row, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its key is being typed
        <Group key={i} wrap="nowrap" gap="xs" align="flex-end">
          <TextInput
            flex={1}
            label={i === 0 ? t.key : undefined}
            aria-label={`${t.key} ${i + 1}`}
            aria-invalid={Boolean(p.error) && !distinct([row, ...value.slice(0, i)])}
            maxLength={255}
            spellCheck={false}
            value={row.key}
            onChange={(event) => put(i, { key: event.currentTarget.value })}
          />
          <TextInput
            flex={2}
            label={i === 0 ? t.value : undefined}
            aria-label={`${t.value}: ${row.key}`}
            maxLength={255}
            value={row.value}
            onChange={(event) => put(i, { value: event.currentTarget.value })}
          />
          <Tooltip label={t.remove(i + 1)}>
            <ActionIcon
              size="lg"
              variant="subtle"
              color="gray"
              aria-label={t.remove(i + 1)}
              onClick={() => change(value.filter((_, at) => at !== i))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
      {p.error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {p.error}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconPlus size={16} />}
          disabled={full}
          title={full ? t.full(most) : undefined}
          onClick={() => change([...value, { key: '', value: '' }])}
        >
          {t.add}
        </Button>
      </Group>
    </Stack>
  );
}
