import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { show } from '#/test/page';
import { type Answer, serve, someSession } from '#/test/server';
import { HomePage } from './HomePage';

const today = Date.now();
const iso = (daysAgo: number) => new Date(today - daysAgo * 86_400_000).toISOString();

let clients: unknown[];
let apis: unknown[];
let active: unknown;
let days: () => Answer;
let failures: (page: number) => { log_id: string; date: string; type: string; description?: string }[];

function server() {
  return serve({
    'GET /dashboard/session': () => ({ body: someSession }),
    'GET /dashboard/api/dev/clients': () => ({ body: clients }),
    'GET /dashboard/api/dev/resource-servers': () => ({ body: apis }),
    'GET /dashboard/api/dev/stats/active-users': () => ({ body: active }),
    'GET /dashboard/api/dev/stats/daily': () => days(),
    'GET /dashboard/api/dev/logs': (request) => ({
      body: failures(Number(new URL(request.url).searchParams.get('page'))),
    }),
  });
}

const step = async (name: string) => within((await screen.findByText(name)).closest('li') as HTMLElement);
/** Of a figure's card: its number. */
const figure = (name: string) => screen.getByText(name, { selector: 'dt' }).nextElementSibling?.textContent;

beforeEach(() => {
  localStorage.clear();
  clients = [];
  apis = [{ id: 'system', is_system: true, allow_offline_access: true }];
  active = 0;
  days = () => ({ body: [] });
  failures = () => [];
});

test('a new tenant is led to its first application, API and sign-in', async () => {
  server();
  await show(HomePage);
  expect(await screen.findByRole('link', { name: 'Create the application' })).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Create the API' })).toBeTruthy();
  expect((await step('Try a sign-in')).getByText(': To do')).toBeTruthy();
  expect(screen.getByText('Nobody has signed in during the last 30 days.')).toBeTruthy();
  expect(screen.getByText('No failures')).toBeTruthy();
});

test('an API that allows no offline access is not done, and says what is missing', async () => {
  clients = [{ client_id: 'c1', name: 'App' }];
  apis = [{ id: 'a1', name: 'Shop', identifier: 'https://shop/' }];
  server();
  await show(HomePage);
  expect(await screen.findByRole('link', { name: 'Allow it in the settings' })).toBeTruthy();
  expect((await step('Create a native application')).getByText(': Done')).toBeTruthy();
  expect((await step('Create an API')).getByText(': To do')).toBeTruthy();
  expect(screen.getByText(/Shop does not allow offline access yet/)).toBeTruthy();
});

test('what happened is counted and told, and who is ready may hide the steps for good', async () => {
  clients = [{ client_id: 'c1', name: 'App' }];
  apis = [{ id: 'a1', name: 'Shop', identifier: 'https://shop/', allow_offline_access: true }];
  active = 7;
  days = () => ({ body: [{ date: `${iso(1).slice(0, 10)}T00:00:00.000Z`, logins: 5, signups: 2 }] });
  failures = () => [
    { log_id: '2', date: iso(1), type: 'fp', description: 'Wrong email or password.' },
    { log_id: '1', date: iso(40), type: 'fu', description: 'Long ago.' },
  ];
  const made = server();
  await show(HomePage);
  (await screen.findByRole('button', { name: 'Hide this' })).click();
  expect(await screen.findByRole('img', { name: /Logins: 5, failures: 1/ })).toBeTruthy();
  expect(['Active users', 'Logins', 'Sign-ups', 'Failures'].map(figure)).toEqual(['7', '5', '2', '1']);
  expect(screen.getByRole('link', { name: 'Wrong email or password.' }).getAttribute('href')).toBe('/t/dev/events/2');
  expect(screen.queryByText('Ready')).toBeNull();
  expect(localStorage.getItem('proofkey.started.dev')).not.toBeNull();
  expect(made.filter((m) => m.line.endsWith('/logs')).length).toBe(1);
});

test('failures are read as far as the month goes, and a thousand at most', async () => {
  let asked = 0;
  failures = (page) => {
    asked = Math.max(asked, page + 1);
    return Array.from({ length: 100 }, (_, i) => ({ log_id: `${page}-${i}`, date: iso(page / 2), type: 'fp' }));
  };
  server();
  await show(HomePage);
  expect(await screen.findByText(/Only the latest 1,000 failures are counted/)).toBeTruthy();
  expect(asked).toBe(10);
  expect(figure('Failures')).toBe('1,000 or more');
});

test('where the days cannot be read, the rest of the page stands', async () => {
  days = () => ({ status: 400, body: { statusCode: 400, message: 'no such days' } });
  failures = () => [{ log_id: '1', date: iso(0), type: 'fp', description: 'Wrong email or password.' }];
  server();
  await show(HomePage);
  expect((await screen.findByRole('alert')).textContent).toContain('no such days');
  expect(figure('Logins')).toBe('–');
  expect(await screen.findByRole('link', { name: 'Wrong email or password.' })).toBeTruthy();
});
