import { Select, Skeleton, Text } from '@mantine/core';
import { useState } from 'react';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Dialog, DialogForm } from '#/kit/dialog';
import { ErrorState } from '#/kit/states';
import { ScopeChecks } from '#/pages/grants/ScopeChecks';
import type { Permission } from './role';
import { rolesText } from './text';

export interface PermissionDialogProps {
  opened: boolean;
  title: string;
  /** What is there already, of which nothing can be added again. */
  held: Permission[];
  onAdd: (permissions: { permission_name: string; resource_server_identifier: string }[]) => Promise<unknown>;
  onClose: () => void;
}

/** Adds permissions of an API to a role or a user. */
export function PermissionDialog(p: PermissionDialogProps) {
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={p.title} size="lg">
      <Picker {...p} />
    </Dialog>
  );
}

function Picker(p: PermissionDialogProps) {
  const t = useText(rolesText).permissions;
  const [identifier, setIdentifier] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const apis = useList('/resource-servers', { params: { query: { per_page: 100 } } });
  const api = apis.data?.rows.find((a) => a.identifier === identifier);
  const held = new Set(p.held.filter((h) => h.resource_server_identifier === identifier).map((h) => h.permission_name));
  const left = (api?.scopes ?? []).filter((s) => !held.has(s.value ?? ''));

  async function add() {
    if (!identifier) throw new Error(t.chooseApi);
    if (chosen.length === 0) throw new Error(t.choose);
    await p.onAdd(chosen.map((name) => ({ permission_name: name, resource_server_identifier: identifier })));
    p.onClose();
  }

  if (!apis.data) {
    return apis.error ? <ErrorState error={apis.error} onRetry={() => void apis.refetch()} /> : <Skeleton h={60} />;
  }
  return (
    <DialogForm onSubmit={add} onClose={p.onClose} action={p.title}>
      <Select
        label={t.api}
        placeholder={t.chooseApi}
        searchable
        data={apis.data.rows.map((a) => ({ value: a.identifier ?? '', label: a.name || a.identifier || '' }))}
        value={identifier}
        onChange={(next) => {
          setIdentifier(next);
          setChosen([]);
        }}
        data-autofocus
      />
      {api && left.length === 0 && <Text size="sm">{api.scopes?.length ? t.allHeld : t.noScopes}</Text>}
      {left.length > 0 && <ScopeChecks key={identifier} scopes={left} value={chosen} onChange={setChosen} />}
    </DialogForm>
  );
}
