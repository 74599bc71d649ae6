import { List, ThemeIcon, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useText } from '#/i18n/text';
import { kitText } from './text';

/** What was checked, each with its outcome. */
export function Checks({ checks }: { checks: { name: string; text: ReactNode; passed: boolean }[] }) {
  const t = useText(kitText).checks;
  return (
    <List size="sm" spacing={6} styles={{ itemWrapper: { alignItems: 'flex-start', lineHeight: 1.45 } }}>
      {checks.map(({ name, text, passed }) => (
        <List.Item
          key={name}
          icon={
            <ThemeIcon size={18} radius="xl" variant="light" color={passed ? 'teal' : 'red'} aria-hidden>
              {passed ? <IconCheck size={12} /> : <IconX size={12} />}
            </ThemeIcon>
          }
        >
          {text}
          <VisuallyHidden>: {passed ? t.passed : t.failed}</VisuallyHidden>
        </List.Item>
      ))}
    </List>
  );
}
