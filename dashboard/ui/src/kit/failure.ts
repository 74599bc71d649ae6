import { ApiError } from '#/api/errors';
import type { Translated } from '#/i18n/text';
import { useText } from '#/i18n/text';
import { kitText } from './text';

type Words = Translated<(typeof kitText)['en']>['errors'];

/** One sentence for a person. The API's own sentences say what was wrong with a request, so they are shown as they are. */
export function failureText(error: unknown, words: Words): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.code === 'timeout') return words.timeout;
  if (error.status === 0) return words.network;
  if (error.status === 403) return `${words.forbidden} ${error.message}`;
  if (error.status === 412) return words.conflict;
  if (error.status === 429) return words.many;
  if (error.status >= 500) return words.server;
  return error.message;
}

export function useFailureText() {
  const t = useText(kitText);
  return (error: unknown) => failureText(error, t.errors);
}
