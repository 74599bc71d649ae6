import { NativeSelect, Switch } from '@mantine/core';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { type SettingsForm, useField } from './SettingsPage';
import { settingsText } from './text';

const options = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));

export function Trust({ form }: { form: SettingsForm }) {
  const t = useText(settingsText);
  const field = useField(form);
  const { app_type, organization_usage } = form.values;
  const machine = app_type === 'non_interactive';
  return (
    <>
      <Section title={t.trust.title} text={t.trust.text}>
        <Switch {...field('is_first_party', 'checkbox')} />
        {!machine && <NativeSelect data={options(t.trust.prompt)} {...field('confirmation')} />}
        <NativeSelect data={options(t.trust.compliance)} {...field('compliance_level')} />
      </Section>
      {!machine && (
        <Section title={t.organizations.title} text={t.organizations.text}>
          <NativeSelect data={options(t.organizations.usage)} {...field('organization_usage')} />
          {organization_usage === 'require' && (
            <NativeSelect data={options(t.organizations.behavior)} {...field('organization_require_behavior')} />
          )}
        </Section>
      )}
    </>
  );
}
