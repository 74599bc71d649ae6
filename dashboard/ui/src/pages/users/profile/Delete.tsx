import { Group } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { useDenied } from '#/kit/permission';
import { useToast } from '#/kit/toast';
import { userInit } from '../user';
import { profileText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId');

export function Delete(p: { id: string; name: string; onDeleted: () => void }) {
  const t = useText(profileText).danger;
  const toast = useToast();
  const denied = useDenied();
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const [asked, setAsked] = useState(false);
  const remove = useSend('delete', '/users/{id}');
  return (
    <Section title={t.title} text={t.text(p.name)} danger>
      <Group>
        <GuardedButton denied={denied} color="red" variant="light" onClick={() => setAsked(true)}>
          {t.action}
        </GuardedButton>
      </Group>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.title}
        text={t.text(p.name)}
        word={p.name}
        action={t.action}
        onConfirm={async () => {
          await remove.mutateAsync(userInit(p.id));
          p.onDeleted();
          toast.done(t.done);
          await navigate({ to: '/t/$tenant/users', params: { tenant } });
        }}
      />
    </Section>
  );
}
