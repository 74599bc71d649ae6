import {
  ActionIcon,
  Anchor,
  Button,
  type ButtonProps,
  Code,
  CopyButton,
  Group,
  Paper,
  Text,
  Title,
  Tooltip,
} from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { createLink, useRouterState } from '@tanstack/react-router';
import { type ComponentPropsWithRef, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useLanguage, useText } from '#/i18n/text';
import css from './kit.module.css';
import { kitText } from './text';
import { exactTime, relativeTime } from './time';

/** The title of a page, said once: in the window's title, and as its only h1. */
export function PageHeader({ title, text, children }: { title: string; text?: ReactNode; children?: ReactNode }) {
  return (
    <header className={css.header}>
      <title>{`${title} · Proofkey`}</title>
      <div className={css.headerText}>
        <Title order={1} size="h2" textWrap="balance">
          {title}
        </Title>
        {text && (
          <Text c="dimmed" component="div" mt={4}>
            {text}
          </Text>
        )}
      </div>
      {children && <Group gap="sm">{children}</Group>}
    </header>
  );
}

/** A part of a page: its words at the side where there is room, its fields in one column. */
export function Section(p: {
  title?: string;
  text?: ReactNode;
  children: ReactNode;
  danger?: boolean;
  wide?: boolean;
}) {
  const id = useId();
  if (!p.title) {
    return (
      <Paper withBorder mb="lg" p="lg" className={css.fields}>
        {p.children}
      </Paper>
    );
  }
  return (
    <Paper component="section" withBorder aria-labelledby={id} mb="lg">
      <div className={p.wide ? css.section : `${css.section} ${css.aside}`}>
        <div>
          <Title order={2} size="h4" id={id} c={p.danger ? 'var(--mantine-color-error)' : undefined}>
            {p.title}
          </Title>
          {p.text && (
            <Text c="dimmed" size="sm" mt={4} component="div">
              {p.text}
            </Text>
          )}
        </div>
        <div className={css.fields}>{p.children}</div>
      </div>
    </Paper>
  );
}

/** Names and values side by side, such as what an app is configured with. */
export function Facts({ rows }: { rows: [name: string, value: ReactNode][] }) {
  return (
    <dl className={css.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function CopyIcon({ value, what }: { value: string; what: string }) {
  const t = useText(kitText);
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t.copied : t.copyOf(what)}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'teal' : 'gray'}
            size="sm"
            onClick={copy}
            aria-label={copied ? t.copied : t.copyOf(what)}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** An id as code with a copy button; what names it to a screen reader. */
export function CopyableId({ value, what }: { value: string; what: string }) {
  return (
    <span className={css.id}>
      <Code title={value}>{value}</Code>
      <CopyIcon value={value} what={what} />
    </span>
  );
}

/** Several lines of code with a copy button. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className={css.codeBlock}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: it is no set of fields, and no landmark either */}
      <div role="group" tabIndex={0} aria-label={what}>
        <pre>
          <code>{code}</code>
        </pre>
      </div>
      <div className={css.codeCopy}>
        <CopyIcon value={code} what={what} />
      </div>
    </div>
  );
}

/** "3 minutes ago", exact on hover and for screen readers; it keeps up with the clock. */
export function RelativeTime({ at }: { at: string | number | undefined | null }) {
  const { language } = useLanguage();
  const t = useText(kitText);
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  const time = at ? new Date(at) : undefined;
  if (!time || Number.isNaN(time.getTime())) return <span>{t.never}</span>;
  const exact = exactTime(time, language);
  return (
    <Tooltip label={exact}>
      <time dateTime={time.toISOString()} title={exact} style={{ whiteSpace: 'nowrap' }}>
        {relativeTime(time.getTime(), Math.max(now, Date.now()), language)}
      </time>
    </Tooltip>
  );
}

/** A secret in the moment of its making: afterwards nobody can read it. */
export function SecretOnce({ value, what, onDone }: { value: string; what: string; onDone: () => void }) {
  const t = useText(kitText);
  return (
    <div className={css.fields}>
      <Text size="sm">{t.secret.once}</Text>
      <Group className={css.secret} justify="space-between" wrap="nowrap">
        <code className={css.mono}>{value}</code>
        <CopyIcon value={value} what={what} />
      </Group>
      <Group justify="flex-end">
        <Button onClick={onDone}>{t.secret.done}</Button>
      </Group>
    </div>
  );
}

/** A button that says why it cannot be pressed. */
export function GuardedButton({
  denied,
  children,
  ...rest
}: ButtonProps & { denied: string | undefined; onClick?: () => void; type?: 'submit' | 'button' }) {
  if (!denied) return <Button {...rest}>{children}</Button>;
  return (
    <Tooltip label={denied} events={{ hover: true, focus: true, touch: true }}>
      <Button {...rest} type="button" data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
        {children}
      </Button>
    </Tooltip>
  );
}

const TabAnchor = (p: ComponentPropsWithRef<'a'>) => <a {...p} className={css.tab} />;

/** A tab that is a page of its own. */
export const TabLink = createLink(TabAnchor);

export function TabLinks({ label, children }: { label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (s) => s.location.pathname });
  // On a phone the tab of a deep link may lie outside of the row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page has its tab
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (nav.current && current) nav.current.scrollLeft = current.offsetLeft - nav.current.offsetLeft - 24;
  }, [path]);
  return (
    <nav ref={nav} className={css.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** A link inside of the console. */
export const TextLink = createLink((p: ComponentPropsWithRef<'a'>) => <Anchor inherit underline="always" {...p} />);

/** A button that is a link inside of the console. */
export const LinkButton = createLink(({ children, ref, ...p }: ComponentPropsWithRef<'a'> & ButtonProps) => (
  <Button component="a" ref={ref} {...p}>
    {children}
  </Button>
));
