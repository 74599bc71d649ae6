import { Badge, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, CopyableId, GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog, DialogForm } from '#/kit/dialog';
import { useDenied } from '#/kit/permission';
import { Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { UserPicker } from '../UserPicker';
import { type User, userInit, useUser } from '../user';
import { identitiesText } from './text';

type Identity = NonNullable<User['identities']>[number];

export function IdentitiesPage() {
  return <Loaded query={useUser()}>{({ value }) => <Identities user={value} />}</Loaded>;
}

const idOf = (i: Identity) => `${i.provider}|${i.user_id}`;

function Identities({ user }: { user: User }) {
  const t = useText(identitiesText);
  const denied = useDenied();
  const toast = useToast();
  const [linking, setLinking] = useState(false);
  const [leaving, setLeaving] = useState<Identity>();
  const unlink = useSend('delete', '/users/{id}/identities/{provider}/{user_id}');
  return (
    <>
      <Group mb="md" justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 18rem">
          {t.intro}
        </Text>
        <GuardedButton denied={denied} variant="default" onClick={() => setLinking(true)}>
          {t.link}
        </GuardedButton>
      </Group>
      {user.identities?.map((identity, i) => (
        <Section key={idOf(identity)}>
          <Group justify="space-between" align="flex-start">
            <Stack gap="xs" miw={0} flex="1 1 16rem">
              <Group gap="xs">
                <Text fw={600}>{identity.connection}</Text>
                {i === 0 && <Badge variant="light">{t.primary}</Badge>}
                {identity.isSocial && (
                  <Badge variant="light" color="gray">
                    {t.social}
                  </Badge>
                )}
              </Group>
              <CopyableId value={idOf(identity)} what={t.account} />
            </Stack>
            {i > 0 && (
              <GuardedButton
                denied={denied}
                variant="default"
                aria-label={t.unlinkOf(idOf(identity))}
                onClick={() => setLeaving(identity)}
              >
                {t.unlink}
              </GuardedButton>
            )}
          </Group>
          {identity.profileData && (
            <CodeBlock code={JSON.stringify(identity.profileData, null, 2)} what={`${t.profile}: ${idOf(identity)}`} />
          )}
        </Section>
      ))}
      <Dialog opened={linking} onClose={() => setLinking(false)} title={t.linkTitle}>
        <Link user={user} onClose={() => setLinking(false)} />
      </Dialog>
      <ConfirmTyped
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t.unlinkTitle}
        text={leaving && t.unlinkText(idOf(leaving))}
        action={t.unlink}
        onConfirm={async () => {
          if (!leaving) return;
          await unlink.mutateAsync({
            params: {
              path: { id: user.user_id ?? '', provider: leaving.provider ?? '', user_id: String(leaving.user_id) },
            },
          });
          setLeaving(undefined);
          toast.done(t.unlinked);
        }}
      />
    </>
  );
}

function Link({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useText(identitiesText);
  const toast = useToast();
  const [other, setOther] = useState<User>();
  const [wrong, setWrong] = useState(false);
  const link = useSend('post', '/users/{id}/identities');

  async function submit() {
    const of = other?.identities?.[0];
    if (!of) {
      setWrong(true);
      return;
    }
    await link.mutateAsync({
      ...userInit(user.user_id ?? ''),
      body: { provider: of.provider, user_id: String(of.user_id) },
    });
    toast.done(t.linked);
    onClose();
  }

  return (
    <DialogForm onSubmit={submit} onClose={onClose} action={t.linkAction} danger>
      <Text size="sm">{t.linkText}</Text>
      <UserPicker
        label={t.other}
        value={other}
        without={[user.user_id ?? '']}
        error={wrong && !other ? t.choose : undefined}
        onChange={setOther}
      />
    </DialogForm>
  );
}
