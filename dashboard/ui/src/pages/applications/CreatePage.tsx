import { Alert, Button, Group, Radio, SimpleGrid, Skeleton, Switch, Text, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useEntity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { SecretModal } from './credentials/Secret';
import { applicationsText } from './text';
import { type AppType, appTypeIcons, appTypes, typeDefaults } from './types';

const route = getRouteApi('/t/$tenant/applications/new');

export function CreatePage() {
  const t = useText(applicationsText);
  const k = useText(kitText);
  const toast = useToast();
  const { tenant } = route.useParams();
  const { type = 'native' } = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const settings = useEntity('/tenants/settings', {});
  const createClient = useSend('post', '/clients');
  const updateSettings = useSend('patch', '/tenants/settings');

  const [made, setMade] = useState<{ id: string; secret: string }>();
  const open = (clientId: string) =>
    void navigate({ to: '/t/$tenant/applications/$clientId/quickstart', params: { tenant, clientId } });

  const pkceTypes = settings.data ? (settings.data.value.pkce_app_types ?? ['native']) : undefined;
  const state = useCreateForm({
    initial: { name: '', app_type: type as AppType, allowPkce: true },
    validate: {
      name: (name: string) => (name.trim() === '' ? t.nameRequired : /[<>]/.test(name) ? t.nameSigns : null),
    },
    create: async ({ name, app_type, allowPkce }) => {
      if (app_type === 'spa' && allowPkce && pkceTypes && !pkceTypes.includes('spa')) {
        await updateSettings.mutateAsync({
          body: { pkce_app_types: [...pkceTypes, 'spa'] },
          ifMatch: settings.data?.etag,
        });
      }
      const made = await createClient.mutateAsync({
        body: {
          name: name.trim(),
          app_type,
          oidc_conformant: true,
          jwt_configuration: { alg: 'RS256' },
          ...typeDefaults[app_type],
        },
      });
      return made.value;
    },
    created: (client) => {
      toast.done(t.created);
      if (client.token_endpoint_auth_method === 'none') open(client.client_id ?? '');
      else setMade({ id: client.client_id ?? '', secret: client.client_secret ?? '' });
    },
  });
  const { form } = state;
  const chosen = form.values.app_type;

  return (
    <div className={kit.page}>
      <PageHeader title={t.createTitle} text={t.createText} />
      <CreateForm
        state={state}
        action={t.create}
        cancel={
          <Button variant="default" onClick={() => router.history.back()}>
            {k.cancel}
          </Button>
        }
      >
        <Section>
          <TextInput
            label={t.name}
            placeholder={t.namePlaceholder}
            required
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Radio.Group label={t.type} {...form.getInputProps('app_type')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs">
              {appTypes.map((value) => {
                const Icon = appTypeIcons[value];
                return (
                  <Radio.Card key={value} value={value} p="md" radius="md">
                    <Group wrap="nowrap" align="flex-start" h="100%">
                      <Radio.Indicator />
                      <div>
                        <Group gap="xs" wrap="nowrap">
                          <Icon size={18} aria-hidden />
                          <Text fw={600}>{t.types[value]}</Text>
                        </Group>
                        <Text size="sm" c="dimmed" mt={4}>
                          {t.typeTexts[value]}
                        </Text>
                      </div>
                    </Group>
                  </Radio.Card>
                );
              })}
            </SimpleGrid>
          </Radio.Group>
          {chosen === 'spa' && settings.isPending && <Skeleton h={56} />}
          {chosen === 'spa' && pkceTypes?.includes('spa') && <Alert color="teal">{t.pkceOn}</Alert>}
          {chosen === 'spa' && pkceTypes && !pkceTypes.includes('spa') && (
            <Switch
              label={t.pkceTitle}
              description={t.pkceText}
              {...form.getInputProps('allowPkce', { type: 'checkbox' })}
            />
          )}
        </Section>
      </CreateForm>
      <SecretModal
        title={t.secretTitle}
        what={t.secretName}
        value={made?.secret}
        onClose={() => made && open(made.id)}
      />
    </div>
  );
}
