import { Checkbox, Stack } from '@mantine/core';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import type { SettingsForm } from './SettingsPage';
import { settingsText } from './text';

const grants = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  otp: 'http://auth0.com/oauth/grant-type/passwordless/otp',
  implicit: 'implicit',
  password: 'password',
  passwordRealm: 'http://auth0.com/oauth/grant-type/password-realm',
} as const;

/** Ticks for the grant types that have a name here; others that the application has stay as they are, and are shown. */
export function Grants({ form }: { form: SettingsForm }) {
  const t = useText(settingsText).grants;
  const known: string[] = Object.values(grants);
  const others = form.values.grant_types.filter((g) => !known.includes(g));
  return (
    <Section title={t.title} text={t.text}>
      <Checkbox.Group aria-label={t.title} {...form.getInputProps('grant_types')}>
        <Stack gap="sm">
          {(Object.keys(grants) as (keyof typeof grants)[]).map((key) => (
            <Checkbox key={key} value={grants[key]} label={t.names[key]} description={t.texts[key]} />
          ))}
          {others.map((grant) => (
            <Checkbox key={grant} value={grant} label={grant} />
          ))}
        </Stack>
      </Checkbox.Group>
    </Section>
  );
}
