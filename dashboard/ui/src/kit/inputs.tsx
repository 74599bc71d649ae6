import { Group, Input, NativeSelect, NumberInput, Text, Textarea } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { useLanguage, useText } from '#/i18n/text';
import { kitText } from './text';
import { duration, type Unit, unitOf, unitSeconds } from './time';

/** One entry a line; entries pasted with commas between addresses are taken apart too. */
export function parseLines(text: string): string[] {
  return text
    .split(/\n|,\s*(?=[a-z][a-z0-9+.-]*:)/i)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

interface Field<T> {
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  /** Of the type that the component takes; getInputProps of a form gives it as any. */
  value?: T;
  onChange?: (value: T) => void;
  onBlur?: unknown;
  onFocus?: unknown;
  required?: boolean;
  disabled?: boolean;
}

/** A list of texts, one a line: easy to paste into, to compare and to correct. */
export function LinesInput({
  value = [],
  onChange,
  minRows = 2,
  placeholder,
  ...rest
}: Field<string[]> & { minRows?: number; placeholder?: string }) {
  const [raw, setRaw] = useState(value.join('\n'));
  const same = (text: string) => parseLines(text).join('\n') === value.join('\n');
  const shown = same(raw) ? raw : value.join('\n');
  return (
    <Textarea
      label={rest.label}
      description={rest.description}
      error={rest.error}
      required={rest.required}
      disabled={rest.disabled}
      placeholder={placeholder}
      autosize
      minRows={minRows}
      maxRows={12}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
      value={shown}
      onChange={(event) => {
        setRaw(event.currentTarget.value);
        onChange?.(parseLines(event.currentTarget.value));
      }}
    />
  );
}

/** A lifetime: a number in the unit that a person thinks in, seconds on the wire. '' is not set. */
export function LifetimeInput({
  value = '',
  onChange,
  label,
  description,
  error,
  required,
  disabled,
}: Field<number | ''>) {
  const t = useText(kitText);
  const { language } = useLanguage();
  const [unit, setUnit] = useState<Unit>(() => unitOf(value === '' ? 0 : value));
  const id = useId();
  const size = unitSeconds[unit];
  const units: Unit[] = ['seconds', 'minutes', 'hours', 'days'];
  return (
    <Input.Wrapper
      id={id}
      label={label}
      description={description}
      error={error}
      required={required}
      descriptionProps={{ id: `${id}-description` }}
      errorProps={{ id: `${id}-error` }}
    >
      <Group gap="xs" wrap="nowrap">
        <NumberInput
          id={id}
          flex={1}
          aria-describedby={`${id}-is ${id}-description ${id}-error`}
          aria-invalid={Boolean(error)}
          error={Boolean(error)}
          disabled={disabled}
          min={0}
          allowNegative={false}
          decimalScale={4}
          thousandSeparator=" "
          value={value === '' ? '' : value / size}
          onChange={(n) => onChange?.(typeof n === 'number' ? Math.round(n * size) : '')}
        />
        <NativeSelect
          aria-label={t.lifetime.unit(label)}
          w="7.5rem"
          disabled={disabled}
          data={units.map((u) => ({ value: u, label: t.lifetime[u] }))}
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value as Unit)}
        />
      </Group>
      <Text id={`${id}-is`} size="xs" mt={4} c="dimmed">
        {value === '' ? '\u00a0' : `${duration(value, language)} = ${t.lifetime.is(value)}`}
      </Text>
    </Input.Wrapper>
  );
}
