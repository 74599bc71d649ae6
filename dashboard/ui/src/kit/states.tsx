import { Alert, Button, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconArchive, IconLock, IconMoodEmpty } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '#/api/errors';
import { useText } from '#/i18n/text';
import { useFailureText } from './failure';
import css from './kit.module.css';
import { useDenied } from './permission';
import { kitText } from './text';

export function EmptyState(p: {
  title: string;
  text: ReactNode;
  icon?: ReactNode;
  children?: ReactNode;
  /** It is all there is on its page. */
  whole?: boolean;
}) {
  return (
    <div className={css.state}>
      <div className={css.stateIcon} aria-hidden>
        {p.icon ?? <IconMoodEmpty size={28} />}
      </div>
      <Title order={p.whole ? 1 : 2} size="h4">
        {p.title}
      </Title>
      <Text c="dimmed" maw="32rem">
        {p.text}
      </Text>
      {p.children}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useText(kitText);
  const failure = useFailureText();
  if (error instanceof ApiError && error.status === 404) {
    return <EmptyState title={t.errors.notFound} text={t.errors.notFoundText} />;
  }
  return (
    <div className={css.state} role="alert">
      <div className={css.stateIcon} aria-hidden>
        <IconAlertTriangle size={28} />
      </div>
      <Title order={2} size="h4">
        {t.errors.title}
      </Title>
      <Text c="dimmed" maw="32rem">
        {failure(error)}
      </Text>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {t.retry}
        </Button>
      )}
    </div>
  );
}

/** Forms of the height that a page of fields will have, so that nothing jumps when it comes. */
export function FormSkeleton({ sections = 2 }: { sections?: number }) {
  const t = useText(kitText);
  return (
    <Stack gap="lg" role="status" aria-label={t.loading}>
      {Array.from({ length: sections }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the shapes have no identity
        <Paper withBorder p="lg" key={i}>
          <Skeleton h={22} w="30%" mb="lg" />
          <Skeleton h={56} mb="md" />
          <Skeleton h={56} mb="md" />
          <Skeleton h={56} w="60%" />
        </Paper>
      ))}
    </Stack>
  );
}

/** Shows what a query found, its skeleton while it loads, or why it failed. A failed re-read keeps what is shown. */
export function Loaded<T>(p: { query: UseQueryResult<T>; skeleton?: ReactNode; children: (data: T) => ReactNode }) {
  if (p.query.data !== undefined) return p.children(p.query.data);
  if (p.query.error) return <ErrorState error={p.query.error} onRetry={() => void p.query.refetch()} />;
  return p.skeleton ?? <FormSkeleton />;
}

/** Says once, above the fields, why they cannot be changed. */
export function ReadOnlyNotice({ needs }: { needs?: 'edit' | 'admin' | undefined }) {
  const t = useText(kitText);
  const viewer = useDenied() !== undefined;
  if (!useDenied(needs)) return null;
  return (
    <Alert icon={<IconLock size={18} />} color="gray" mb="lg" role="note">
      {viewer ? t.readOnly : t.adminOnlyLong}
    </Alert>
  );
}

/** Says that what is set here is kept and shown to whoever reads it by the API, and that the server does not act on it. */
export function StoredOnlyNotice({ text }: { text?: string }) {
  const t = useText(kitText);
  return (
    <Alert icon={<IconArchive size={18} />} color="yellow" mb="lg" role="note" title={t.storedOnly}>
      {text ?? t.storedOnlyText}
    </Alert>
  );
}
