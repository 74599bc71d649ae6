import { Alert, Badge, Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { useRole } from './role';
import { rolesText } from './text';

const route = getRouteApi('/t/$tenant/roles/$roleId');

/** The frame of one role, and its tabs. */
export function RolePage() {
  const t = useText(rolesText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useRole()}>
        {({ value }) => (
          <>
            <PageHeader
              title={value.name ?? ''}
              text={
                <Group gap="xs">
                  {value.type === 'organization' && (
                    <Badge variant="light" color="gray">
                      {t.organization}
                    </Badge>
                  )}
                  <CopyableId value={value.id ?? ''} what={t.id} />
                </Group>
              }
            />
            {value.type === 'organization' && (
              <Alert color="gray" role="note" mb="lg">
                {t.organizationText}
              </Alert>
            )}
            <TabLinks label={value.name ?? ''}>
              <TabLink to="/t/$tenant/roles/$roleId/settings" params={params}>
                {t.tabs.settings}
              </TabLink>
              <TabLink to="/t/$tenant/roles/$roleId/permissions" params={params}>
                {t.tabs.permissions}
              </TabLink>
              {value.type !== 'organization' && (
                <TabLink to="/t/$tenant/roles/$roleId/users" params={params}>
                  {t.tabs.users}
                </TabLink>
              )}
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
