import { Alert, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, SecretOnce, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { useDenied } from '#/kit/permission';
import { clientInit } from '../application';
import type { Client } from '../types';
import { methodOf } from './CredentialsPage';
import { credentialsText } from './text';

export function Secret({ client }: { client: Client }) {
  const t = useText(credentialsText).secret;
  const denied = useDenied();
  const rotate = useSend('post', '/clients/{id}/rotate-secret');
  const [asked, setAsked] = useState(false);
  const [secret, setSecret] = useState<string>();
  const name = client.name ?? '';
  const used = methodOf(client).startsWith('client_secret');
  return (
    <Section title={t.title} text={t.text}>
      {!used && (
        <Alert color="gray" role="note">
          {t.unused}
        </Alert>
      )}
      <Group>
        <GuardedButton denied={denied} variant="default" onClick={() => setAsked(true)}>
          {t.rotate}
        </GuardedButton>
      </Group>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.rotate}
        text={t.rotateText(name)}
        word={name}
        action={t.rotate}
        onConfirm={async () => {
          const { value } = await rotate.mutateAsync(clientInit(client.client_id ?? ''));
          setAsked(false);
          setSecret((value as Client).client_secret ?? '');
        }}
      />
      <SecretModal title={t.newTitle} what={t.name} value={secret} onClose={() => setSecret(undefined)} />
    </Section>
  );
}

/** Closes only by its button: a click beside it would lose what nobody can read again. */
export function SecretModal(p: { title: string; what: string; value: string | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={p.value !== undefined}
      onClose={p.onClose}
      title={p.title}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {p.value !== undefined && <SecretOnce value={p.value} what={p.what} onDone={p.onClose} />}
    </Modal>
  );
}
