import { Button, Code, Group, List as Lines, PasswordInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog } from '#/kit/dialog';
import { CreateForm, useCreateForm } from '#/kit/form';
import { useDenied } from '#/kit/permission';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { SecretModal } from '#/pages/applications/credentials/Secret';
import { usersText } from '../text';
import { refusedField, type User, userInit } from '../user';
import { profileText } from './text';

/** What an administrator does for a user, or to them: each at once, outside of the form. */
export function Access({ user }: { user: User }) {
  const own = user.identities?.[0]?.provider === 'auth0';
  return (
    <>
      {user.email && !user.email_verified && <Verification user={user} />}
      {own && <Password user={user} />}
      <Block user={user} />
    </>
  );
}

function Verification({ user }: { user: User }) {
  const t = useText(profileText).verification;
  const toast = useToast();
  const denied = useDenied();
  const [link, setLink] = useState<string>();
  const create = useSend('post', '/tickets/email-verification');
  const update = useSend('patch', '/users/{id}');
  const user_id = user.user_id ?? '';
  return (
    <Section title={t.title} text={t.text(user.email ?? '')}>
      <Group>
        <GuardedButton
          denied={denied}
          variant="default"
          loading={create.isPending}
          onClick={() =>
            create.mutate(
              { body: { user_id } },
              { onSuccess: ({ value }) => setLink((value as { ticket?: string }).ticket), onError: toast.failed },
            )
          }
        >
          {t.link}
        </GuardedButton>
        <GuardedButton
          denied={denied}
          variant="default"
          loading={update.isPending}
          onClick={() =>
            update.mutate(
              { ...userInit(user_id), body: { email_verified: true } },
              { onSuccess: () => toast.done(t.done), onError: toast.failed },
            )
          }
        >
          {t.mark}
        </GuardedButton>
      </Group>
      <SecretModal title={t.linkTitle} what={t.linkName} value={link} onClose={() => setLink(undefined)} />
    </Section>
  );
}

function Password({ user }: { user: User }) {
  const t = useText(profileText).password;
  const toast = useToast();
  const denied = useDenied();
  const [setting, setSetting] = useState(false);
  const [link, setLink] = useState<string>();
  const create = useSend('post', '/tickets/password-change');
  return (
    <Section title={t.title} text={t.text}>
      <Group>
        <GuardedButton denied={denied} variant="default" onClick={() => setSetting(true)}>
          {t.set}
        </GuardedButton>
        <GuardedButton
          denied={denied}
          variant="default"
          loading={create.isPending}
          onClick={() =>
            create.mutate(
              { body: { user_id: user.user_id ?? '' } },
              { onSuccess: ({ value }) => setLink((value as { ticket?: string }).ticket), onError: toast.failed },
            )
          }
        >
          {t.link}
        </GuardedButton>
      </Group>
      <SetPassword opened={setting} id={user.user_id ?? ''} onClose={() => setSetting(false)} />
      <SecretModal title={t.linkTitle} what={t.linkName} value={link} onClose={() => setLink(undefined)} />
    </Section>
  );
}

function SetPassword(p: { opened: boolean; id: string; onClose: () => void }) {
  const t = useText(profileText).password;
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={t.set}>
      <PasswordForm id={p.id} onClose={p.onClose} />
    </Dialog>
  );
}

function PasswordForm(p: { id: string; onClose: () => void }) {
  const t = useText(usersText);
  const w = useText(profileText).password;
  const k = useText(kitText);
  const toast = useToast();
  const update = useSend('patch', '/users/{id}');
  const state = useCreateForm({
    initial: { password: '' },
    validate: { password: (v: string) => (v === '' ? t.errors.password : null) },
    create: ({ password }) =>
      update.mutateAsync({ ...userInit(p.id), body: { password } }).catch((error) => {
        throw refusedField(error);
      }),
    created: () => {
      toast.done(w.done);
      p.onClose();
    },
  });
  return (
    <CreateForm
      state={state}
      action={w.set}
      cancel={
        <Button variant="default" onClick={p.onClose}>
          {k.cancel}
        </Button>
      }
    >
      <PasswordInput
        label={t.fields.password}
        description={w.signsOut}
        required
        autoComplete="new-password"
        aria-invalid={Boolean(state.form.errors.password)}
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': `${k.secret.show}: ${t.fields.password}` }}
        {...state.form.getInputProps('password')}
      />
    </CreateForm>
  );
}

function Block({ user }: { user: User }) {
  const t = useText(profileText).block;
  const toast = useToast();
  const denied = useDenied();
  const [asked, setAsked] = useState(false);
  const update = useSend('patch', '/users/{id}');
  const release = useSend('delete', '/user-blocks/{id}');
  const id = user.user_id ?? '';
  const blocks = useEntity('/user-blocks/{id}', userInit(id));
  const found = (blocks.data?.value as { blocked_for?: { identifier: string; ip?: string }[] } | undefined)
    ?.blocked_for;
  return (
    <Section title={t.title} text={t.text}>
      <Group>
        {user.blocked ? (
          <GuardedButton
            denied={denied}
            variant="default"
            loading={update.isPending}
            onClick={() =>
              update.mutate(
                { ...userInit(id), body: { blocked: false } },
                { onSuccess: () => toast.done(t.unblocked), onError: toast.failed },
              )
            }
          >
            {t.unblock}
          </GuardedButton>
        ) : (
          <GuardedButton denied={denied} color="red" variant="light" onClick={() => setAsked(true)}>
            {t.block}
          </GuardedButton>
        )}
      </Group>
      {found && found.length > 0 && (
        <>
          <Text size="sm">{t.failures}</Text>
          <Lines size="sm">
            {found.map((b) => (
              <Lines.Item key={`${b.identifier} ${b.ip}`}>
                {b.identifier} {b.ip && <Code>{b.ip}</Code>}
              </Lines.Item>
            ))}
          </Lines>
          <Group>
            <GuardedButton
              denied={denied}
              variant="default"
              loading={release.isPending}
              onClick={() =>
                release.mutate(userInit(id), { onSuccess: () => toast.done(t.released), onError: toast.failed })
              }
            >
              {t.release}
            </GuardedButton>
          </Group>
        </>
      )}
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.block}
        text={t.blockText}
        action={t.block}
        onConfirm={async () => {
          await update.mutateAsync({ ...userInit(id), body: { blocked: true } });
          setAsked(false);
          toast.done(t.blocked);
        }}
      />
    </Section>
  );
}
