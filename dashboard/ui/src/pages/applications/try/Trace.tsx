import { Alert, Code, Text } from '@mantine/core';
import { useLanguage, useText } from '#/i18n/text';
import { CodeBlock, Section } from '#/kit/bits';
import { Checks } from '#/kit/checks';
import kit from '#/kit/kit.module.css';
import { exactTime } from '#/kit/time';
import type { Step } from './flow';
import { meanings } from './meanings';
import { tryText } from './text';

/** The steps of a flow, each with its request, its answer and what both mean. */
export function Trace({ steps }: { steps: Step[] }) {
  return (
    <ol className={kit.steps}>
      {steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps only join at the end
        <li key={i}>
          <OneStep step={step} number={i + 1} />
        </li>
      ))}
    </ol>
  );
}

function OneStep({ step, number }: { step: Step; number: number }) {
  const t = useText(tryText);
  const { title, text } = t.steps[step.name];
  const { request, answer, header, claims, checks } = step;
  return (
    <Section title={`${number}. ${title}`} text={text} wide danger={step.failed ?? false}>
      {request && (
        <Part title={t.request}>
          <Code block className={kit.anywhere}>
            {request.line}
          </Code>
          <Meanings of={Object.fromEntries(request.fields)} />
        </Part>
      )}
      {answer && (
        <Part title={t.answer}>
          {answer.status === undefined ? (
            <Alert color="red">{t.noAnswer}</Alert>
          ) : (
            <CodeBlock code={`HTTP ${answer.status}\n${answer.text}`} what={`${t.answer} ${number}`} />
          )}
        </Part>
      )}
      {checks && (
        <Part title={t.checks}>
          <Checks checks={checks.map((check) => ({ ...check, text: t.checkNames[check.name] }))} />
        </Part>
      )}
      {claims && (
        <Part title={t.decoded}>
          <Meanings of={claims} />
        </Part>
      )}
      {header && (
        <Part title={t.header}>
          <Meanings of={header} />
        </Part>
      )}
      {step.name === 'accessToken' && !claims && <Text size="sm">{t.opaque}</Text>}
    </Section>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className={kit.fields} style={{ gap: 'var(--mantine-spacing-xs)' }}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {children}
    </div>
  );
}

const moments = new Set(['iat', 'exp', 'auth_time', 'nbf']);

function Meanings({ of }: { of: Record<string, unknown> }) {
  const t = useText(meanings);
  const { language } = useLanguage();
  const shown = (name: string, value: unknown) => {
    if (moments.has(name) && typeof value === 'number') {
      return `${value} = ${exactTime(new Date(value * 1000), language)}`;
    }
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return (
    <dl className={kit.meanings}>
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span className={kit.mono}>{shown(name, value)}</span>
            <Text size="xs" c="dimmed">
              {Object.hasOwn(t, name) ? t[name as keyof typeof t] : t.custom}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}
