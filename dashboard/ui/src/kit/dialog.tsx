import { Alert, Button, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useText } from '#/i18n/text';
import { useFailureText } from './failure';
import { kitText } from './text';

/** A dialog whose content is made anew each time it opens. */
export function Dialog(p: Pick<ModalProps, 'opened' | 'onClose' | 'title' | 'size' | 'children'>) {
  const t = useText(kitText);
  return (
    <Modal {...p} closeButtonProps={{ 'aria-label': t.close }}>
      {p.opened && p.children}
    </Modal>
  );
}

/** What a dialog asks, and its buttons. What onSubmit throws is shown here, and the dialog stays. */
export function DialogForm(p: {
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  action: string;
  /** It destroys something. */
  danger?: boolean;
  disabled?: boolean | undefined;
  children: ReactNode;
}) {
  const t = useText(kitText);
  const failure = useFailureText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function submit() {
    setBusy(true);
    setProblem(undefined);
    try {
      await p.onSubmit();
    } catch (error) {
      setProblem(failure(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        {p.children}
        {problem && (
          <Alert color="red" role="alert">
            {problem}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={p.onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" {...(p.danger && { color: 'red' })} loading={busy} disabled={p.disabled}>
            {p.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
