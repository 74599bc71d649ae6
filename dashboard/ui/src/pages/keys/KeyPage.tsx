import { Badge, Group, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Entity } from '#/api/hooks';
import { useEntity } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, CopyableId, Facts, PageHeader, RelativeTime, Section } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { type SigningKey, since, stateColor, stateOf } from './key';
import { Revoke } from './Revoke';
import { keysText } from './text';

const route = getRouteApi('/t/$tenant/keys/$kid');

export function KeyPage() {
  const { kid } = route.useParams();
  const query = useEntity('/keys/signing/{kid}', { params: { path: { kid } } });
  return (
    <div className={kit.page}>
      <Loaded query={query as UseQueryResult<Entity<SigningKey>>}>{({ value }) => <Key value={value} />}</Loaded>
    </div>
  );
}

function Key({ value }: { value: SigningKey }) {
  const t = useText(keysText);
  const state = stateOf(value);
  return (
    <>
      <PageHeader
        title={t.one}
        text={
          <Group gap="xs">
            <Badge variant="light" color={stateColor[state]}>
              {t.states[state]}
            </Badge>
            <CopyableId value={value.kid} what={t.kid} />
          </Group>
        }
      />
      <Section>
        <Text>{t.meaning[state]}</Text>
        <Facts
          rows={[
            [t.alg, value.alg],
            [t.since, since(value) ? <RelativeTime key="since" at={since(value)} /> : '–'],
            [t.thumbprint, <CopyableId key="thumbprint" value={value.thumbprint} what={t.thumbprint} />],
          ]}
        />
      </Section>
      <Section title={t.certificate} text={t.certificateText} wide>
        <CodeBlock code={value.cert.trim()} what={t.certificate} />
      </Section>
      {state === 'previous' && (
        <Section title={t.revoke.title} text={t.revoke.text} danger>
          <Group>
            <Revoke kid={value.kid} />
          </Group>
        </Section>
      )}
    </>
  );
}
