import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useEntity } from '#/api/hooks';

export type Connection = Schemas['connection'];

const route = getRouteApi('/t/$tenant/connections/$connectionId');

export const connectionInit = (id: string) => ({ params: { path: { id } } });

/** The connection of the page; all its tabs share what was read. */
export const useConnection = () =>
  useEntity('/connections/{id}', connectionInit(route.useParams({ select: (p) => p.connectionId })));

export type ConnectionQuery = ReturnType<typeof useConnection>;

/** The strategy of databases; people sign in by no other one yet. */
export const database = 'auth0';

export const isDatabase = (c: Connection) => c.strategy === database;

export const titleOf = (c: Connection) => c.display_name || c.name || '';

/** The options of a database that the server acts on. */
export interface Options {
  disable_signup?: boolean;
  brute_force_protection?: boolean;
  passwordPolicy?: Policy | null;
  password_complexity_options?: { min_length?: number } | null;
  password_dictionary?: { enable?: boolean; dictionary?: string[] } | null;
  password_no_personal_info?: { enable?: boolean } | null;
  password_options?: PasswordOptions;
}

/** The newer form of the same rules; where it is there, the server goes by it alone. */
export interface PasswordOptions {
  complexity?: {
    min_length?: number;
    character_types?: CharacterType[];
    character_type_rule?: 'all' | 'three_of_four';
    identical_characters?: 'allow' | 'block';
  };
  dictionary?: { active?: boolean };
  profile_data?: { active?: boolean };
}

export const policies = ['none', 'low', 'fair', 'good', 'excellent'] as const;
export type Policy = (typeof policies)[number];

export const characterTypes = ['lowercase', 'uppercase', 'number', 'special'] as const;
export type CharacterType = (typeof characterTypes)[number];

export const optionsOf = (c: Connection) => (c.options ?? {}) as Options;

/** Options as the API's description has them: without known members. */
export const wire = (options: object) => options as Record<string, never>;

/** What the passwords' page holds, of either form. */
export interface PasswordValues extends Record<string, unknown> {
  policy: Policy;
  min_length: number | '';
  dictionary: boolean;
  personal: boolean;
  types: CharacterType[];
  three: boolean;
  identical: boolean;
}

export function toPasswordValues(c: Connection): PasswordValues {
  const o = optionsOf(c);
  const rules = o.password_options;
  return {
    policy: rules ? policyOf(rules) : (o.passwordPolicy ?? 'good'),
    min_length: (rules ? rules.complexity?.min_length : o.password_complexity_options?.min_length) ?? '',
    dictionary: rules ? rules.dictionary?.active === true : o.password_dictionary?.enable !== false,
    personal: rules ? rules.profile_data?.active === true : o.password_no_personal_info?.enable !== false,
    types: [...(rules?.complexity?.character_types ?? [])].sort(),
    three: rules?.complexity?.character_type_rule === 'three_of_four',
    identical: rules?.complexity?.identical_characters !== 'block',
  };
}

/** The named policy by which the server checks the newer form. */
export function policyOf({ complexity = {} }: PasswordOptions): Policy {
  const types = complexity.character_types ?? [];
  if (complexity.identical_characters === 'block') return 'excellent';
  if (types.length === 0) return 'none';
  if (complexity.character_type_rule === 'three_of_four' || types.includes('special')) return 'good';
  return 'fair';
}

/** The options with the passwords' rules of the page in the form that they are in already; the rest stays. */
export function withPasswords(o: Options, v: PasswordValues): Options {
  const least = v.min_length === '' ? {} : { min_length: v.min_length };
  if (!o.password_options) {
    return {
      ...o,
      passwordPolicy: v.policy,
      password_complexity_options: { ...least },
      password_dictionary: { ...o.password_dictionary, enable: v.dictionary },
      password_no_personal_info: { ...o.password_no_personal_info, enable: v.personal },
    };
  }
  const rules = o.password_options;
  return {
    ...o,
    password_options: {
      ...rules,
      complexity: {
        ...rules.complexity,
        ...least,
        character_types: v.types,
        character_type_rule: v.three ? 'three_of_four' : 'all',
        identical_characters: v.identical ? 'allow' : 'block',
      },
      dictionary: { ...rules.dictionary, active: v.dictionary },
      profile_data: { ...rules.profile_data, active: v.personal },
    },
  };
}

const leastOf: Record<Policy, number> = { none: 1, low: 6, fair: 8, good: 8, excellent: 10 };

/** The length that the server asks for. */
export const leastLength = (policy: Policy, min: number | '') => (min === '' ? leastOf[policy] : min);

const live = [
  'disable_signup',
  'brute_force_protection',
  'passwordPolicy',
  'password_complexity_options',
  'password_dictionary',
  'password_no_personal_info',
  'password_options',
];

const secret = /secret|password|token|key|credential|^configuration$/i;

/** What is kept of the options and acted on by nothing. What may be secret is not shown. */
export function keptOnly(c: Connection): Record<string, unknown> {
  const acted = isDatabase(c) ? live : [];
  const rest = Object.entries(c.options ?? {}).filter(([name]) => !acted.includes(name));
  return Object.fromEntries(rest.map(([name, value]) => [name, hidden(name, value)]));
}

function hidden(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => hidden(name, v));
  if (typeof value === 'object' && value !== null) {
    // The names in a configuration are the customer's own and tell nothing.
    const all = name === 'configuration';
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, hidden(all ? name : k, v)]));
  }
  return typeof value === 'string' && secret.test(name) && value !== '' ? '••••••' : value;
}
