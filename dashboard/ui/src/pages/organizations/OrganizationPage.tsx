import { Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { titleOf, useOrganization } from './organization';
import { organizationsText } from './text';

const route = getRouteApi('/t/$tenant/organizations/$organizationId');

/** The frame of one organization: its names, and its tabs. */
export function OrganizationPage() {
  const t = useText(organizationsText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useOrganization()}>
        {({ value }) => (
          <>
            <PageHeader
              title={titleOf(value)}
              text={
                <Group gap="xs">
                  {value.display_name && <span>{value.name}</span>}
                  <CopyableId value={value.id ?? ''} what={t.id} />
                </Group>
              }
            />
            <TabLinks label={titleOf(value)}>
              <TabLink to="/t/$tenant/organizations/$organizationId/settings" params={params}>
                {t.tabs.settings}
              </TabLink>
              <TabLink to="/t/$tenant/organizations/$organizationId/members" params={params}>
                {t.tabs.members}
              </TabLink>
              <TabLink to="/t/$tenant/organizations/$organizationId/connections" params={params}>
                {t.tabs.connections}
              </TabLink>
              <TabLink to="/t/$tenant/organizations/$organizationId/invitations" params={params}>
                {t.tabs.invitations}
              </TabLink>
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
