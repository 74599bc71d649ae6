import { Badge, Group, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Dialog, DialogForm } from '#/kit/dialog';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { type Scope, ScopeChecks } from './ScopeChecks';
import { grantsText } from './text';

type Grant = Schemas['client_grant'];

/** How far an application may call an API, in two words. */
export function GrantBadge({ grant, scopes }: { grant: Grant | undefined; scopes: Scope[] | undefined }) {
  const t = useText(grantsText);
  if (!grant) {
    return (
      <Badge variant="light" color="gray">
        {t.notAllowed}
      </Badge>
    );
  }
  const all = grant.allow_all_scopes;
  return (
    <Group gap="xs">
      <Badge variant="light" color="teal">
        {t.allowed}
      </Badge>
      {scopes && scopes.length > 0 && (
        <Text size="xs" c="dimmed">
          {all ? t.all : t.count(grant.scope?.length ?? 0, scopes.length)}
        </Text>
      )}
    </Group>
  );
}

export interface GrantTarget {
  client: { id: string; name: string };
  api: { identifier: string; name: string; scopes: Scope[] };
  grant: Grant | undefined;
}

/** Lets one application call one API, with the permissions ticked, or no longer. */
export function GrantEditor({ target, onClose }: { target: GrantTarget | undefined; onClose: () => void }) {
  const t = useText(grantsText);
  return (
    <Dialog
      opened={target !== undefined}
      onClose={onClose}
      title={target && t.title(target.client.name, target.api.name)}
      size="lg"
    >
      {target && <Editor key={`${target.client.id} ${target.api.identifier}`} target={target} onClose={onClose} />}
    </Dialog>
  );
}

function Editor({ target, onClose }: { target: GrantTarget; onClose: () => void }) {
  const t = useText(grantsText);
  const k = useText(kitText);
  const toast = useToast();
  const { client, api, grant } = target;
  const [allowed, setAllowed] = useState(grant !== undefined);
  const [chosen, setChosen] = useState(
    grant?.allow_all_scopes ? api.scopes.map((s) => s.value ?? '') : (grant?.scope ?? []),
  );
  const create = useSend('post', '/client-grants');
  const update = useSend('patch', '/client-grants/{id}');
  const remove = useSend('delete', '/client-grants/{id}');

  async function save() {
    const path = { params: { path: { id: grant?.id ?? '' } } };
    if (grant && !allowed) await remove.mutateAsync(path);
    else if (grant) await update.mutateAsync({ ...path, body: { scope: chosen } });
    else if (allowed) {
      await create.mutateAsync({ body: { client_id: client.id, audience: api.identifier, scope: chosen } });
    }
    toast.done(grant && !allowed ? t.revoked : t.saved);
    onClose();
  }

  return (
    <DialogForm onSubmit={save} onClose={onClose} action={k.save}>
      <Switch
        label={t.allow}
        description={t.allowHelp}
        checked={allowed}
        onChange={(event) => setAllowed(event.currentTarget.checked)}
      />
      {allowed && api.scopes.length === 0 && <Text size="sm">{t.noPermissions}</Text>}
      {allowed && api.scopes.length > 0 && <ScopeChecks scopes={api.scopes} value={chosen} onChange={setChosen} />}
    </DialogForm>
  );
}
