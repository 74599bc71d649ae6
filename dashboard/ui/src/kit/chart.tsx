import { ScrollArea, Table } from '@mantine/core';
import { useState } from 'react';
import { useLanguage, useText } from '#/i18n/text';
import css from './chart.module.css';
import { kitText } from './text';

export interface ChartRow {
  label: string;
  /** One for each series; undefined where it is not known. */
  values: (number | undefined)[];
}

/** The least round number, of those that halve without a fraction, that is not below any. */
export function roundAbove(n: number): number {
  if (n <= 2) return 2;
  const size = 10 ** Math.floor(Math.log10(n));
  const steps = [1, 2, 4, 6, 8, 10].filter((s) => (s * size) % 2 === 0);
  return (steps.find((s) => s * size >= n) ?? 10) * size;
}

/** At most two series of counts as stacked bars: a picture with a sentence for screen readers, and its numbers as a table. */
export function BarChart({ label, series, rows }: { label: string; series: string[]; rows: ChartRow[] }) {
  const t = useText(kitText).chart;
  const { language } = useLanguage();
  const [at, setAt] = useState<number>();
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: 'compact' });
  const say = (n: number | undefined) => (n === undefined ? t.unknown : number.format(n));
  const top = roundAbove(Math.max(0, ...rows.map((r) => r.values.reduce<number>((sum, v) => sum + (v ?? 0), 0))));
  const row = at === undefined ? undefined : rows[at];
  const colors = [css.first, css.second];
  return (
    <div>
      <div className={css.legend} aria-hidden>
        {series.map((name, i) => (
          <span key={name}>
            <span className={`${css.swatch} ${colors[i]}`} />
            {name}
            {row && <strong>{say(row.values[i])}</strong>}
          </span>
        ))}
        <span>{row?.label}</span>
      </div>
      <div role="img" aria-label={label} className={css.plot}>
        <div className={css.scale}>
          {[top, top / 2, 0].map((n) => (
            <span key={n}>{short.format(n)}</span>
          ))}
        </div>
        <div className={css.columns} onPointerLeave={() => setAt(undefined)}>
          {rows.map((r, i) => (
            <div
              key={r.label}
              className={r.values.includes(undefined) ? `${css.column} ${css.absent}` : css.column}
              onPointerEnter={() => setAt(i)}
            >
              {r.values
                .map((v, s) => ({ v, s }))
                .reverse()
                .map(
                  ({ v, s }) =>
                    v !== undefined &&
                    v > 0 && (
                      <div key={s} className={`${css.bar} ${colors[s]}`} style={{ height: `${(v / top) * 100}%` }} />
                    ),
                )}
            </div>
          ))}
        </div>
        <div className={css.ends}>
          <span>{rows[0]?.label}</span>
          <span>{rows.at(-1)?.label}</span>
        </div>
      </div>
      <details className={css.numbers}>
        <summary>{t.numbers}</summary>
        <ScrollArea.Autosize mah={320} mt="xs" viewportProps={{ tabIndex: 0 }}>
          <Table aria-label={label}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.day}</Table.Th>
                {series.map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...rows].reverse().map((r) => (
                <Table.Tr key={r.label}>
                  <Table.Th scope="row">{r.label}</Table.Th>
                  {series.map((name, i) => (
                    <Table.Td key={name}>{say(r.values[i])}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      </details>
    </div>
  );
}
