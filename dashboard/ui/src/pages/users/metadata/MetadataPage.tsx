import { Textarea } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import { type User, type UserQuery, type UserUpdate, userInit, useUser } from '../user';
import { complaint, difference, type Metadata, pretty } from './json';
import { metadataText } from './text';

export function MetadataPage() {
  const query = useUser();
  return <Loaded query={query}>{() => <Editor query={query} />}</Loaded>;
}

const names = ['user_metadata', 'app_metadata'] as const;

const toValues = (user: User) => ({
  user_metadata: pretty(user.user_metadata),
  app_metadata: pretty(user.app_metadata),
});

function Editor({ query }: { query: UserQuery }) {
  const t = useText(metadataText);
  const patch = useSend('patch', '/users/{id}');
  const check = (text: string) => {
    const wrong = complaint(text);
    if (!wrong) return null;
    if (wrong.kind === 'syntax') return t.syntax(wrong.line, wrong.column);
    return wrong.kind === 'object' ? t.object : t[wrong.kind](wrong.name);
  };
  const state = useEntityForm({
    query,
    toValues,
    toBody: (v) => ({
      user_metadata: JSON.parse(v.user_metadata) as Metadata,
      app_metadata: JSON.parse(v.app_metadata) as Metadata,
    }),
    labels: { user_metadata: t.user, app_metadata: t.app },
    validate: { user_metadata: check, app_metadata: check },
    save: (changes, ifMatch) => {
      const stored = query.data?.value ?? {};
      const body: Record<string, Metadata> = {};
      for (const name of names) {
        const wanted = changes[name];
        if (wanted) body[name] = difference((stored[name] ?? {}) as Metadata, wanted);
      }
      return patch.mutateAsync({ ...userInit(stored.user_id ?? ''), body: body as UserUpdate, ifMatch });
    },
  });
  const { form } = state;
  // Nothing may move under the pointer when the field is left, so it is checked while the typing rests.
  const settle = useDebouncedCallback((name: (typeof names)[number]) => form.validateField(name), 800);
  const area = (name: (typeof names)[number]) => {
    const input = form.getInputProps(name);
    return (
      <Textarea
        aria-label={name}
        autosize
        minRows={6}
        maxRows={30}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
        {...input}
        onChange={(event) => {
          input.onChange(event);
          settle(name);
        }}
      />
    );
  };
  return (
    <EntityForm state={state}>
      <Section title={t.user} text={t.userText}>
        {area('user_metadata')}
      </Section>
      <Section title={t.app} text={t.appText}>
        {area('app_metadata')}
      </Section>
    </EntityForm>
  );
}
