import { Badge, Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { useApplication } from './application';
import { applicationsText } from './text';
import { isAppType } from './types';

const route = getRouteApi('/t/$tenant/applications/$clientId');

/** The frame of one application: who it is, and its tabs. */
export function ApplicationPage() {
  const t = useText(applicationsText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useApplication()}>
        {({ value }) => (
          <>
            <PageHeader
              title={value.name ?? ''}
              text={
                <Group gap="xs">
                  <Badge variant="light">{isAppType(value.app_type) ? t.types[value.app_type] : value.app_type}</Badge>
                  <CopyableId value={value.client_id ?? ''} what={t.clientId} />
                </Group>
              }
            />
            <TabLinks label={value.name ?? ''}>
              <TabLink to="/t/$tenant/applications/$clientId/quickstart" params={params}>
                {t.tabs.quickstart}
              </TabLink>
              <TabLink to="/t/$tenant/applications/$clientId/try" params={params}>
                {t.tabs.tryIt}
              </TabLink>
              <TabLink to="/t/$tenant/applications/$clientId/settings" params={params}>
                {t.tabs.settings}
              </TabLink>
              <TabLink to="/t/$tenant/applications/$clientId/credentials" params={params}>
                {t.tabs.credentials}
              </TabLink>
              <TabLink to="/t/$tenant/applications/$clientId/apis" params={params}>
                {t.tabs.apis}
              </TabLink>
              <TabLink to="/t/$tenant/applications/$clientId/connections" params={params}>
                {t.tabs.connections}
              </TabLink>
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
