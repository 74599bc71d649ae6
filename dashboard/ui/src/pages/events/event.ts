/** An event of the log, as far as the console shows it. */
export interface LogEvent {
  log_id: string;
  date: string;
  type: string;
  description?: string;
  transaction_id?: string;
  correlation_id?: string;
  client_id?: string;
  client_name?: string;
  user_id?: string;
  user_name?: string;
  connection?: string;
  audience?: string;
  scope?: string;
  ip?: string;
  user_agent?: string;
  details?: Record<string, unknown>;
}

/** What events/explain says of a transaction. */
export interface Explanation {
  transaction_id: string;
  succeeded: boolean;
  summary: string;
  findings: Finding[];
  steps: Step[];
}

export interface Finding {
  rule: string;
  cause: string;
  mend: string;
  setting?: Setting;
}

export interface Setting {
  resource: string;
  id?: string;
  field: string;
}

export interface Step {
  log_id: string;
  date: string;
  type: string;
  title: string;
  failed: boolean;
  checks: { name: string; passed: boolean }[];
  decision: string;
}

/** Codes of failures begin with f or say that somebody was stopped. */
export const failed = (type: string) => /^(f|limit_|pwd_leak|signup_pwd_leak|reset_pwd_leak)/.test(type);

const searched = [
  'user_name',
  'user_id',
  'client_id',
  'client_name',
  'ip',
  'type',
  'transaction_id',
  'correlation_id',
  'log_id',
];

const quoted = (word: string) => `"${word.replace(/[\\"]/g, '\\$&')}"`;

/** The query of a search: words look in the fields that name somebody or something; a query with a field goes as it is. */
export function eventQuery(typed: string | undefined, show: 'failed' | 'succeeded' | undefined): string | undefined {
  const parts: string[] = [];
  if (typed) {
    parts.push(
      /^[a-z_.]+:/.test(typed) ? `(${typed})` : `(${searched.map((f) => `${f}:${quoted(typed)}`).join(' OR ')})`,
    );
  }
  if (show) {
    const failures = '(type:f* OR type:limit_*)';
    parts.push(show === 'failed' ? failures : `NOT ${failures}`);
  }
  return parts.length ? parts.join(' AND ') : undefined;
}

/** The page of the console on which a setting is changed. */
export function settingPath(tenant: string, s: Setting): string | undefined {
  const base = `/t/${encodeURIComponent(tenant)}`;
  const id = s.id ? encodeURIComponent(s.id) : undefined;
  switch (s.resource) {
    case 'clients':
      return id && `${base}/applications/${id}`;
    case 'resource-servers':
    case 'client-grants':
      return id ? `${base}/apis/${id}` : `${base}/apis`;
    case 'users':
      return id && `${base}/users/${id}`;
    case 'connections':
      return `${base}/connections`;
    case 'attack-protection':
      return `${base}/security/${s.field === 'allowlist' ? 'suspicious-addresses' : 'brute-force'}`;
    case 'tenants':
      return `${base}/settings/${s.field.startsWith('allow_organization') ? 'sign-in' : 'general'}`;
    default:
      return undefined;
  }
}
