import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { DeleteSection } from '#/kit/confirm';
import { userInit } from '../user';
import { profileText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId');

export function Delete(p: { id: string; name: string; onDeleted: () => void }) {
  const t = useText(profileText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/users/{id}');
  return (
    <DeleteSection
      words={t}
      text={t.text(p.name)}
      word={p.name}
      onDelete={() => remove.mutateAsync(userInit(p.id))}
      onDeleted={() => {
        p.onDeleted();
        return navigate({ to: '/t/$tenant/users', params: { tenant } });
      }}
    />
  );
}
