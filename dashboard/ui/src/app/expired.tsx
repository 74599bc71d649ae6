import { Alert, Button, Group, Modal, Text } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useEffect } from 'react';
import { accept, checkRenewed, loginAddress, onSignIn, useSessionState } from '#/api/session';
import { useText } from '#/i18n/text';
import { appText } from './text';

/** Stands over the page while the session is over. The requests that met it wait; nothing under it is unmounted. */
export function SessionExpired() {
  const t = useText(appText).expired;
  const { expired, another } = useSessionState();
  useEffect(() => (expired ? onSignIn(() => void checkRenewed()) : undefined), [expired]);
  useWindowEvent('focus', () => void checkRenewed());
  const name = another?.user.name || another?.user.email || another?.user.sub || '';
  return (
    <Modal
      opened={expired}
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t.title}
      zIndex={400}
    >
      <Text>{t.text}</Text>
      {another && (
        <Alert color="yellow" mt="md" role="alert">
          {t.another(name)}
        </Alert>
      )}
      <Group justify="flex-end" mt="lg">
        {another ? (
          <Button variant="default" onClick={() => accept(another)}>
            {t.goOn(name)}
          </Button>
        ) : (
          <Button variant="default" onClick={() => void checkRenewed()}>
            {t.check}
          </Button>
        )}
        <Button component="a" href={loginAddress('/signed-in')} target="_blank" rel="opener" data-autofocus>
          {t.action}
        </Button>
      </Group>
    </Modal>
  );
}
