import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { useDenied } from '#/kit/permission';
import { useToast } from '#/kit/toast';
import { keysText } from './text';

/** Takes a former key out of use for good. */
export function Revoke({ kid, size = 'sm' }: { kid: string; size?: 'xs' | 'sm' }) {
  const t = useText(keysText).revoke;
  const toast = useToast();
  const denied = useDenied('admin');
  const [asked, setAsked] = useState(false);
  const revoke = useSend('put', '/keys/signing/{kid}/revoke');
  return (
    <>
      <GuardedButton
        denied={denied}
        size={size}
        variant="light"
        color="red"
        aria-label={t.label(kid)}
        onClick={() => setAsked(true)}
      >
        {t.action}
      </GuardedButton>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.title}
        text={t.text}
        word={kid}
        action={t.action}
        onConfirm={async () => {
          await revoke.mutateAsync({ params: { path: { kid } } });
          setAsked(false);
          toast.done(t.done);
        }}
      />
    </>
  );
}
