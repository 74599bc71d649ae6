import { Button, Group, NativeSelect, Radio, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useList, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { LinkButton, PageHeader, Section } from '#/kit/bits';
import { CreateForm, useCreateForm } from '#/kit/form';
import { LinesInput } from '#/kit/inputs';
import kit from '#/kit/kit.module.css';
import { kitText } from '#/kit/text';
import { useToast } from '#/kit/toast';
import { JobView, type useJob } from './JobView';
import type { Job } from './job';
import { jobsText } from './text';

const route = getRouteApi('/t/$tenant/users/export');

export function ExportPage() {
  const t = useText(jobsText);
  const { tenant } = route.useParams();
  const { job } = route.useSearch();
  return (
    <div className={kit.page}>
      <PageHeader title={t.export.title} text={t.export.text} />
      {job ? (
        <JobView
          key={job}
          id={job}
          failed={t.failedExport}
          after={
            <>
              <LinkButton variant="default" to="/t/$tenant/users" params={{ tenant }}>
                {t.toUsers}
              </LinkButton>
              <LinkButton variant="default" to="/t/$tenant/users/export" params={{ tenant }}>
                {t.export.again}
              </LinkButton>
            </>
          }
        >
          {(_, query) => <Download query={query} />}
        </JobView>
      ) : (
        <Export />
      )}
    </div>
  );
}

function Export() {
  const t = useText(jobsText).export;
  const k = useText(kitText);
  const navigate = route.useNavigate();
  const router = useRouter();
  const connections = useList('/connections', {
    params: { query: { per_page: 100, fields: 'id,name,display_name' } },
  });
  const start = useSend('post', '/jobs/users-exports');
  const state = useCreateForm({
    initial: { connection_id: '', format: 'json' as 'json' | 'csv', fields: [] as string[] },
    create: async (v) => {
      const { value } = await start.mutateAsync({
        body: {
          format: v.format,
          ...(v.connection_id ? { connection_id: v.connection_id } : {}),
          ...(v.fields.length > 0 ? { fields: v.fields.map((name) => ({ name })) } : {}),
        },
      });
      return value as unknown as Job;
    },
    created: (job) => void navigate({ search: { job: job.id } }),
  });
  const { form } = state;
  return (
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
          data={[
            { value: '', label: t.all },
            ...(connections.data?.rows ?? []).map((c) => ({
              value: c.id ?? '',
              label: c.display_name || c.name || '',
            })),
          ]}
          {...form.getInputProps('connection_id')}
        />
        <Radio.Group label={t.format} {...form.getInputProps('format')}>
          <Stack gap="xs" mt="xs">
            <Radio value="json" label={t.json} />
            <Radio value="csv" label={t.csv} />
          </Stack>
        </Radio.Group>
        <LinesInput label={t.fields} description={t.fieldsHelp} placeholder="email" {...form.getInputProps('fields')} />
      </Section>
    </CreateForm>
  );
}

/** The link of a job that was read a while ago does not work any more: each click gets a new one. */
function Download({ query }: { query: ReturnType<typeof useJob>['query'] }) {
  const t = useText(jobsText).export;
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  async function download() {
    setBusy(true);
    const { data, error } = await query.refetch();
    setBusy(false);
    const { location } = (data?.value ?? {}) as unknown as Partial<Job>;
    if (error || !location) toast.failed(error);
    else window.location.assign(location);
  }
  return (
    <>
      <Group>
        <Button leftSection={<IconDownload size={18} />} loading={busy} onClick={() => void download()}>
          {t.download}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t.link}
      </Text>
    </>
  );
}
