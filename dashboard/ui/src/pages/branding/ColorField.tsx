import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '#/i18n/text';
import { isColor } from './branding';
import { brandingText } from './text';

/** A color as text, and as what the browser chooses colors with. */
export function ColorField(p: {
  label: string;
  description?: string;
  value?: string;
  error?: ReactNode;
  required?: boolean;
  onChange?: (value: string) => void;
}) {
  const t = useText(brandingText);
  const value = p.value ?? '';
  // The browser's chooser knows six digits only.
  const plain =
    /^#[0-9a-f]{6}/i.exec(value)?.[0] ?? (isColor(value) ? value.replace(/^#(.)(.)(.).?$/, '#$1$1$2$2$3$3') : '');
  return (
    <TextInput
      label={p.label}
      description={p.description}
      error={p.error}
      required={p.required ?? false}
      placeholder="#3b4fd1"
      maxLength={9}
      spellCheck={false}
      value={value}
      onChange={(event) => p.onChange?.(event.currentTarget.value.trim())}
      leftSection={
        <input
          type="color"
          aria-label={t.choose(p.label)}
          value={plain || '#ffffff'}
          style={{ width: 24, height: 24, padding: 0, border: 0, background: 'none', cursor: 'pointer' }}
          onChange={(event) => p.onChange?.(event.currentTarget.value)}
        />
      }
    />
  );
}
