import { Badge, Code, List as Items, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { tenantRouteApi, useList, useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, GuardedButton, PageHeader, RelativeTime, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import kit from '#/kit/kit.module.css';
import { Control, List, RowLink } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { type SigningKey, since, stateColor, stateOf } from './key';
import { Revoke } from './Revoke';
import { keysText } from './text';

export function ListPage() {
  const t = useText(keysText);
  const { tenant } = tenantRouteApi.useParams();
  const { issuer } = useTenant();
  const keys = useList<'/keys/signing', SigningKey>('/keys/signing', {});
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro}>
        <Rotate keys={keys.data?.rows} />
      </PageHeader>
      <List
        label={t.title}
        query={keys}
        rowKey={(key) => key.kid}
        columns={[
          {
            key: 'kid',
            header: t.kid,
            title: true,
            cell: (key) => (
              <RowLink to="/t/$tenant/keys/$kid" params={{ tenant, kid: key.kid }}>
                <Code>{key.kid}</Code>
              </RowLink>
            ),
          },
          {
            key: 'state',
            header: t.state,
            width: '8.5rem',
            cell: (key) => (
              <Badge variant="light" color={stateColor[stateOf(key)]}>
                {t.states[stateOf(key)]}
              </Badge>
            ),
          },
          { key: 'alg', header: t.alg, width: '7rem', cell: (key) => key.alg },
          {
            key: 'since',
            header: t.since,
            width: '10rem',
            cell: (key) => (since(key) ? <RelativeTime at={since(key)} /> : '–'),
          },
          {
            key: 'revoke',
            header: t.revoke.action,
            bare: true,
            width: '9rem',
            cell: (key) =>
              stateOf(key) === 'previous' && (
                <Control>
                  <Revoke kid={key.kid} size="xs" />
                </Control>
              ),
          },
        ]}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconKey size={28} />} />}
      />
      <div style={{ height: '1.5rem' }} />
      <Section title={t.life} text={t.lifeText}>
        <Items spacing="xs" size="sm">
          {(['next', 'current', 'previous', 'revoked'] as const).map((state) => (
            <Items.Item key={state}>
              <strong>{t.states[state]}</strong>: {t.meaning[state]}
            </Items.Item>
          ))}
        </Items>
      </Section>
      <Section title={t.published} text={t.publishedText}>
        <CopyableId value={`${issuer}.well-known/jwks.json`} what={t.published} />
        <Text size="sm" c="dimmed">
          {t.cached}
        </Text>
      </Section>
    </div>
  );
}

/** Lets the next key sign, having said what that does. */
function Rotate({ keys }: { keys: SigningKey[] | undefined }) {
  const t = useText(keysText).rotate;
  const toast = useToast();
  const denied = useDenied('admin');
  const [asked, setAsked] = useState(false);
  const rotate = useSend('post', '/keys/signing/rotate');
  const of = (state: 'current' | 'next') => keys?.find((key) => key.alg === 'RS256' && key[state])?.kid ?? '';
  return (
    <>
      <GuardedButton denied={denied} onClick={() => setAsked(true)}>
        {t.action}
      </GuardedButton>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.title}
        text={
          <Items spacing="xs">
            <Items.Item>
              {t.starts} <Code>{of('next')}</Code>
            </Items.Item>
            <Items.Item>
              {t.stops} <Code>{of('current')}</Code>
            </Items.Item>
            <Items.Item>{t.made}</Items.Item>
            <Items.Item>{t.pinned}</Items.Item>
          </Items>
        }
        word={t.word}
        action={t.action}
        onConfirm={async () => {
          await rotate.mutateAsync({});
          setAsked(false);
          toast.done(t.done);
        }}
      />
    </>
  );
}
