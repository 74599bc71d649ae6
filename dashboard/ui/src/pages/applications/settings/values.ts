import type { Translated } from '#/i18n/text';
import { objectOf, type Pair, pairsOf } from '#/kit/pairs';
import type { Client, ClientUpdate } from '../types';
import type { en } from './en';

/** What the settings page holds. Two switches stand for what the wire says in three words of refresh_token. */
export interface SettingsValues extends Record<string, unknown> {
  name: string;
  description: string;
  logo_uri: string;
  app_type: string;
  initiate_login_uri: string;
  callbacks: string[];
  allowed_logout_urls: string[];
  web_origins: string[];
  allowed_origins: string[];
  id_lifetime: number | '';
  id_alg: string;
  rotating: boolean;
  leeway: number | '';
  idle: boolean;
  idle_token_lifetime: number | '';
  maximum: boolean;
  token_lifetime: number | '';
  grant_types: string[];
  android_package: string;
  android_fingerprints: string[];
  ios_team: string;
  ios_bundle: string;
  is_first_party: boolean;
  confirmation: 'tenant' | 'ask' | 'never';
  compliance_level: string;
  organization_usage: string;
  organization_require_behavior: string;
  metadata: Pair[];
}

export function toValues(c: Client): SettingsValues {
  const refresh = c.refresh_token ?? {};
  const expiring = refresh.expiration_type === 'expiring';
  const skip = c.skip_non_verifiable_callback_uri_confirmation_prompt;
  return {
    name: c.name ?? '',
    description: c.description ?? '',
    logo_uri: c.logo_uri ?? '',
    app_type: c.app_type ?? '',
    initiate_login_uri: c.initiate_login_uri ?? '',
    callbacks: c.callbacks ?? [],
    allowed_logout_urls: c.allowed_logout_urls ?? [],
    web_origins: c.web_origins ?? [],
    allowed_origins: c.allowed_origins ?? [],
    id_lifetime: c.jwt_configuration?.lifetime_in_seconds ?? 36_000,
    id_alg: c.jwt_configuration?.alg ?? 'RS256',
    rotating: refresh.rotation_type === 'rotating',
    leeway: refresh.leeway ?? 0,
    idle: expiring && refresh.infinite_idle_token_lifetime !== true,
    idle_token_lifetime: refresh.idle_token_lifetime ?? 1_296_000,
    maximum: expiring && refresh.infinite_token_lifetime !== true,
    token_lifetime: refresh.token_lifetime ?? 2_592_000,
    grant_types: [...(c.grant_types ?? [])].sort(),
    android_package: c.mobile?.android?.app_package_name ?? '',
    android_fingerprints: c.mobile?.android?.sha256_cert_fingerprints ?? [],
    ios_team: c.mobile?.ios?.team_id ?? '',
    ios_bundle: c.mobile?.ios?.app_bundle_identifier ?? '',
    is_first_party: c.is_first_party !== false,
    confirmation: skip === undefined || skip === null ? 'tenant' : skip ? 'never' : 'ask',
    compliance_level: c.compliance_level ?? '',
    organization_usage: c.organization_usage ?? 'deny',
    organization_require_behavior: c.organization_require_behavior ?? 'no_prompt',
    metadata: pairsOf(c.client_metadata),
  };
}

// The types say what may be sent, but for null: in place of a setting, or of a member of mobile, it takes that away.
type Body = {
  [K in keyof ClientUpdate]:
    | ClientUpdate[K]
    | null
    | (K extends 'mobile' ? { android: object | null; ios: object | null } : never);
};

