import { getRouteApi } from '@tanstack/react-router';
import { useEntity } from '#/api/hooks';
import { PageHeader } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';

const route = getRouteApi('/t/$tenant/applications/$clientId');

export function ApplicationPage() {
  const { clientId } = route.useParams();
  const query = useEntity('/clients/{id}', { params: { path: { id: clientId } } });
  return (
    <div className={kit.page}>
      <Loaded query={query}>{({ value }) => <PageHeader title={value.name ?? ''} />}</Loaded>
    </div>
  );
}
