import { Alert, Badge, Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { useApiEntity } from './api';
import { apisText } from './text';

const route = getRouteApi('/t/$tenant/apis/$apiId');

/** The frame of one API: its identifier, and its tabs. */
export function ApiPage() {
  const t = useText(apisText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useApiEntity()}>
        {({ value }) => (
          <>
            <PageHeader
              title={value.name || value.identifier || ''}
              text={
                <Group gap="xs">
                  {value.is_system && (
                    <Badge variant="light" color="gray">
                      {t.system}
                    </Badge>
                  )}
                  <CopyableId value={value.identifier ?? ''} what={t.identifier} />
                </Group>
              }
            />
            {value.is_system && (
              <Alert color="gray" role="note" mb="lg">
                {t.systemText}
              </Alert>
            )}
            <TabLinks label={value.name ?? ''}>
              <TabLink to="/t/$tenant/apis/$apiId/settings" params={params}>
                {t.tabs.settings}
              </TabLink>
              <TabLink to="/t/$tenant/apis/$apiId/permissions" params={params}>
                {t.tabs.permissions}
              </TabLink>
              <TabLink to="/t/$tenant/apis/$apiId/applications" params={params}>
                {t.tabs.applications}
              </TabLink>
              <TabLink to="/t/$tenant/apis/$apiId/test" params={params}>
                {t.tabs.test}
              </TabLink>
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
