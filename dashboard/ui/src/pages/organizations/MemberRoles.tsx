import { Text } from '@mantine/core';
import { useState } from 'react';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Dialog, DialogForm } from '#/kit/dialog';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { difference, type Member, memberName, useOrganizationId } from './organization';
import { RolePick } from './RolePick';
import { organizationsText } from './text';

/** The roles of one member in this organization; those of the tenant at large are on the user's own page. */
export function MemberRoles({ member, onClose }: { member: Member | undefined; onClose: () => void }) {
  const t = useText(organizationsText).members;
  return (
    <Dialog opened={member !== undefined} onClose={onClose} title={member && t.rolesTitle(memberName(member))}>
      {member && <Edit member={member} onClose={onClose} />}
    </Dialog>
  );
}

function Edit({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useText(organizationsText).members;
  const k = useText(kitText);
  const toast = useToast();
  const id = useOrganizationId();
  const had = (member.roles ?? []).map((r) => r.id);
  const [wanted, setWanted] = useState(had);
  const give = useSend('post', '/organizations/{id}/members/{user_id}/roles');
  const take = useSend('delete', '/organizations/{id}/members/{user_id}/roles');
  const change = difference(had, wanted);
  const init = { params: { path: { id, user_id: member.user_id } } };

  async function save() {
    if (change.give.length > 0) await give.mutateAsync({ ...init, body: { roles: change.give } });
    if (change.take.length > 0) await take.mutateAsync({ ...init, body: { roles: change.take } });
    toast.done(k.saved);
    onClose();
  }

  return (
    <DialogForm
      onSubmit={save}
      onClose={onClose}
      action={k.save}
      disabled={change.give.length + change.take.length === 0}
    >
      <Text size="sm" c="dimmed">
        {t.rolesText}
      </Text>
      <RolePick organizationId={id} value={wanted} onChange={setWanted} />
    </DialogForm>
  );
}
