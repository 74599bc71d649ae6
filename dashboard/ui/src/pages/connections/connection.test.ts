import { describe, expect, it } from 'vitest';
import {
  type Connection,
  keptOnly,
  leastLength,
  optionsOf,
  policyOf,
  toPasswordValues,
  withPasswords,
} from './connection';

const of = (options: object, strategy = 'auth0') => ({ strategy, options }) as unknown as Connection;

describe('password rules', () => {
  it('that nobody chose are those in force', () => {
    expect(toPasswordValues(of({}))).toMatchObject({
      policy: 'good',
      min_length: '',
      dictionary: true,
      personal: true,
    });
    expect(leastLength('good', '')).toBe(8);
    expect(leastLength('excellent', 14)).toBe(14);
  });

  it('are written in the older form, beside options that the page does not know', () => {
    const stored = of({
      passwordPolicy: 'low',
      password_complexity_options: { min_length: 9 },
      password_dictionary: { enable: false, dictionary: ['acme'] },
      mfa: { active: true },
    });
    const values = { ...toPasswordValues(stored), policy: 'fair' as const, min_length: '' as const, dictionary: true };
    expect(withPasswords(optionsOf(stored), values)).toEqual({
      passwordPolicy: 'fair',
      password_complexity_options: {},
      password_dictionary: { enable: true, dictionary: ['acme'] },
      password_no_personal_info: { enable: true },
      mfa: { active: true },
    });
  });

  it('are written in the newer form where they are in it', () => {
    const stored = of({
      passwordPolicy: 'low',
      password_options: {
        complexity: { min_length: 15, character_types: ['uppercase', 'lowercase'], sequential_characters: 'block' },
        dictionary: { active: true, default: 'en_10k' },
        history: { active: true, size: 3 },
      },
    });
    const values = toPasswordValues(stored);
    expect(values).toMatchObject({ policy: 'fair', min_length: 15, dictionary: true, personal: false });
    expect(withPasswords(optionsOf(stored), { ...values, three: true, personal: true })).toEqual({
      passwordPolicy: 'low',
      password_options: {
        complexity: {
          min_length: 15,
          character_types: ['lowercase', 'uppercase'],
          character_type_rule: 'three_of_four',
          identical_characters: 'allow',
          sequential_characters: 'block',
        },
        dictionary: { active: true, default: 'en_10k' },
        history: { active: true, size: 3 },
        profile_data: { active: true },
      },
    });
  });

  it('of the newer form stand for the policy that the server goes by', () => {
    expect(policyOf({})).toBe('none');
    expect(policyOf({ complexity: { character_types: ['number'] } })).toBe('fair');
    expect(policyOf({ complexity: { character_types: ['special'] } })).toBe('good');
    expect(policyOf({ complexity: { character_types: ['number'], character_type_rule: 'three_of_four' } })).toBe(
      'good',
    );
    expect(policyOf({ complexity: { identical_characters: 'block' } })).toBe('excellent');
  });
});

it('what is only kept is shown without its secrets', () => {
  expect(
    keptOnly(
      of(
        {
          client_id: 'x',
          client_secret: 's3',
          scope: ['email'],
          upstream: { app_token: 't' },
          configuration: { a: 'b' },
        },
        'google-oauth2',
      ),
    ),
  ).toEqual({
    client_id: 'x',
    client_secret: '••••••',
    scope: ['email'],
    upstream: { app_token: '••••••' },
    configuration: { a: '••••••' },
  });
  expect(
    keptOnly(of({ passwordPolicy: 'good', disable_signup: true, import_mode: false, m: { password: { api: 'on' } } })),
  ).toEqual({
    import_mode: false,
    m: { password: { api: 'on' } },
  });
});
