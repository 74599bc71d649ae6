import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { ApiError } from '#/api/errors';
import { useEntity } from '#/api/hooks';

export type User = Schemas['user'];
export type UserUpdate = Schemas['user_update'];

const route = getRouteApi('/t/$tenant/users/$userId');

export const useUserId = () => route.useParams({ select: (p) => p.userId });

export const userInit = (id: string) => ({ params: { path: { id } } });

/** The user of the page; all its tabs share what was read. */
export const useUser = () => useEntity('/users/{id}', userInit(useUserId()));

export type UserQuery = ReturnType<typeof useUser>;

/** What a person calls a user. */
export const nameOf = (u: User) => u.name || u.email || u.username || u.phone_number || u.user_id || '';

/** Strategies of connections whose users are made and changed here; those of others come from elsewhere. */
export const ownStrategies = ['auth0', 'email', 'sms'];

/** Puts what the API refuses without naming a property to the field that it is about. */
export function refusedField(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.property) return error;
  const field = /^Password/.test(error.message)
    ? 'password'
    : error.status === 409
      ? 'email'
      : /^The specified new (email|username) /.exec(error.message)?.[1];
  if (!field) return error;
  return new ApiError(error.status, error.code, `Payload validation error: '${error.message}' on property ${field}`);
}
