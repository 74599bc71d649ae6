import { Alert, Group, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useEntity } from '#/api/hooks';
import { useLanguage, useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { Loaded } from '#/kit/states';
import { duration } from '#/kit/time';
import { isOver, type Job, progressOf } from './job';
import { jobsText } from './text';

/** Between two looks at a job that is not over. */
const pace = 1_000;

export function useJob(id: string) {
  const [over, setOver] = useState(false);
  const query = useEntity('/jobs/{id}', { params: { path: { id } } }, { refetchInterval: over ? false : pace });
  const job = query.data?.value as unknown as Job | undefined;
  if (isOver(job) !== over) setOver(isOver(job));
  return { query, job };
}

/** How far a job is, and in the end what children make of it. */
export function JobView(p: {
  id: string;
  failed: string;
  children: (job: Job, query: ReturnType<typeof useJob>['query']) => ReactNode;
  /** The way on from a job that is over. */
  after: ReactNode;
}) {
  const { query, job } = useJob(p.id);
  return (
    <Loaded query={query}>
      {() =>
        job && (
          <Section>
            <Status job={job} failed={p.failed} />
            {job.status === 'completed' && p.children(job, query)}
            {isOver(job) && <Group>{p.after}</Group>}
          </Section>
        )
      }
    </Loaded>
  );
}

function Status({ job, failed }: { job: Job; failed: string }) {
  const t = useText(jobsText);
  const { language } = useLanguage();
  const progress = progressOf(job);
  if (progress.state === 'failed') {
    return (
      <Alert color="red" icon={<IconAlertTriangle size={18} />} title={failed} role="alert">
        {progress.why}
      </Alert>
    );
  }
  if (progress.state === 'done') {
    return (
      <Alert color="teal" icon={<IconCheck size={18} />} role="status">
        {t.done}
      </Alert>
    );
  }
  const running = progress.state === 'running';
  return (
    <Stack gap="xs" role="status">
      <Group justify="space-between">
        <Text fw={600}>{running ? t.running : t.waiting}</Text>
        <Text size="sm" c="dimmed">
          {running && progress.secondsLeft !== undefined ? t.left(duration(progress.secondsLeft, language)) : '\u00a0'}
        </Text>
      </Group>
      <Progress
        value={running ? progress.percent : 100}
        animated={!running}
        striped={!running}
        size="lg"
        aria-label={running ? t.running : t.waiting}
      />
      <Text size="sm" c="dimmed">
        {t.goesOn}
      </Text>
    </Stack>
  );
}
