import { useSession } from '#/api/session';
import { useText } from '#/i18n/text';
import { kitText } from './text';

/** Why this person may not change things, or undefined where they may. The server holds the rule; pages only say it early. */
export function useDenied(needs: 'edit' | 'admin' = 'edit'): string | undefined {
  const t = useText(kitText);
  const { role } = useSession();
  if (role === 'Viewer') return t.readOnlyShort;
  if (needs === 'admin' && role !== 'Admin') return t.adminOnly;
  return undefined;
}
