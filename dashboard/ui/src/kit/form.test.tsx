import { TextInput } from '@mantine/core';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Schemas } from '#/api/client';
import { useEntity, useSend } from '#/api/hooks';
import { show } from '#/test/page';
import { type Answer, serve, someSession } from '#/test/server';
import { EntityForm, useEntityForm } from './form';
import { LinesInput } from './inputs';
import { Loaded } from './states';

type Client = Schemas['client'];
const init = { params: { path: { id: 'c1' } } };
const path = '/dashboard/api/dev/clients/c1';

function Page() {
  const query = useEntity('/clients/{id}', init);
  return <Loaded query={query}>{() => <Form query={query} />}</Loaded>;
}

function Form({ query }: { query: ReturnType<typeof useEntity<'/clients/{id}'>> }) {
  const patch = useSend('patch', '/clients/{id}');
  const state = useEntityForm({
    query,
    toValues: (c: Client) => ({ name: c.name ?? '', description: c.description ?? '', callbacks: c.callbacks ?? [] }),
    toBody: (v) => v,
    save: (body, ifMatch, _, now) => {
      onTop.push(now);
      return patch.mutateAsync({ ...init, body, ifMatch });
    },
    labels: { name: 'Name', description: 'Description', callbacks: 'Callbacks' },
  });
  return (
    <EntityForm state={state}>
      <TextInput label="Name" {...state.form.getInputProps('name')} />
      <TextInput label="Description" {...state.form.getInputProps('description')} />
      <LinesInput label="Callbacks" {...state.form.getInputProps('callbacks')} />
    </EntityForm>
  );
}

let stored: Record<string, unknown>;
let version: number;
let session: typeof someSession;
let refuse: Answer | undefined;
/** The versions that the form handed out to save on top of. */
let onTop: Client[];

/** A server with one application, which knows versions as ours does. */
function server() {
  return serve({
    'GET /dashboard/session': () => ({ body: session }),
    [`GET ${path}`]: () => ({ body: stored, headers: { ETag: `"${version}"` } }),
    [`PATCH ${path}`]: (request, body) => {
      if (refuse) return refuse;
      const match = request.headers.get('If-Match');
      if (match && match !== `"${version}"`) return { status: 412, body: { statusCode: 412, message: 'changed' } };
      stored = { ...stored, ...(body as object) };
      version++;
      return { body: stored };
    },
  });
}

const elsewhere = (change: Record<string, unknown>) => {
  stored = { ...stored, ...change };
  version++;
};
const field = (name: string) => screen.getByLabelText(name) as HTMLInputElement;
const patches = (made: ReturnType<typeof serve>) => made.filter((m) => m.line.startsWith('PATCH'));
const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));

beforeEach(() => {
  onTop = [];
  stored = { name: 'App', description: 'old', callbacks: ['https://a.example/cb'] };
  version = 1;
  session = someSession;
  refuse = undefined;
});

test('only what changed is sent, with the version that was read', async () => {
  const made = server();
  await show(Page);
  await userEvent.type(await screen.findByLabelText('Name'), ' 2');
  await save();
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).toBeNull());
  expect(patches(made).map((m) => [m.body, m.headers.get('If-Match')])).toEqual([[{ name: 'App 2' }, '"1"']]);
  await userEvent.type(field('Description'), 'er');
  await save();
  await waitFor(() => expect(stored.description).toBe('older'));
});

test.each([
  ['Keep mine and save', 'Mine'],
  ['Take theirs', 'Theirs'],
])('the second of two administrators is told, and "%s" keeps what is theirs alone', async (button, name) => {
  server();
  await show(Page);
  await userEvent.clear(await screen.findByLabelText('Name'));
  await userEvent.type(field('Name'), 'Mine');
  await userEvent.type(field('Callbacks'), '\ncom.app://cb');
  elsewhere({ name: 'Theirs', description: 'new' });
  await save();
  const dialog = await screen.findByRole('dialog');
  const rows = within(dialog)
    .getAllByRole('row')
    .slice(1)
    .map((r) => r.textContent);
  expect(rows).toEqual(['NameTheirsMine', 'Descriptionnew(not changed by you)']);
  expect(stored.name).toBe('Theirs');
  await userEvent.click(within(dialog).getByRole('button', { name: button }));
  if (button === 'Take theirs') await save();
  await waitFor(() =>
    expect(stored).toEqual({ name, description: 'new', callbacks: ['https://a.example/cb', 'com.app://cb'] }),
  );
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Save' })).toBeNull());
});

test('a change of what is not on the page asks nobody', async () => {
  server();
  await show(Page);
  await userEvent.type(await screen.findByLabelText('Name'), '!');
  elsewhere({ logo_uri: 'https://a.example/logo.png' });
  await save();
  await waitFor(() => expect(stored).toMatchObject({ name: 'App!', logo_uri: 'https://a.example/logo.png' }));
  expect(onTop.map((c) => c.logo_uri)).toEqual([undefined, 'https://a.example/logo.png']);
});

test('what the API refuses is shown at its field, and the typing stays', async () => {
  server();
  await show(Page);
  await userEvent.type(await screen.findByLabelText('Callbacks'), '\nnonsense');
  refuse = {
    status: 400,
    body: { statusCode: 400, message: "Payload validation error: 'Not a URL' on property callbacks[1]." },
  };
  await save();
  expect(await screen.findByText('2: Not a URL')).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(field('Callbacks')));
  expect(field('Callbacks').value).toBe('https://a.example/cb\nnonsense');
  refuse = { status: 500, body: {} };
  await save();
  expect((await screen.findByRole('alert')).textContent).toContain('Nothing you typed is lost');
  expect(field('Callbacks').value).toBe('https://a.example/cb\nnonsense');
});

test('the end of the session in mid-edit loses nothing', async () => {
  server();
  await show(Page);
  await userEvent.type(await screen.findByLabelText('Name'), ' kept');
  refuse = { status: 401, body: { error: 'login_required' } };
  await save();
  const dialog = await screen.findByRole('dialog', { name: 'Your session has ended' });
  expect(field('Name').value).toBe('App kept');
  refuse = undefined;
  session = { ...someSession, csrf: 'second' };
  await userEvent.click(within(dialog).getByRole('button', { name: 'I have signed in' }));
  await waitFor(() => expect(stored.name).toBe('App kept'));
});

test('a page with unsaved changes is not left without a question', async () => {
  server();
  const router = await show(Page);
  await userEvent.type(await screen.findByLabelText('Name'), '!');
  router.history.push('/t/dev/elsewhere');
  await userEvent.click(await screen.findByRole('button', { name: 'Stay' }));
  expect(field('Name').value).toBe('App!');
  router.history.push('/t/dev/elsewhere');
  await userEvent.click(await screen.findByRole('button', { name: 'Leave without saving' }));
  expect(await screen.findByText('elsewhere')).toBeTruthy();
});

test('a Viewer sees the fields and why they are closed', async () => {
  session = { ...someSession, role: 'Viewer' };
  server();
  await show(Page);
  expect((await screen.findByLabelText('Name')).closest('fieldset')?.disabled).toBe(true);
  expect(screen.getByRole('note').textContent).toContain('role Viewer');
});
