import { Button, Group, Modal, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { kitText } from './text';

/** Asks before a page with unsaved changes is left, by a link, by the browser's buttons or by closing the tab. */
export function UnsavedGuard({ dirty }: { dirty: () => boolean }) {
  const t = useText(kitText);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty() && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  return (
    <Modal
      opened={blocker.status === 'blocked'}
      onClose={stay}
      title={t.leaveTitle}
      closeButtonProps={{ 'aria-label': t.close }}
    >
      <Text>{t.leaveText}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          {t.leave}
        </Button>
        <Button onClick={stay} data-autofocus>
          {t.stay}
        </Button>
      </Group>
    </Modal>
  );
}
