import {
  Button,
  CloseButton,
  Loader,
  Pagination,
  Paper,
  Skeleton,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { createLink } from '@tanstack/react-router';
import { type ComponentPropsWithRef, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Rows } from '#/api/hooks';
import { useText } from '#/i18n/text';
import css from './list.module.css';
import { EmptyState, ErrorState } from './states';
import { kitText } from './text';

export interface Column<R> {
  key: string;
  header: string;
  cell: (row: R) => ReactNode;
  /** CSS width; columns without one share what is left. */
  width?: string;
  /** The first column names the row and needs no label on a phone. */
  title?: boolean;
  /** What it holds says what it is: the header is for screen readers only. */
  bare?: boolean;
}

/** The link of a row's title: the whole row follows it. What else can be pressed in a row goes into a Control. */
export const RowLink = createLink((p: ComponentPropsWithRef<'a'>) => (
  <a {...p} className={css.rowLink} data-row-link />
));

export const Control = ({ children }: { children: ReactNode }) => <span className={css.above}>{children}</span>;

export const ListBar = ({ children }: { children: ReactNode }) => <div className={css.bar}>{children}</div>;

/** The search box of a list. "/" goes there; what is typed reaches the address after a pause. */
export function SearchBox(p: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  placeholder: string;
}) {
  const t = useText(kitText);
  const [typed, setTyped] = useState(p.value ?? '');
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(p.value ?? '');
  const send = useDebouncedCallback((value: string) => {
    sent.current = value.trim();
    p.onChange(value.trim() || undefined);
  }, 250);
  useEffect(() => {
    if ((p.value ?? '') !== sent.current) {
      sent.current = p.value ?? '';
      setTyped(p.value ?? '');
    }
  }, [p.value]);
  useHotkeys([['/', () => input.current?.focus()]]);
  const change = (value: string) => {
    setTyped(value);
    send(value);
  };
  return (
    <TextInput
      ref={input}
      className={css.search}
      type="search"
      aria-label={t.search}
      placeholder={p.placeholder}
      leftSection={<IconSearch size={16} />}
      rightSection={typed && <CloseButton size="sm" aria-label={t.clearSearch} onClick={() => change('')} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed) change('');
        if (event.key === 'Enter') event.preventDefault(); // it searches while one types, and must not send the form around it
      }}
    />
  );
}

/** Arrow keys go from row to row, Home and End to the first and the last. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || !links[to]) return;
  event.preventDefault();
  links[to].focus();
}

export interface ListProps<R> {
  label: string;
  query: UseQueryResult<Rows<R>>;
  columns: Column<R>[];
  rowKey: (row: R) => string;
  /** Shown while there is nothing at all: what these things are for, and the way to the first one. */
  empty: ReactNode;
  /** A search or filter narrows the list; onClear lifts it. */
  filtered?: boolean;
  onClear?: () => void;
  /** Pages that are counted. */
  page?: number;
  perPage?: number;
  onPage?: (page: number) => void;
  /** How many rows the API's pages reach, where it says so. */
  reach?: number;
  /** Lists by checkpoint go on instead. */
  onMore?: () => void;
  moreBusy?: boolean;
  /** How many rows are expected, for the shapes while they load. */
  skeletons?: number;
}

/** A list in all its states: loading, failed, empty, nothing found, full. */
export function List<R>(p: ListProps<R>) {
  const t = useText(kitText);
  const { data, error, isPlaceholderData, isFetching } = p.query;
  const perPage = p.perPage ?? 50;
  const page = p.page ?? 1;

  if (!data && error) {
    return (
      <Paper withBorder>
        <ErrorState error={error} onRetry={() => void p.query.refetch()} />
      </Paper>
    );
  }
  if (data?.rows.length === 0 && page === 1) {
    return (
      <Paper withBorder>
        {p.filtered ? (
          <EmptyState title={t.noMatch} text={t.noMatchText} icon={<IconSearch size={28} />}>
            <Button variant="default" onClick={p.onClear}>
              {t.clearSearch}
            </Button>
          </EmptyState>
        ) : (
          p.empty
        )}
      </Paper>
    );
  }
  const pages =
    data?.total === undefined ? 0 : Math.max(1, Math.ceil(Math.min(data.total, p.reach ?? Infinity) / perPage));
  return (
    <Paper withBorder aria-busy={isFetching}>
      <table className={css.table} aria-label={p.label} onKeyDown={moveFocus}>
        <thead>
          <tr>
            {p.columns.map((c) => (
              <th key={c.key} scope="col" style={{ width: c.width }}>
                {c.bare ? <VisuallyHidden>{c.header}</VisuallyHidden> : c.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={isPlaceholderData ? css.stale : undefined}>
          {data
            ? data.rows.map((row) => (
                <tr key={p.rowKey(row)}>
                  {p.columns.map((c) => (
                    <td key={c.key} data-label={c.title || c.bare ? undefined : c.header}>
                      <div>{c.cell(row)}</div>
                    </td>
                  ))}
                </tr>
              ))
            : Array.from({ length: p.skeletons ?? 8 }, (_, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the shapes have no identity
                <tr key={i}>
                  {p.columns.map((c) => (
                    <td key={c.key} data-label={c.title || c.bare ? undefined : c.header}>
                      <Skeleton h={14} w={c.title ? '60%' : '40%'} />
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
      <VisuallyHidden role="status">{data ? '' : t.loading}</VisuallyHidden>
      {/* Not before the rows: it would jump when they turn out to be fewer than their shapes. */}
      {data && (pages > 0 || data.total !== undefined || p.onMore) && <Foot {...p} data={data} pages={pages} />}
    </Paper>
  );
}

function Foot<R>(p: ListProps<R> & { data: Rows<R>; pages: number }) {
  const t = useText(kitText);
  const { data, pages, page = 1, perPage = 50 } = p;
  return (
    <div className={css.foot}>
      <Text size="sm" c="dimmed" component="div">
        {data.total !== undefined && data.rows.length > 0
          ? t.range((page - 1) * perPage + 1, (page - 1) * perPage + data.rows.length, data.total)
          : '\u00a0'}
        {p.reach && (data.total ?? 0) > p.reach && ` ${t.reach(p.reach)}`}
        {p.query.isPlaceholderData && <Loader size={12} ml="xs" />}
      </Text>
      {pages > 1 && (
        <nav aria-label={t.pages}>
          <Pagination
            total={pages}
            value={page}
            size="sm"
            siblings={1}
            boundaries={1}
            onChange={(n) => p.onPage?.(n)}
            getItemProps={(n) => ({ 'aria-label': t.page(n) })}
            getControlProps={(control) => ({ 'aria-label': control === 'previous' ? t.previous : t.next })}
          />
        </nav>
      )}
      {p.onMore && data.next && (
        <Button variant="default" size="sm" onClick={p.onMore} loading={p.moreBusy ?? false}>
          {t.more}
        </Button>
      )}
    </div>
  );
}
