import type { Translated } from '#/i18n/text';
import { checks } from '../fields';
import type { usersText } from '../text';
import type { User, UserUpdate } from '../user';

export interface ProfileValues extends Record<string, unknown> {
  name: string;
  nickname: string;
  given_name: string;
  family_name: string;
  picture: string;
  email: string;
  email_verified: boolean;
  username: string;
  phone_number: string;
  phone_verified: boolean;
}

export function toValues(u: User): ProfileValues {
  return {
    name: u.name ?? '',
    nickname: u.nickname ?? '',
    given_name: u.given_name ?? '',
    family_name: u.family_name ?? '',
    picture: u.picture ?? '',
    email: u.email ?? '',
    email_verified: u.email_verified === true,
    username: u.username ?? '',
    phone_number: u.phone_number ?? '',
    phone_verified: u.phone_verified === true,
  };
}

// The types say what may be sent, but for null: in place of a property it takes that away.
type Body = { [K in keyof UserUpdate]: UserUpdate[K] | null };

export function toBody(v: ProfileValues): Body {
  const orGone = (s: string) => s.trim() || null;
  return {
    name: orGone(v.name),
    nickname: orGone(v.nickname),
    given_name: orGone(v.given_name),
    family_name: orGone(v.family_name),
    picture: orGone(v.picture),
    email: orGone(v.email),
    email_verified: v.email_verified,
    username: orGone(v.username),
    phone_number: orGone(v.phone_number),
    phone_verified: v.phone_verified,
  };
}

type Words = Translated<(typeof usersText)['en']>['errors'];

/** saved is what the fields were loaded with: some may not change at once. */
export function validators(t: Words, saved: () => ProfileValues) {
  const check = checks(t);
  return {
    ...check,
    email: (v: string, all: ProfileValues) => {
      const none = v.trim() === '' && all.username.trim() === '' && all.phone_number.trim() === '';
      const { email, username, phone_number } = saved();
      return none && email + username + phone_number !== '' ? t.identifier : check.email(v);
    },
    username: (v: string, all: ProfileValues) => {
      const before = saved();
      const both =
        v !== before.username && (all.email !== before.email || all.email_verified !== before.email_verified);
      // Taking the name away goes along with anything.
      return both && v.trim() !== '' && all.email.trim() !== '' ? t.together : check.username(v);
    },
  };
}
