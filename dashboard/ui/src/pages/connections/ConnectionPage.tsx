import { Alert, Badge, Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { isDatabase, titleOf, useConnection } from './connection';
import { NotLive, Off } from './marks';
import { connectionsText } from './text';

const route = getRouteApi('/t/$tenant/connections/$connectionId');

/** The frame of one connection. One of another strategy than the database is shown as it is kept. */
export function ConnectionPage() {
  const t = useText(connectionsText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useConnection()}>
        {({ value }) => (
          <>
            <PageHeader
              title={titleOf(value)}
              text={
                <Group gap="xs">
                  <Badge variant="light">{isDatabase(value) ? t.database : value.strategy}</Badge>
                  {isDatabase(value) ? value.authentication?.active === false && <Off /> : <NotLive />}
                  <CopyableId value={value.id ?? ''} what={t.id} />
                </Group>
              }
            />
            {!isDatabase(value) && (
              <Alert color="yellow" role="note" mb="lg" title={t.notLive}>
                {t.notLiveText(value.strategy ?? '')}
              </Alert>
            )}
            <TabLinks label={titleOf(value)}>
              <TabLink to="/t/$tenant/connections/$connectionId/settings" params={params}>
                {t.tabs.settings}
              </TabLink>
              {isDatabase(value) && (
                <TabLink to="/t/$tenant/connections/$connectionId/passwords" params={params}>
                  {t.tabs.passwords}
                </TabLink>
              )}
              <TabLink to="/t/$tenant/connections/$connectionId/applications" params={params}>
                {t.tabs.applications}
              </TabLink>
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
