import { Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTenant } from '#/api/hooks';
import { useLanguage, useText } from '#/i18n/text';
import { PageHeader, TextLink } from '#/kit/bits';
import { BarChart } from '#/kit/chart';
import kit from '#/kit/kit.module.css';
import { List, RowLink } from '#/kit/list';
import { EmptyState, Loaded } from '#/kit/states';
import { useEventColumns } from '#/pages/events/columns';
import { useActiveUsers, useDays, useFailures } from './data';
import { GettingStarted } from './GettingStarted';
import { type Day, firstDay, month } from './month';
import { homeText } from './text';

const latest = 6;

export function HomePage() {
  const t = useText(homeText);
  const tenant = useTenant();
  const [now] = useState(() => Date.now());
  const days = useDays(now);
  const failures = useFailures(firstDay(now));
  const counted =
    days.data &&
    failures.data &&
    month(
      now,
      days.data.rows,
      failures.data.events.map((e) => e.date),
      failures.data.complete,
    );
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={tenant.domain} />
      <GettingStarted />
      <Figures
        days={counted}
        complete={failures.data?.complete !== false}
        failed={Boolean(days.error ?? failures.error)}
      />
      <Part title={t.chart} text={t.chartText}>
        <Loaded query={days} skeleton={<Skeleton h={268} />}>
          {() => (
            <Loaded query={failures} skeleton={<Skeleton h={268} />}>
              {(f) => <Chart days={counted ?? []} counted={f.events.length} complete={f.complete} />}
            </Loaded>
          )}
        </Loaded>
      </Part>
      <LatestFailures query={failures} />
    </div>
  );
}

function Part(p: { title: string; text?: string; children: ReactNode }) {
  const id = useId();
  return (
    <Paper component="section" withBorder p="lg" mb="lg" aria-labelledby={id}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4" id={id}>
          {p.title}
        </Title>
        <Text c="dimmed" size="sm">
          {p.text}
        </Text>
      </Group>
      {p.children}
    </Paper>
  );
}

const sum = (days: Day[], of: (d: Day) => number | undefined) => days.reduce((n, d) => n + (of(d) ?? 0), 0);

/** failed: the days could not be read; the chart says why. */
function Figures({ days, complete, failed }: { days: Day[] | undefined; complete: boolean; failed: boolean }) {
  const t = useText(homeText);
  const { language } = useLanguage();
  const active = useActiveUsers();
  const number = new Intl.NumberFormat(language);
  const figure = (n: number | undefined) => (n === undefined ? undefined : number.format(n));
  const refused = days && figure(sum(days, (d) => d.failures));
  const all: [string, string | undefined][] = [
    [t.activeUsers, active.data && figure(Number(active.data.value))],
    [t.logins, days && figure(sum(days, (d) => d.logins))],
    [t.signups, days && figure(sum(days, (d) => d.signups))],
    [t.failures, refused && (complete ? refused : t.atLeast(refused))],
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'sm', md: 'lg' }} mb="lg" component="dl" mt={0}>
      {all.map(([name, value]) => (
        <Paper key={name} withBorder p="md">
          <Text component="dt" size="sm" fw={500}>
            {name}
          </Text>
          <Text component="dd" m={0} fz={28} fw={650} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
            {value ?? (failed || active.error ? '–' : <Skeleton h={28} w="50%" my={4} />)}
          </Text>
          <Text component="dd" m={0} size="xs" c="dimmed">
            {t.lastDays}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function Chart({ days, counted, complete }: { days: Day[]; counted: number; complete: boolean }) {
  const t = useText(homeText);
  const { language } = useLanguage();
  const number = new Intl.NumberFormat(language);
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const logins = sum(days, (d) => d.logins);
  const failures = sum(days, (d) => d.failures);
  const known = days.find((d) => d.failures !== undefined);
  return (
    <Stack gap="xs">
      <BarChart
        label={t.chartLabel(number.format(logins), number.format(failures))}
        series={[t.logins, t.failures]}
        rows={days.map((d) => ({ label: date.format(d.at), values: [d.logins, d.failures] }))}
      />
      {!complete && known && (
        <Text size="sm" c="dimmed">
          {t.bounded(number.format(counted), date.format(known.at))}
        </Text>
      )}
      {complete && logins === 0 && failures === 0 && (
        <Text size="sm" c="dimmed">
          {t.quiet}
        </Text>
      )}
    </Stack>
  );
}

function LatestFailures({ query }: { query: ReturnType<typeof useFailures> }) {
  const t = useText(homeText);
  const columns = useEventColumns();
  const { name: tenant } = useTenant();
  const id = useId();
  const rows = query.data && { rows: query.data.events.slice(0, latest), total: undefined, next: undefined };
  return (
    <section aria-labelledby={id}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4" id={id}>
          {t.latest}
        </Title>
        <TextLink to="/t/$tenant/events" params={{ tenant }} search={{ show: 'failed' }}>
          {t.latestAll}
        </TextLink>
      </Group>
      <List
        label={t.latest}
        query={
          { ...query, data: rows } as Parameters<typeof List<NonNullable<typeof rows>['rows'][number]>>[0]['query']
        }
        skeletons={latest}
        rowKey={(event) => event.log_id}
        columns={[
          {
            ...columns.what, // all of them failed
            cell: (event) => (
              <RowLink to="/t/$tenant/events/$eventId" params={{ tenant, eventId: event.log_id }}>
                {event.description || event.type}
              </RowLink>
            ),
          },
          columns.who,
          columns.application,
          columns.when,
        ]}
        empty={<EmptyState title={t.noFailures} text={t.noFailuresText} icon={<IconShieldCheck size={28} />} />}
      />
    </section>
  );
}
