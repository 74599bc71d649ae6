import { Group, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useText } from '#/i18n/text';
import { GuardedButton, Section } from './bits';
import { Dialog, DialogForm } from './dialog';
import { useDenied } from './permission';
import { kitText } from './text';
import { useToast } from './toast';

interface Confirmation {
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
}

/** Asks before something is destroyed; word, where given, has to be typed. */
export function ConfirmTyped(p: Confirmation) {
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={p.title}>
      <Question {...p} />
    </Dialog>
  );
}

function Question(p: Confirmation) {
  const t = useText(kitText);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);

  async function confirm() {
    if (p.word !== undefined && typed.trim() !== p.word) setWrong(true);
    else await p.onConfirm();
  }

  return (
    <DialogForm onSubmit={confirm} onClose={p.onClose} action={p.action} danger disabled={p.impossible}>
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
    </DialogForm>
  );
}

/** The last section of a thing's settings, by which it goes once its name was typed. */
export function DeleteSection(p: {
  words: { title: string; action: string; done: string };
  /** What will be gone, and what will stop working. */
  text: string;
  word: string;
  onDelete: () => Promise<unknown>;
  /** Leaves the page, whose thing is gone. */
  onDeleted: () => Promise<void>;
}) {
  const toast = useToast();
  const denied = useDenied();
  const [asked, setAsked] = useState(false);
  const { title, action, done } = p.words;
  return (
    <Section title={title} text={p.text} danger>
      <Group>
        <GuardedButton denied={denied} color="red" variant="light" onClick={() => setAsked(true)}>
          {action}
        </GuardedButton>
      </Group>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={title}
        text={p.text}
        word={p.word}
        action={action}
        onConfirm={async () => {
          await p.onDelete();
          toast.done(done);
          await p.onDeleted();
        }}
      />
    </Section>
  );
}
