import { Alert, Badge, Button, Group, Stack, Text, Timeline } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight, IconCheck, IconX } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEntity } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, CopyableId, PageHeader, RelativeTime, Section } from '#/kit/bits';
import { Checks } from '#/kit/checks';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { type Explanation, type Finding, type LogEvent, type Step, settingPath } from './event';
import { eventsText } from './text';

const route = getRouteApi('/t/$tenant/events/$eventId');

export function EventPage() {
  const { eventId } = route.useParams();
  const explanation = useEntity('/logs/{id}/explanation', { params: { path: { id: eventId } } });
  return (
    <div className={kit.page}>
      <Loaded query={explanation}>
        {({ value }) => <Told explanation={value as unknown as Explanation} id={eventId} />}
      </Loaded>
    </div>
  );
}

function Told({ explanation: x, id }: { explanation: Explanation; id: string }) {
  const t = useText(eventsText);
  const at = x.steps.find((s) => s.log_id === id) ?? x.steps[x.steps.length - 1];
  const event = useEntity('/logs/{id}', { params: { path: { id: at?.log_id ?? id } } });
  return (
    <>
      <PageHeader title={at?.title ?? t.eventTitle} text={x.findings.length === 0 && x.summary}>
        <Badge size="lg" variant="light" color={x.succeeded ? 'teal' : 'red'}>
          {x.succeeded ? t.success : t.failure}
        </Badge>
      </PageHeader>
      {x.findings.map((f) => (
        <Found key={f.rule} finding={f} failed={!x.succeeded} />
      ))}
      <Section title={t.path} text={t.pathText} wide>
        {x.steps.length > 1 && (
          <Text size="sm" c="dimmed" mb="md">
            {t.other(x.steps.length)}
          </Text>
        )}
        <Timeline active={x.steps.length} bulletSize={26} lineWidth={2}>
          {x.steps.map((step) => (
            <Timeline.Item
              key={step.log_id}
              color={step.failed ? 'red' : 'teal'}
              bullet={step.failed ? <IconX size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />}
              title={
                <Group gap="xs">
                  <span>{step.title}</span>
                  <Badge size="sm" variant="default">
                    {step.type}
                  </Badge>
                  <Text size="xs" c="dimmed" component="span">
                    <RelativeTime at={step.date} />
                  </Text>
                </Group>
              }
            >
              <Decision step={step} />
            </Timeline.Item>
          ))}
        </Timeline>
      </Section>
      <Section title={t.record} text={t.recordText} wide>
        <Loaded query={event}>{({ value }) => <Record event={value as unknown as LogEvent} />}</Loaded>
      </Section>
    </>
  );
}

function Found({ finding: f, failed }: { finding: Finding; failed: boolean }) {
  const t = useText(eventsText);
  const { tenant } = route.useParams();
  const router = useRouter();
  const path = f.setting && settingPath(tenant, f.setting);
  return (
    <Alert mb="lg" color={failed ? 'red' : 'yellow'} icon={<IconAlertTriangle size={20} />} title={t.why}>
      <Stack gap="xs">
        <Text size="sm">
          <strong>{t.cause}:</strong> {f.cause}
        </Text>
        <Text size="sm">
          <strong>{t.mend}:</strong> {f.mend}
        </Text>
        {path && (
          <Group>
            <Button
              component="a"
              href={path}
              size="xs"
              variant="default"
              rightSection={<IconArrowRight size={14} />}
              onClick={(event) => {
                event.preventDefault();
                router.history.push(path);
              }}
            >
              {t.toSetting}
            </Button>
            <Text size="xs" className={kit.mono}>
              {f.setting?.field}
            </Text>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function Decision({ step }: { step: Step }) {
  const t = useText(eventsText);
  return (
    <Stack gap="xs" mt="xs">
      {step.checks.length > 0 && <Checks checks={step.checks.map((check) => ({ ...check, text: check.name }))} />}
      <Text size="sm">
        <strong>{t.decision}:</strong> {step.decision}
      </Text>
    </Stack>
  );
}

function Record({ event }: { event: LogEvent }) {
  const t = useText(eventsText);
  const facts: [string, string | undefined][] = [
    [t.transaction, event.transaction_id],
    [t.correlation, event.correlation_id],
    [t.user, event.user_id],
    [t.application, event.client_id],
    [t.address, event.ip],
    [t.api, event.audience],
    [t.scope, event.scope],
    [t.agent, event.user_agent],
  ];
  return (
    <Stack gap="md">
      <dl className={kit.facts}>
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <CopyableId value={value} what={name} />
                </dd>
              </div>
            ),
        )}
      </dl>
      <CodeBlock code={JSON.stringify(event, null, 2)} what={t.record} />
    </Stack>
  );
}
