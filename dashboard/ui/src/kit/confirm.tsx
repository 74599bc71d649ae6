import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useText } from '#/i18n/text';
import { useFailureText } from './failure';
import { kitText } from './text';

/** Asks before something is destroyed; word, where given, has to be typed. A failure is shown here, and the dialog stays. */
export function ConfirmTyped(p: {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will be gone, and what will stop working. */
  text: ReactNode;
  word?: string;
  action: string;
  /** Nothing can be confirmed; the text says why. */
  impossible?: boolean;
  onConfirm: () => Promise<unknown>;
}) {
  const t = useText(kitText);
  return (
    <Modal opened={p.opened} onClose={p.onClose} title={p.title} closeButtonProps={{ 'aria-label': t.close }}>
      {p.opened && <Question {...p} />}
    </Modal>
  );
}

function Question(p: Parameters<typeof ConfirmTyped>[0]) {
  const t = useText(kitText);
  const failure = useFailureText();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function confirm() {
    if (p.word !== undefined && typed.trim() !== p.word) {
      setWrong(true);
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await p.onConfirm();
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
        void confirm();
      }}
    >
      <Stack>
        <Text component="div">{p.text}</Text>
        {p.word !== undefined && (
          <TextInput
            label={t.confirm.type(p.word)}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setWrong(false);
            }}
            error={wrong && t.confirm.mismatch}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {problem && (
          <Alert color="red" role="alert">
            {problem}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={p.onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={p.impossible}>
            {p.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
