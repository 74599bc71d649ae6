import { Badge, Group } from '@mantine/core';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { Loaded } from '#/kit/states';
import { usersText } from './text';
import { nameOf, useUser } from './user';

const route = getRouteApi('/t/$tenant/users/$userId');

/** The frame of one user: who they are, and the tabs. */
export function UserPage() {
  const t = useText(usersText);
  const params = route.useParams();
  return (
    <div className={kit.page}>
      <Loaded query={useUser()}>
        {({ value }) => (
          <>
            <PageHeader
              title={nameOf(value)}
              text={
                <Group gap="xs">
                  {value.blocked && (
                    <Badge variant="light" color="red">
                      {t.blocked}
                    </Badge>
                  )}
                  {value.email && !value.email_verified && (
                    <Badge variant="light" color="yellow">
                      {t.unverified}
                    </Badge>
                  )}
                  <CopyableId value={value.user_id ?? ''} what={t.userId} />
                </Group>
              }
            />
            <TabLinks label={nameOf(value)}>
              <TabLink to="/t/$tenant/users/$userId/profile" params={params}>
                {t.tabs.profile}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/metadata" params={params}>
                {t.tabs.metadata}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/identities" params={params}>
                {t.tabs.identities}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/roles" params={params}>
                {t.tabs.roles}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/permissions" params={params}>
                {t.tabs.permissions}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/sessions" params={params}>
                {t.tabs.sessions}
              </TabLink>
              <TabLink to="/t/$tenant/users/$userId/logs" params={params}>
                {t.tabs.logs}
              </TabLink>
            </TabLinks>
            <Outlet />
          </>
        )}
      </Loaded>
    </div>
  );
}
