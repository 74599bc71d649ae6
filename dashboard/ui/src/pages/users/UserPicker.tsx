import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useList } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { userSearch } from './search';
import { usersText } from './text';
import { nameOf, type User } from './user';

const labelOf = (u: User) => [nameOf(u), u.email].filter((v, i, all) => v && all.indexOf(v) === i).join(' · ');

/** Finds one user by what they are called. */
export function UserPicker(p: {
  label: string;
  value: User | undefined;
  onChange: (user: User | undefined) => void;
  /** Users who are no choice. */
  without?: string[];
  error?: string | undefined;
}) {
  const t = useText(usersText);
  const [typed, setTyped] = useState('');
  const chosen = p.value ? labelOf(p.value) : undefined;
  const [wanted] = useDebouncedValue(typed === chosen ? '' : typed, 250);
  const search = userSearch(wanted);
  const query = useList('/users', {
    params: {
      query: {
        per_page: 20,
        fields: 'user_id,name,email,username,phone_number,identities',
        ...(search ? { q: search, search_engine: 'v3' } : { sort: 'created_at:-1' }),
      },
    },
  });
  const found = (query.data?.rows ?? []).filter((u) => !p.without?.includes(u.user_id ?? ''));
  const all = p.value && !found.some((u) => u.user_id === p.value?.user_id) ? [p.value, ...found] : found;
  return (
    <Select
      label={p.label}
      placeholder={t.search}
      searchable
      clearable
      // The server searched already.
      filter={({ options }) => options}
      nothingFoundMessage={query.isFetching ? '…' : t.noneFound}
      data={all.map((u) => ({ value: u.user_id ?? '', label: labelOf(u) }))}
      value={p.value?.user_id ?? null}
      onChange={(id) => p.onChange(all.find((u) => u.user_id === id))}
      searchValue={typed}
      onSearchChange={setTyped}
      error={p.error}
      data-autofocus
    />
  );
}
