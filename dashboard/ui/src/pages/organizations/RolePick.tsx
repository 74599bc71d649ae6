import { Checkbox, Skeleton, Stack, Text } from '@mantine/core';
import { useText } from '#/i18n/text';
import { ErrorState } from '#/kit/states';
import { useRoles } from './organization';
import { organizationsText } from './text';

/** Checkboxes of the roles that a member of the organization can have. */
export function RolePick(p: {
  organizationId: string;
  value: string[];
  onChange: (value: string[]) => void;
  description?: string;
}) {
  const t = useText(organizationsText).members;
  const { roles, isPending, error, refetch } = useRoles(p.organizationId);
  if (error && !roles) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Checkbox.Group label={t.roles} description={p.description} value={p.value} onChange={p.onChange}>
      <Stack gap="xs" mt="xs">
        {isPending && <Skeleton h={48} />}
        {roles?.length === 0 && <Text size="sm">{t.noRolesInTenant}</Text>}
        {roles?.map((role) => (
          <Checkbox
            key={role.id}
            value={role.id ?? ''}
            label={role.owner_id ? `${role.name} (${t.ownRole})` : role.name}
            description={role.description || undefined}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
