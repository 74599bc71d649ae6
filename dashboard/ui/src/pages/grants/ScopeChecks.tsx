import { Button, Checkbox, Group, ScrollArea, Stack, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { useText } from '#/i18n/text';
import { grantsText } from './text';

export type Scope = NonNullable<Schemas['resource_server']['scopes']>[number];

/** The permissions of an API to tick, with a filter for APIs that have many. */
export function ScopeChecks(p: { scopes: Scope[]; value: string[]; onChange: (value: string[]) => void }) {
  const t = useText(grantsText);
  const [find, setFind] = useState('');
  const word = find.trim().toLowerCase();
  const shown = p.scopes.filter((s) => `${s.value} ${s.description ?? ''}`.toLowerCase().includes(word));
  const shownValues = shown.map((s) => s.value ?? '');
  return (
    <>
      <Group gap="xs">
        <TextInput
          flex="1 1 12rem"
          aria-label={t.filter}
          placeholder={t.filter}
          leftSection={<IconSearch size={16} />}
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
        />
        <Button variant="default" size="sm" onClick={() => p.onChange([...new Set([...p.value, ...shownValues])])}>
          {t.selectAll}
        </Button>
        <Button
          variant="default"
          size="sm"
          onClick={() => p.onChange(p.value.filter((value) => !shownValues.includes(value)))}
        >
          {t.selectNone}
        </Button>
      </Group>
      <ScrollArea.Autosize
        mah="20rem"
        type="auto"
        viewportProps={{ tabIndex: 0, 'aria-label': t.permissions, role: 'group' }}
      >
        <Checkbox.Group value={p.value} onChange={p.onChange} aria-label={t.permissions}>
          <Stack gap="xs" py={4}>
            {shown.map((scope) => (
              <Checkbox key={scope.value} value={scope.value} label={scope.value} description={scope.description} />
            ))}
          </Stack>
        </Checkbox.Group>
      </ScrollArea.Autosize>
    </>
  );
}