export function toBody(v: SettingsValues): Body {
  const android = v.android_package !== '' || v.android_fingerprints.length > 0;
  const ios = v.ios_team !== '' || v.ios_bundle !== '';
  return {
    name: v.name.trim(),
    description: v.description,
    logo_uri: v.logo_uri.trim(),
    app_type: v.app_type as ClientUpdate['app_type'],
    initiate_login_uri: v.initiate_login_uri.trim(),
    callbacks: v.callbacks,
    allowed_logout_urls: v.allowed_logout_urls,
    web_origins: v.web_origins,
    allowed_origins: v.allowed_origins,
    jwt_configuration: { lifetime_in_seconds: number(v.id_lifetime), alg: v.id_alg as 'RS256' },
    refresh_token: {
      rotation_type: v.rotating ? 'rotating' : 'non-rotating',
      expiration_type: v.rotating || v.idle || v.maximum ? 'expiring' : 'non-expiring',
      leeway: number(v.leeway),
      token_lifetime: number(v.token_lifetime),
      infinite_token_lifetime: !v.maximum,
      idle_token_lifetime: number(v.idle_token_lifetime),
      infinite_idle_token_lifetime: !v.idle,
    },
    grant_types: [...v.grant_types].sort(),
    mobile: {
      android: android
        ? { app_package_name: v.android_package.trim(), sha256_cert_fingerprints: v.android_fingerprints }
        : null,
      ios: ios ? { team_id: v.ios_team.trim(), app_bundle_identifier: v.ios_bundle.trim() } : null,
    },
    is_first_party: v.is_first_party,
    skip_non_verifiable_callback_uri_confirmation_prompt:
      v.confirmation === 'tenant' ? null : v.confirmation === 'never',
    compliance_level: (v.compliance_level || null) as ClientUpdate['compliance_level'],
    organization_usage: v.organization_usage as 'deny',
    organization_require_behavior: v.organization_require_behavior as 'no_prompt',
    client_metadata: objectOf(v.metadata),
  };
}

const number = (n: number | '') => (n === '' ? 0 : n);

/** How the API calls what the page calls otherwise. */
export const names = {
  'jwt_configuration.lifetime_in_seconds': 'id_lifetime',
  'jwt_configuration.alg': 'id_alg',
  'refresh_token.leeway': 'leeway',
  'refresh_token.token_lifetime': 'token_lifetime',
  'refresh_token.idle_token_lifetime': 'idle_token_lifetime',
  'refresh_token.rotation_type': 'rotating',
  'refresh_token.expiration_type': 'rotating',
  'mobile.android.app_package_name': 'android_package',
  'mobile.android.sha256_cert_fingerprints': 'android_fingerprints',
  'mobile.ios.team_id': 'ios_team',
  'mobile.ios.app_bundle_identifier': 'ios_bundle',
  client_metadata: 'metadata',
};

type Words = Translated<typeof en>['errors'];

/** What the API would refuse, said before it is asked. */
export function validators(t: Words) {
  const between = (from: number, to: number) => (n: number | '') =>
    n !== '' && n >= from && n <= to ? null : t.range(from, to);
  const origins = (list: string[]) => (list.every((o) => /^https?:\/\/[^/\s]+/i.test(o)) ? null : t.origin);
  const addresses = (list: string[]) => (list.every((u) => /^[a-z][a-z0-9+.-]*:/i.test(u)) ? null : t.url);
  const pair = (mine: string, other: unknown[] | string) => (mine === '' && other.length > 0 ? t.both : null);
  return {
    name: (name: string) => (name.trim() === '' || /[<>]/.test(name) ? t.name : null),
    description: (text: string) => (text.length > 140 ? t.long(140) : null),
    initiate_login_uri: (u: string) => (u.trim() === '' || /^https:\/\//i.test(u.trim()) ? null : t.https),
    callbacks: addresses,
    allowed_logout_urls: addresses,
    web_origins: origins,
    allowed_origins: origins,
    id_lifetime: between(1, 31_557_600),
    leeway: between(0, 600),
    token_lifetime: (n: number | '', v: SettingsValues) => (v.maximum ? between(1, 157_788_000)(n) : null),
    idle_token_lifetime: (n: number | '', v: SettingsValues) => {
      if (!v.idle) return null;
      const wrong = between(1, 157_788_000)(n);
      return wrong ?? (v.maximum && Number(n) > Number(v.token_lifetime) ? t.idleLonger : null);
    },
    android_package: (name: string, v: SettingsValues) =>
      name !== '' && !/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/.test(name.trim())
        ? t.package
        : pair(name, v.android_fingerprints),
    android_fingerprints: (list: string[], v: SettingsValues) => {
      const wrong = list.findIndex((f) => !/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i.test(f));
      if (wrong >= 0) return t.fingerprint(wrong + 1);
      return v.android_package !== '' && list.length === 0 ? t.both : null;
    },
    ios_team: (id: string, v: SettingsValues) =>
      id !== '' && !/^[A-Z0-9]{10}$/.test(id.trim()) ? t.team : pair(id, v.ios_bundle),
    ios_bundle: (id: string, v: SettingsValues) =>
      id !== '' && !/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(id.trim()) ? t.bundle : pair(id, v.ios_team),
  };
}
