import { Badge, Group, SimpleGrid, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, Section } from '#/kit/bits';
import { LinesInput } from '#/kit/inputs';
import type { Client } from '../types';
import { type SettingsForm, useField } from './SettingsPage';
import { settingsText } from './text';

export function Device({ form, saved }: { form: SettingsForm; saved: Client | undefined }) {
  const t = useText(settingsText);
  const field = useField(form);
  if (form.values.app_type !== 'native') return null;
  return (
    <Section title={t.device.title} text={t.device.text}>
      <TextInput placeholder="com.example.app" {...field('android_package')} />
      <LinesInput placeholder="AB:CD:…" {...field('android_fingerprints')} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput placeholder="ABCDE12345" {...field('ios_team')} />
        <TextInput placeholder="com.example.app" {...field('ios_bundle')} />
      </SimpleGrid>
      <div>
        <Title order={3} size="h5">
          {t.device.files}
        </Title>
        <Text size="sm" c="dimmed">
          {t.device.filesText}
        </Text>
      </div>
      <AssociationFile
        title={t.device.androidFile}
        path=".well-known/assetlinks.json"
        sign={saved?.mobile?.android?.app_package_name}
      />
      <AssociationFile
        title={t.device.iosFile}
        path=".well-known/apple-app-site-association"
        sign={
          saved?.mobile?.ios?.team_id && `${saved.mobile.ios.team_id}.${saved.mobile.ios.app_bundle_identifier ?? ''}`
        }
      />
    </Section>
  );
}

/** A file as a phone would fetch it, from the tenant's own domain; sign is what names this application in it. */
function AssociationFile(p: { title: string; path: string; sign: string | undefined }) {
  const t = useText(settingsText).device;
  const { issuer } = useTenant();
  const address = issuer + p.path;
  const file = useQuery({
    queryKey: ['association', address, p.sign],
    queryFn: async ({ signal }) => {
      const response = await fetch(address, { signal, cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      return JSON.stringify(await response.json(), null, 2);
    },
    retry: 1,
  });
  const present = p.sign && file.data?.includes(`"${p.sign}"`);
  return (
    <div>
      <Group gap="xs" mb={4}>
        <Text size="sm" fw={500}>
          {p.title}
        </Text>
        {p.sign && file.data && (
          <Badge size="sm" variant="light" color={present ? 'teal' : 'red'}>
            {present ? t.present : t.absent}
          </Badge>
        )}
      </Group>
      {file.data ? (
        <CodeBlock code={file.data} what={p.title} />
      ) : file.error ? (
        <Text size="sm">
          {t.fetchFailed} <a href={address}>{address}</a>
        </Text>
      ) : (
        <Skeleton h={120} />
      )}
    </div>
  );
}
