import { Box, Text, Title } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { List, RowLink } from '#/kit/list';
import { EmptyState } from '#/kit/states';
import { userRolesText } from './text';

const route = getRouteApi('/t/$tenant/users/$userId/roles');
const perPage = 20;

/** Where the user is a member: what they may do there is decided there. */
export function Organizations() {
  const t = useText(userRolesText).organizations;
  const { tenant, userId } = route.useParams();
  const { organizations: page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useList<'/users/{id}/organizations', Schemas['organization']>('/users/{id}/organizations', {
    params: { path: { id: userId }, query: { page: page - 1, per_page: perPage, include_totals: 'true' } },
  });
  return (
    <>
      <Box mt="xl" mb="md">
        <Title order={2} size="h4">
          {t.title}
        </Title>
        <Text c="dimmed" size="sm">
          {t.text}
        </Text>
      </Box>
      <List
        label={t.title}
        query={query}
        rowKey={(o) => o.id ?? ''}
        columns={[
          {
            key: 'name',
            header: t.organization,
            title: true,
            cell: (o) => (
              <RowLink
                to="/t/$tenant/organizations/$organizationId/members"
                params={{ tenant, organizationId: o.id ?? '' }}
              >
                {o.display_name || o.name}
              </RowLink>
            ),
          },
          { key: 'id', header: t.name, width: '40%', cell: (o) => o.name },
        ]}
        page={page}
        perPage={perPage}
        onPage={(next) => void navigate({ search: (s) => ({ ...s, organizations: next }) })}
        empty={<EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconBuilding size={28} />} />}
      />
    </>
  );
}
