import { Alert, Box, Button, FileInput, Group, NativeSelect, Switch, Text } from '@mantine/core';
import { IconDownload, IconFileImport, IconPlugConnected } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { Schemas } from '#/api/client';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CodeBlock, Facts, LinkButton, PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import kit from '#/kit/kit.module.css';
import { List } from '#/kit/list';
import { EmptyState, FormSkeleton, Loaded } from '#/kit/states';
import { kitText } from '#/kit/text';
import { JobView } from './JobView';
import { type Job, type Refused, whoOf, whyOf } from './job';
import { jobsText } from './text';

const route = getRouteApi('/t/$tenant/users/import');

/** The API's own bound, unless the server's configuration says otherwise. */
const usual = 512_000;

const example = JSON.stringify(
  [
    {
      email: 'jane@example.com',
      email_verified: true,
      given_name: 'Jane',
      family_name: 'Doe',
      custom_password_hash: {
        algorithm: 'bcrypt',
        hash: { value: '$2b$10$…' },
      },
      user_metadata: { theme: 'dark' },
      app_metadata: { plan: 'pro' },
    },
  ],
  null,
  2,
);

export function ImportPage() {
  const t = useText(jobsText);
  const { tenant } = route.useParams();
  const { job } = route.useSearch();
  const query = useList('/connections', {
    params: { query: { per_page: 100, strategy: 'auth0', fields: 'id,name,display_name' } },
  });
  return (
    <div className={kit.page}>
      <PageHeader title={t.import.title} text={t.import.text} />
      {job ? (
        <JobView
          key={job}
          id={job}
          failed={t.failed}
          after={
            <>
              <LinkButton to="/t/$tenant/users" params={{ tenant }}>
                {t.toUsers}
              </LinkButton>
              <LinkButton variant="default" to="/t/$tenant/users/import" params={{ tenant }}>
                {t.import.again}
              </LinkButton>
            </>
          }
        >
          {(done) => <Outcome job={done} />}
        </JobView>
      ) : (
        <Loaded query={query} skeleton={<FormSkeleton sections={1} />}>
          {({ rows }) =>
            rows.length === 0 ? (
              <EmptyState title={t.import.noneTitle} text={t.import.noneText} icon={<IconPlugConnected size={28} />} />
            ) : (
              <Import connections={rows} />
            )
          }
        </Loaded>
      )}
    </div>
  );
}

function Import({ connections }: { connections: Schemas['connection'][] }) {
  const t = useText(jobsText).import;
  const k = useText(kitText);
  const navigate = route.useNavigate();
  const router = useRouter();
  const start = useSend('post', '/jobs/users-imports');
  const state = useCreateForm({
    initial: { connection_id: connections[0]?.id ?? '', users: null as File | null, upsert: false },
    validate: { users: (file: File | null) => (file ? null : t.needFile) },
    create: async ({ connection_id, users, upsert }) => {
      const body = new FormData();
      body.set('connection_id', connection_id);
      body.set('upsert', String(upsert));
      body.set('send_completion_email', 'false');
      if (users) body.set('users', users, 'users.json');
      // The types describe the fields of the form, not FormData.
      const { value } = await start.mutateAsync({ body: body as never });
      return value as unknown as Job;
    },
    created: (job) => void navigate({ search: { job: job.id } }),
  });
  const { form } = state;
  const file = form.values.users;
  return (
    <>
      <CreateForm
        state={state}
        action={t.start}
        cancel={
          <Button variant="default" onClick={() => router.history.back()}>
            {k.cancel}
          </Button>
        }
      >
        <Section>
          <NativeSelect
            label={t.connection}
            data={connections.map((c) => ({ value: c.id ?? '', label: c.display_name || c.name || '' }))}
            {...form.getInputProps('connection_id')}
          />
          <FileInput
            label={t.file}
            placeholder={t.pick}
            accept=".json,.ndjson,application/json"
            leftSection={<IconFileImport size={18} />}
            required
            clearable
            {...form.getInputProps('users')}
          />
          {file && file.size > usual && (
            <Alert color="yellow" role="status">
              {t.large}
            </Alert>
          )}
          <Switch label={t.upsert} description={t.upsertHelp} {...form.getInputProps('upsert', { type: 'checkbox' })} />
        </Section>
      </CreateForm>
      <Box mt="xl">
        <Section title={t.example}>
          <CodeBlock code={example} what={t.example} />
          <Text size="sm">{t.shell}</Text>
          <CodeBlock code="proofkey admin user import users.json" what="proofkey admin user import" />
        </Section>
      </Box>
    </>
  );
}

const shownErrors = 20;

function Outcome({ job }: { job: Job }) {
  const t = useText(jobsText).import;
  const sum = job.summary ?? { total: 0, inserted: 0, updated: 0, failed: 0 };
  return (
    <>
      <Facts
        rows={[
          [t.total, sum.total],
          [t.inserted, sum.inserted],
          [t.updated, sum.updated],
          [t.refused, sum.failed],
        ]}
      />
      {sum.failed > 0 && <Errors job={job} />}
    </>
  );
}

function Errors({ job }: { job: Job }) {
  const t = useText(jobsText).import;
  const query = useList<'/jobs/{id}/errors', Refused>('/jobs/{id}/errors', { params: { path: { id: job.id } } });
  const all = query.data?.rows ?? [];
  const shown = query.data && { ...query, data: { ...query.data, rows: all.slice(0, shownErrors) } };
  return (
    <>
      <List
        label={t.refusedTitle}
        query={(shown ?? query) as typeof query}
        rowKey={(r) => `${whoOf(r)} ${all.indexOf(r)}`}
        columns={[
          { key: 'who', header: t.who, title: true, width: '36%', cell: whoOf },
          { key: 'why', header: t.why, cell: whyOf },
        ]}
        empty={<EmptyState title={t.refusedTitle} text="–" />}
      />
      {all.length > shownErrors && <Text size="sm">{t.refusedMore(shownErrors, all.length)}</Text>}
      <Group>
        <Button
          variant="default"
          leftSection={<IconDownload size={18} />}
          disabled={all.length === 0}
          onClick={() => save(`${job.id}-errors.json`, JSON.stringify(all, null, 2))}
        >
          {t.report}
        </Button>
      </Group>
    </>
  );
}

/** Hands a text to the browser as a file. */
function save(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
