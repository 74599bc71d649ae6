import { getRouteApi } from '@tanstack/react-router';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { DeleteSection } from '#/kit/confirm';
import { clientInit } from '../application';
import { settingsText } from './text';

const route = getRouteApi('/t/$tenant/applications/$clientId');

export function Delete(p: { id: string; name: string; onDeleted: () => void }) {
  const t = useText(settingsText).danger;
  const { tenant } = route.useParams();
  const navigate = route.useNavigate();
  const remove = useSend('delete', '/clients/{id}');
  return (
    <DeleteSection
      words={t}
      text={t.text(p.name)}
      word={p.name}
      onDelete={() => remove.mutateAsync(clientInit(p.id))}
      onDeleted={() => {
        p.onDeleted();
        return navigate({ to: '/t/$tenant/applications', params: { tenant } });
      }}
    />
  );
}
