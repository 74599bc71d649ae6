import { Badge, Group, Text, TextInput } from '@mantine/core';
import { IconWorld } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { useList, useSend, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { CreateForm, useCreateForm } from '#/kit/form';
import { Control, List } from '#/kit/list';
import { useDenied } from '#/kit/permission';
import { EmptyState } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { tenantText } from './text';

type Domain = Schemas['custom_domain'];

export function DomainsPage() {
  const t = useText(tenantText).domains;
  const { domain } = useTenant();
  const denied = useDenied('admin');
  const toast = useToast();
  const [doomed, setDoomed] = useState<Domain>();
  const domains = useList<'/custom-domains', Domain>('/custom-domains', {});
  const verify = useSend('post', '/custom-domains/{id}/verify');
  const remove = useSend('delete', '/custom-domains/{id}');
  const init = (d: Domain | undefined) => ({ params: { path: { id: d?.custom_domain_id ?? '' } } });

  async function check(d: Domain) {
    try {
      const { value } = await verify.mutateAsync(init(d));
      const found = (value as Domain).verification;
      if (found?.status === 'verified') toast.done(t.verified(d.domain ?? ''));
      else toast.failed(new Error(found?.error_msg ?? t.pending));
    } catch (error) {
      toast.failed(error);
    }
  }

  return (
    <>
      <Section title={t.primary} text={t.primaryText}>
        <CopyableId value={domain} what={t.primary} />
        <Text size="sm">{t.configuration}</Text>
      </Section>
      <List
        label={t.title}
        query={domains}
        rowKey={(d) => d.custom_domain_id ?? ''}
        columns={[
          { key: 'domain', header: t.domain, title: true, cell: (d) => <Text fw={600}>{d.domain}</Text> },
          {
            key: 'status',
            header: t.status,
            width: '11rem',
            cell: (d) => (
              <Badge variant="light" color={d.status === 'ready' ? 'teal' : 'yellow'}>
                {d.status === 'ready' ? t.ready : t.pending}
              </Badge>
            ),
          },
          {
            key: 'actions',
            header: t.check,
            bare: true,
            width: '15rem',
            cell: (d) => (
              <Control>
                <Group gap="xs" wrap="nowrap">
                  <GuardedButton
                    denied={denied}
                    size="xs"
                    variant="default"
                    aria-label={`${t.check}: ${d.domain}`}
                    onClick={() => void check(d)}
                  >
                    {t.check}
                  </GuardedButton>
                  <GuardedButton
                    denied={denied}
                    size="xs"
                    variant="light"
                    color="red"
                    aria-label={`${t.remove}: ${d.domain}`}
                    onClick={() => setDoomed(d)}
                  >
                    {t.remove}
                  </GuardedButton>
                </Group>
              </Control>
            ),
          },
        ]}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconWorld size={28} />} />}
      />
      <Add key={domains.data?.rows.length} />
      <ConfirmTyped
        opened={doomed !== undefined}
        onClose={() => setDoomed(undefined)}
        title={t.removeTitle}
        text={t.removeText(doomed?.domain ?? '')}
        word={doomed?.domain ?? ''}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync(init(doomed));
          setDoomed(undefined);
          toast.done(t.removed);
        }}
      />
    </>
  );
}

function Add() {
  const t = useText(tenantText).domains;
  const toast = useToast();
  const create = useSend('post', '/custom-domains');
  const state = useCreateForm({
    initial: { domain: '' },
    needs: 'admin',
    validate: { domain: (d: string) => (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(d.trim()) ? null : t.wrong) },
    create: ({ domain }) => create.mutateAsync({ body: { domain: domain.trim(), type: 'self_managed_certs' } }),
    created: () => toast.done(t.added),
  });
  return (
    <CreateForm state={state} action={t.add} cancel={null}>
      <div style={{ height: '1.5rem' }} />
      <Section title={t.add} text={t.addText}>
        <TextInput
          label={t.domain}
          placeholder="login.example.com"
          spellCheck={false}
          autoCapitalize="off"
          {...state.form.getInputProps('domain')}
        />
      </Section>
    </CreateForm>
  );
}
