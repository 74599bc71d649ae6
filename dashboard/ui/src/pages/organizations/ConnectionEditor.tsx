import { NativeSelect, Switch, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Dialog, DialogForm } from '#/kit/dialog';
import { ErrorState } from '#/kit/states';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { database, titleOf } from '#/pages/connections/connection';
import { type OrganizationConnection, useOrganizationId } from './organization';
import { organizationsText } from './text';

/** Adds a connection to the organization, or changes what it does there. */
export function ConnectionEditor(p: {
  target: OrganizationConnection | 'new' | undefined;
  taken: string[];
  onClose: () => void;
}) {
  const t = useText(organizationsText).connections;
  const { target } = p;
  return (
    <Dialog
      opened={target !== undefined}
      onClose={p.onClose}
      title={target === 'new' ? t.addTitle : target?.connection?.name}
    >
      {target === 'new' && <Add taken={p.taken} onClose={p.onClose} />}
      {target && target !== 'new' && <Edit connection={target} onClose={p.onClose} />}
    </Dialog>
  );
}

interface Values {
  is_enabled: boolean;
  assign_membership_on_login: boolean;
  is_signup_enabled: boolean;
}

function Add({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const t = useText(organizationsText).connections;
  const id = useOrganizationId();
  const [chosen, setChosen] = useState<string>();
  const create = useSend('post', '/organizations/{id}/connections');
  const all = useList('/connections', {
    params: { query: { per_page: 100, fields: 'id,name,display_name,strategy' } },
  });
  if (all.error && !all.data) return <ErrorState error={all.error} onRetry={() => void all.refetch()} />;
  const free = all.data?.rows.filter((c) => !taken.includes(c.id ?? ''));
  const connection = free?.find((c) => c.id === chosen) ?? free?.[0];
  if (free?.length === 0) return <Text>{t.noneLeft}</Text>;
  return (
    <Fields
      key={connection?.strategy}
      initial={{ is_enabled: true, assign_membership_on_login: false, is_signup_enabled: false }}
      strategy={connection?.strategy ?? database}
      action={t.add}
      onClose={onClose}
      save={(values) =>
        create.mutateAsync({ params: { path: { id } }, body: { ...values, connection_id: connection?.id ?? '' } })
      }
    >
      <NativeSelect
        label={t.connection}
        disabled={!free}
        value={connection?.id ?? ''}
        data={(free ?? []).map((c) => ({ value: c.id ?? '', label: titleOf(c) }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
    </Fields>
  );
}

function Edit({ connection, onClose }: { connection: OrganizationConnection; onClose: () => void }) {
  const k = useText(kitText);
  const id = useOrganizationId();
  const patch = useSend('patch', '/organizations/{id}/connections/{connection_id}');
  return (
    <Fields
      initial={{
        is_enabled: connection.is_enabled !== false,
        assign_membership_on_login: connection.assign_membership_on_login === true,
        is_signup_enabled: connection.is_signup_enabled === true,
      }}
      strategy={connection.connection?.strategy ?? database}
      action={k.save}
      onClose={onClose}
      save={(body) =>
        patch.mutateAsync({ params: { path: { id, connection_id: connection.connection_id ?? '' } }, body })
      }
    />
  );
}

function Fields(p: {
  initial: Values;
  strategy: string;
  action: string;
  onClose: () => void;
  save: (values: Values) => Promise<unknown>;
  children?: ReactNode;
}) {
  const t = useText(organizationsText).connections;
  const k = useText(kitText);
  const toast = useToast();
  const [values, setValues] = useState(p.initial);
  const put = (part: Partial<Values>) => setValues({ ...values, ...part });

  async function save() {
    await p.save(values);
    toast.done(k.saved);
    p.onClose();
  }

  return (
    <DialogForm onSubmit={save} onClose={p.onClose} action={p.action}>
      {p.children}
      <Switch
        label={t.fields.enabled}
        description={t.help.enabled}
        checked={values.is_enabled}
        onChange={(event) => put({ is_enabled: event.currentTarget.checked })}
      />
      <Switch
        label={t.fields.assign}
        description={t.help.assign}
        checked={values.assign_membership_on_login}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          // Whoever signs up has to become a member, or could not go on.
          put({ assign_membership_on_login: on, ...(on ? {} : { is_signup_enabled: false }) });
        }}
      />
      {p.strategy === database && (
        <Switch
          label={t.fields.signup}
          description={values.assign_membership_on_login ? t.help.signup : t.help.signupNeeds}
          disabled={!values.assign_membership_on_login}
          checked={values.is_signup_enabled}
          onChange={(event) => put({ is_signup_enabled: event.currentTarget.checked })}
        />
      )}
    </DialogForm>
  );
}
