import { getRouteApi } from '@tanstack/react-router';
import { useEntity } from '#/api/hooks';

const route = getRouteApi('/t/$tenant/applications/$clientId');

export const useClientId = () => route.useParams({ select: (p) => p.clientId });

export const clientInit = (id: string) => ({ params: { path: { id } } });

/** The application of the page; all its tabs share what was read. */
export const useApplication = () => useEntity('/clients/{id}', clientInit(useClientId()));

export type ApplicationQuery = ReturnType<typeof useApplication>;
