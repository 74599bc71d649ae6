import { Button, Group, Modal, Table, Text } from '@mantine/core';
import { useText } from '#/i18n/text';
import type { Change } from './merge';
import { kitText } from './text';

function Value({ value }: { value: unknown }) {
  const t = useText(kitText);
  const shown = Array.isArray(value)
    ? value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join('\n')
    : typeof value === 'object' && value !== null
      ? JSON.stringify(value, null, 2)
      : String(value ?? '');
  if (shown === '') {
    return (
      <Text span c="dimmed" size="sm">
        {t.conflict.empty}
      </Text>
    );
  }
  return <span style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{shown}</span>;
}

/** Shows what somebody else saved first. Closing it keeps everything as typed, unsaved. */
export function ConflictDialog(p: {
  found: Change[] | undefined;
  labels: Record<string, string>;
  onClose: () => void;
  onMine: () => void;
  onTheirs: () => void;
}) {
  const t = useText(kitText);
  return (
    <Modal
      opened={p.found !== undefined}
      onClose={p.onClose}
      title={t.conflict.title}
      size="xl"
      closeButtonProps={{ 'aria-label': t.close }}
    >
      <Text size="sm" mb="md">
        {t.conflict.text}
      </Text>
      <Table.ScrollContainer minWidth={300}>
        <Table layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.conflict.field}</Table.Th>
              <Table.Th>{t.conflict.theirs}</Table.Th>
              <Table.Th>{t.conflict.mine}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {p.found?.map((change) => (
              <Table.Tr key={change.path}>
                <Table.Th scope="row" style={{ overflowWrap: 'anywhere' }}>
                  {p.labels[change.path] ?? change.path}
                </Table.Th>
                <Table.Td>
                  <Value value={change.theirs} />
                </Table.Td>
                <Table.Td>
                  {change.clash ? <Value value={change.mine} /> : <Text size="sm">{t.conflict.untouched}</Text>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={p.onTheirs}>
          {t.conflict.takeTheirs}
        </Button>
        <Button onClick={p.onMine} data-autofocus>
          {t.conflict.keepMine}
        </Button>
      </Group>
    </Modal>
  );
}
