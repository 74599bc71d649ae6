import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useEntity } from '#/api/hooks';

export type Api = Schemas['resource_server'];
export type ApiUpdate = Schemas['resource_server_update'];

const route = getRouteApi('/t/$tenant/apis/$apiId');

export const apiInit = (id: string) => ({ params: { path: { id } } });

/** The API of the page; all its tabs share what was read. */
export const useApiEntity = () =>
  useEntity('/resource-servers/{id}', apiInit(route.useParams({ select: (p) => p.apiId })));

export type ApiQuery = ReturnType<typeof useApiEntity>;
