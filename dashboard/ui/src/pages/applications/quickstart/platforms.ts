import type { AppType } from '../types';
import * as machine from './machine';
import * as mobile from './mobile';
import * as web from './web';

/** What a quickstart is filled in with. */
export interface Facts {
  issuer: string;
  /** Host and perhaps port, as SDKs take it. */
  domain: string;
  clientId: string;
  /** The identifier of the API to ask for; empty asks for none. */
  audience: string;
  scope: string;
  /** Package name or bundle identifier of a mobile app. */
  app: string;
  /** Where the example of a site runs. */
  origin: string;
}

export type StepName = 'install' | 'configure' | 'login' | 'token' | 'refresh' | 'logout' | 'call' | 'verify';

export interface Step {
  name: StepName;
  file?: string;
  code: string;
}

export interface Quickstart {
  steps: Step[];
  callbacks: string[];
  logoutUrls: string[];
  webOrigins: string[];
}

export const platforms = {
  swift: { label: 'iOS: Auth0.swift', make: mobile.swift, app: true },
  'appauth-ios': { label: 'iOS: AppAuth', make: mobile.appAuthIos, app: true },
  android: { label: 'Android: Auth0.Android', make: mobile.android, app: true },
  'appauth-android': { label: 'Android: AppAuth', make: mobile.appAuthAndroid, app: true },
  'react-native': { label: 'React Native', make: mobile.reactNative, app: true },
  flutter: { label: 'Flutter', make: mobile.flutter, app: true },
  spa: { label: 'JavaScript (SPA)', make: web.spa, app: false },
  'go-cli': { label: 'Go', make: web.goCli, app: false },
  go: { label: 'Go', make: web.go, app: false },
  node: { label: 'Node.js', make: web.node, app: false },
  'go-machine': { label: 'Go', make: machine.go, app: false },
  'node-machine': { label: 'Node.js', make: machine.node, app: false },
  'curl-native': { label: 'curl', make: web.curl, app: false },
  'curl-web': { label: 'curl', make: web.curlWithSecret, app: false },
  'curl-machine': { label: 'curl', make: machine.curl, app: false },
} as const satisfies Record<string, { label: string; make: (facts: Facts) => Quickstart; app: boolean }>;

export type Platform = keyof typeof platforms;

/** Which platforms a type of application has an example for, the likeliest first. */
export const platformsOf: Record<AppType, Platform[]> = {
  native: ['swift', 'appauth-ios', 'android', 'appauth-android', 'react-native', 'flutter', 'go-cli', 'curl-native'],
  spa: ['spa', 'curl-native'],
  regular_web: ['go', 'node', 'curl-web'],
  non_interactive: ['go-machine', 'node-machine', 'curl-machine'],
};
