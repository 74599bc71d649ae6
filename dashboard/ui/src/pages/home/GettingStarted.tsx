import { Box, Button, Paper, SimpleGrid, Skeleton, Stack, Text, ThemeIcon, Title, VisuallyHidden } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTenantName } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, LinkButton } from '#/kit/bits';
import { ErrorState } from '#/kit/states';
import { useSetup } from './data';
import { homeText } from './text';

const hiddenKey = (tenant: string) => `proofkey.started.${tenant}`;

/** The way to the first sign-in, ticked by what the tenant has. Whoever has gone it may hide it. */
export function GettingStarted() {
  const t = useText(homeText).start;
  const tenant = useTenantName();
  const id = useId();
  const [hidden, setHidden] = useState(() => localStorage.getItem(hiddenKey(tenant)) !== null);
  const { pending, error, retry, app, api, signedIn } = useSetup();
  if (hidden) return null;
  const done = app !== undefined && api?.allow_offline_access === true && signedIn;
  return (
    <Paper component="section" withBorder p="lg" mb="lg" aria-labelledby={id}>
      <SimpleGrid cols={1} spacing="md">
        <Box style={{ display: 'flex', gap: '0.5rem', alignItems: 'flex-start', justifyContent: 'space-between' }}>
          <div>
            <Title order={2} size="h4" id={id}>
              {done ? t.doneTitle : t.title}
            </Title>
            <Text c="dimmed" size="sm" mt={4}>
              {done ? t.doneText : t.text}
            </Text>
          </div>
          {done && (
            <Button
              variant="default"
              size="xs"
              style={{ flex: 'none' }}
              onClick={() => {
                localStorage.setItem(hiddenKey(tenant), '1');
                setHidden(true);
              }}
            >
              {t.hide}
            </Button>
          )}
        </Box>
        {error && !pending ? (
          <ErrorState error={error} onRetry={retry} />
        ) : (
          <SimpleGrid component="ol" cols={{ base: 1, md: 3 }} spacing="lg" m={0} p={0} style={{ listStyle: 'none' }}>
            <Step n={1} title={t.app} text={t.appText} done={pending ? undefined : app !== undefined}>
              {app ? (
                <>
                  <CopyableId value={app.client_id ?? ''} what={t.clientId} />
                  <LinkButton
                    variant="default"
                    size="sm"
                    to="/t/$tenant/applications/$clientId/quickstart"
                    params={{ tenant, clientId: app.client_id ?? '' }}
                  >
                    {t.appDone}
                  </LinkButton>
                </>
              ) : (
                <LinkButton size="sm" to="/t/$tenant/applications/new" params={{ tenant }} search={{ type: 'native' }}>
                  {t.appAction}
                </LinkButton>
              )}
            </Step>
            <Step
              n={2}
              title={t.api}
              text={api && !api.allow_offline_access ? t.apiOffline(api.name || (api.identifier ?? '')) : t.apiText}
              done={pending ? undefined : api?.allow_offline_access === true}
            >
              {api ? (
                <>
                  <CopyableId value={api.identifier ?? ''} what={t.identifier} />
                  <LinkButton
                    variant={api.allow_offline_access ? 'default' : 'filled'}
                    size="sm"
                    to="/t/$tenant/apis/$apiId/settings"
                    params={{ tenant, apiId: api.id ?? '' }}
                  >
                    {api.allow_offline_access ? t.apiDone : t.apiAllow}
                  </LinkButton>
                </>
              ) : (
                <LinkButton size="sm" to="/t/$tenant/apis/new" params={{ tenant }}>
                  {t.apiAction}
                </LinkButton>
              )}
            </Step>
            <Step n={3} title={t.login} text={t.loginText} done={pending ? undefined : signedIn}>
              {signedIn ? (
                <LinkButton variant="default" size="sm" to="/t/$tenant/events" params={{ tenant }}>
                  {t.loginDone}
                </LinkButton>
              ) : app ? (
                <LinkButton
                  size="sm"
                  to="/t/$tenant/applications/$clientId/try"
                  params={{ tenant, clientId: app.client_id ?? '' }}
                >
                  {t.loginTry}
                </LinkButton>
              ) : (
                <LinkButton variant="default" size="sm" to="/t/$tenant/applications" params={{ tenant }}>
                  {t.loginAction}
                </LinkButton>
              )}
            </Step>
          </SimpleGrid>
        )}
      </SimpleGrid>
    </Paper>
  );
}

/** done is undefined while it is not known. */
function Step(p: { n: number; title: string; text: string; done: boolean | undefined; children: ReactNode }) {
  const t = useText(homeText).start;
  return (
    <Box component="li" style={{ display: 'flex', gap: '0.75rem', minWidth: 0 }}>
      <ThemeIcon radius="xl" size={32} variant="light" color={p.done ? 'teal' : 'proof'} aria-hidden>
        {p.done ? <IconCheck size={18} /> : p.n}
      </ThemeIcon>
      <Stack gap="xs" align="flex-start" style={{ minWidth: 0, flex: 1 }}>
        <Title order={3} size="h5" mt={4}>
          {p.title}
          {p.done !== undefined && <VisuallyHidden>: {p.done ? t.done : t.open}</VisuallyHidden>}
        </Title>
        <Text size="sm" c="dimmed" style={{ flex: 1 }}>
          {p.text}
        </Text>
        {p.done === undefined ? <Skeleton h={66} w="80%" /> : p.children}
      </Stack>
    </Box>
  );
}
