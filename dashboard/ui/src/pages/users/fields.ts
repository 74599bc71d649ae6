import type { Translated } from '#/i18n/text';
import type { usersText } from './text';

type Words = Translated<(typeof usersText)['en']>['errors'];

/** What the API would refuse in the fields of a user, said before it is asked. Empty fields are fine here. */
export function checks(t: Words) {
  const unless = (ok: RegExp, said: string) => (v: string) => (v.trim() === '' || ok.test(v.trim()) ? null : said);
  const atMost = (n: number) => (v: string) => (v.trim().length > n ? t.long(n) : null);
  return {
    email: unless(/^[^\s@]+@[^\s@]+$/, t.email),
    username: (v: string) => unless(/^[^\s@]+$/, t.username)(v) ?? atMost(128)(v),
    phone_number: unless(/^\+[0-9]{1,15}$/, t.phone),
    name: atMost(300),
    nickname: atMost(300),
    given_name: atMost(150),
    family_name: atMost(150),
    picture: unless(/^[a-z][a-z0-9+.-]*:\S+$/i, t.url),
  };
}
