import { Alert, Switch, Text } from '@mantine/core';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { LifetimeInput } from '#/kit/inputs';
import { type SettingsForm, useField } from './SettingsPage';
import { settingsText } from './text';

export function RefreshTokens({ form }: { form: SettingsForm }) {
  const t = useText(settingsText);
  const field = useField(form);
  const { rotating, idle, maximum, grant_types } = form.values;
  return (
    <Section title={t.refresh.title} text={t.refresh.text}>
      {!grant_types.includes('refresh_token') && (
        <Alert color="yellow" role="note">
          {t.refresh.noGrant}
        </Alert>
      )}
      <Switch {...field('rotating', 'checkbox')} />
      {rotating && <LifetimeInput {...field('leeway')} description={t.refresh.window} />}
      <Switch {...field('idle', 'checkbox')} />
      {idle && <LifetimeInput {...field('idle_token_lifetime')} />}
      <Switch {...field('maximum', 'checkbox')} />
      {maximum && <LifetimeInput {...field('token_lifetime')} />}
      {!idle && !maximum && (
        <Text size="sm" c="dimmed">
          {t.refresh.infinite}
        </Text>
      )}
    </Section>
  );
}
