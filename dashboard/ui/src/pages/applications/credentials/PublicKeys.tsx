import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  NativeSelect,
  Switch,
  Text,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, Facts, GuardedButton, RelativeTime, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { Dialog } from '#/kit/dialog';
import { CreateForm, useCreateForm } from '#/kit/form';
import { useDenied } from '#/kit/permission';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { clientInit } from '../application';
import type { Client } from '../types';
import { keysOf, type useKeys, withKeys } from './CredentialsPage';
import { credentialsText } from './text';

export function PublicKeys({ client, keys }: { client: Client; keys: ReturnType<typeof useKeys> }) {
  const t = useText(credentialsText).keys;
  const toast = useToast();
  const denied = useDenied();
  const patch = useSend('patch', '/clients/{id}');
  const remove = useSend('delete', '/clients/{client_id}/credentials/{credential_id}');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<{ id: string; name: string }>();
  const id = client.client_id ?? '';
  const accepted = keysOf(client);
  const last = removing !== undefined && accepted.length === 1 && accepted[0] === removing.id;
  const rows = keys.data?.rows ?? [];
  return (
    <Section title={t.title} text={t.text}>
      {rows.length === 0 && <Text size="sm">{t.empty}</Text>}
      {rows.map((key) => (
        <Group key={key.id} justify="space-between" align="flex-start" wrap="nowrap">
          <div style={{ flex: 1, minWidth: 0 }}>
            <Group gap="xs" mb="xs">
              <Text fw={600}>{key.name || key.kid}</Text>
              <Badge size="sm" variant="light" color={accepted.includes(key.id ?? '') ? 'teal' : 'gray'}>
                {accepted.includes(key.id ?? '') ? t.accepted : t.notAccepted}
              </Badge>
            </Group>
            <Facts
              rows={[
                [t.kid, <CopyableId key="kid" value={key.kid ?? ''} what={t.kid} />],
                [t.alg, key.alg ?? ''],
                [t.created, <RelativeTime key="created" at={key.created_at} />],
                [t.expires, <RelativeTime key="expires" at={key.expires_at} />],
              ]}
            />
          </div>
          <Tooltip label={denied ?? t.remove}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${t.remove}: ${key.name || key.kid}`}
              data-disabled={denied ? true : undefined}
              aria-disabled={denied ? true : undefined}
              onClick={() => !denied && setRemoving({ id: key.id ?? '', name: key.name || (key.kid ?? '') })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
      <Group>
        <GuardedButton
          denied={denied}
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => setAdding(true)}
        >
          {t.add}
        </GuardedButton>
      </Group>
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t.add} size="lg">
        <AddKey
          clientId={id}
          onCancel={() => setAdding(false)}
          onAdded={async (added) => {
            setAdding(false);
            if (accepted.length > 0)
              await patch.mutateAsync({ ...clientInit(id), body: withKeys([...accepted, added]) });
            toast.done(t.added);
          }}
        />
      </Dialog>
      <ConfirmTyped
        opened={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={t.remove}
        text={last ? <Alert color="yellow">{t.last}</Alert> : t.removeText(removing?.name ?? '')}
        action={t.remove}
        impossible={last}
        onConfirm={async () => {
          if (!removing) return;
          if (accepted.includes(removing.id)) {
            await patch.mutateAsync({ ...clientInit(id), body: withKeys(accepted.filter((a) => a !== removing.id)) });
          }
          await remove.mutateAsync({ params: { path: { client_id: id, credential_id: removing.id } } });
          setRemoving(undefined);
          toast.done(t.removed);
        }}
      />
    </Section>
  );
}

function AddKey(p: { clientId: string; onCancel: () => void; onAdded: (id: string) => Promise<void> }) {
  const t = useText(credentialsText).keys;
  const k = useText(kitText);
  const toast = useToast();
  const create = useSend('post', '/clients/{client_id}/credentials');
  const state = useCreateForm({
    initial: { name: '', pem: '', alg: 'RS256', parse_expiry_from_cert: false },
    validate: { pem: (pem: string) => (pem.includes('-----BEGIN') ? null : t.pemNeeded) },
    create: ({ name, pem, alg, parse_expiry_from_cert }) =>
      create.mutateAsync({
        params: { path: { client_id: p.clientId } },
        body: {
          credential_type: 'public_key',
          name,
          pem,
          alg: alg as 'RS256',
          ...(parse_expiry_from_cert ? { parse_expiry_from_cert } : {}),
        },
      }),
    created: ({ value }) => void p.onAdded(value.id ?? '').catch(toast.failed),
  });
  const { form } = state;
  return (
    <CreateForm
      state={state}
      action={t.add}
      cancel={
        <Button variant="default" onClick={p.onCancel}>
          {k.cancel}
        </Button>
      }
    >
      <TextInput label={t.name} description={t.nameHelp} mb="md" data-autofocus {...form.getInputProps('name')} />
      <Textarea
        label={t.pem}
        description={t.pemHelp}
        required
        autosize
        minRows={6}
        maxRows={14}
        mb="md"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
        {...form.getInputProps('pem')}
      />
      <NativeSelect label={t.alg} data={['RS256', 'RS384', 'PS256']} mb="md" {...form.getInputProps('alg')} />
      <Switch label={t.fromCert} {...form.getInputProps('parse_expiry_from_cert', { type: 'checkbox' })} />
    </CreateForm>
  );
}
