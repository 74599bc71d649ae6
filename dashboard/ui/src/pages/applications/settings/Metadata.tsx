import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { PairsInput } from '#/kit/pairs';
import type { SettingsForm } from './SettingsPage';
import { settingsText } from './text';

const most = 10;

export function Metadata({ form }: { form: SettingsForm }) {
  const t = useText(settingsText).metadata;
  return (
    <Section title={t.title} text={t.text}>
      <PairsInput most={most} {...form.getInputProps('metadata')} />
    </Section>
  );
}
