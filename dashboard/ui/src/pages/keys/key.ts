/** A signing key as the API shows it; its private part never leaves the server. */
export interface SigningKey {
  kid: string;
  alg: string;
  cert: string;
  thumbprint: string;
  fingerprint: string;
  current?: boolean;
  next?: boolean;
  previous?: boolean;
  revoked?: boolean;
  current_since?: string;
  current_until?: string;
  revoked_at?: string;
}

export type KeyState = 'current' | 'next' | 'previous' | 'revoked';

export function stateOf(key: SigningKey): KeyState {
  return (['revoked', 'current', 'next'] as const).find((s) => key[s]) ?? 'previous';
}

/** When a key came to its state; the next one has not begun anything. */
export const since = (key: SigningKey) => key.revoked_at ?? key.current_until ?? key.current_since;

export const stateColor: Record<KeyState, string> = {
  current: 'teal',
  next: 'blue',
  previous: 'gray',
  revoked: 'red',
};
