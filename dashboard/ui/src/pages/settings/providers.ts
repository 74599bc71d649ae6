import type { Schemas } from '#/api/client';

type Provider = Schemas['email_provider_create'];
export type ProviderName = Exclude<Provider['name'], 'custom'>;
export type Credential = keyof Provider['credentials'];

/** What each provider has to be told; the server refuses one that lacks something of it. */
export const credentials: Record<ProviderName, Credential[]> = {
  smtp: ['smtp_host', 'smtp_port', 'smtp_user', 'smtp_pass'],
  mailgun: ['api_key', 'domain'],
  mandrill: ['api_key'],
  sendgrid: ['api_key'],
  resend: ['api_key'],
  ses: ['accessKeyId', 'secretAccessKey', 'region'],
  sparkpost: ['api_key'],
  azure_cs: ['connectionString'],
  ms365: ['tenantId', 'clientId', 'clientSecret'],
};

export const providerLabels: Record<ProviderName, string> = {
  smtp: 'SMTP',
  mailgun: 'Mailgun',
  mandrill: 'Mandrill',
  sendgrid: 'SendGrid',
  resend: 'Resend',
  ses: 'Amazon SES',
  sparkpost: 'SparkPost',
  azure_cs: 'Azure Communication Services',
  ms365: 'Microsoft 365',
};

export const secret: Credential[] = ['api_key', 'smtp_pass', 'secretAccessKey', 'connectionString', 'clientSecret'];

/** Without them a provider may still do. */
export const optional: Credential[] = ['smtp_port', 'smtp_user', 'smtp_pass'];

/** The credentials of a provider out of all that was typed. */
export function credentialsOf(name: ProviderName, typed: Partial<Record<Credential, string>>) {
  const sent: Record<string, string | number> = {};
  for (const key of credentials[name]) {
    const value = typed[key]?.trim() ?? '';
    if (value !== '') sent[key] = key === 'smtp_port' ? Number(value) : value;
  }
  return sent as Provider['credentials'];
}
