import { expect, test } from 'vitest';
import { isOver, type Job, progressOf, whoOf, whyOf } from './job';

const job = (rest: Partial<Job>): Job => ({ id: 'job_1', type: 'users_import', status: 'pending', ...rest });

test.each([
  [job({}), { state: 'waiting' }],
  [job({ status: 'receiving' }), { state: 'waiting' }],
  [job({ status: 'processing' }), { state: 'running', percent: 0, secondsLeft: undefined }],
  [
    job({ status: 'processing', percentage_done: 41.7, time_left_seconds: 12.4 }),
    { state: 'running', percent: 41, secondsLeft: 12 },
  ],
  [job({ status: 'processing', percentage_done: 130 }), { state: 'running', percent: 100, secondsLeft: undefined }],
  [
    job({ status: 'completed', summary: { total: 5, inserted: 3, updated: 0, failed: 2 } }),
    { state: 'done', refused: 2 },
  ],
  [job({ status: 'completed', type: 'users_export' }), { state: 'done', refused: 0 }],
  [job({ status: 'failed', status_details: 'not a file of users' }), { state: 'failed', why: 'not a file of users' }],
])('%o', (of, is) => {
  expect(progressOf(of)).toEqual(is);
});

test('a job is asked for until it is over', () => {
  expect([undefined, job({}), job({ status: 'processing' })].map(isOver)).toEqual([false, false, false]);
  expect([job({ status: 'completed' }), job({ status: 'failed' })].map(isOver)).toEqual([true, true]);
});

test('a refused user is named as the file names them, with every reason', () => {
  const refused = {
    user: { username: 'jane' },
    errors: [
      { code: 'INVALID_FORMAT', message: 'Missing required property: email', path: 'email' },
      { code: 'DUPLICATED_USER', message: 'The user already exist and upsert parameter is false' },
    ],
  };
  expect(whoOf(refused)).toBe('jane');
  expect(whyOf(refused)).toBe(
    'email: Missing required property: email; The user already exist and upsert parameter is false',
  );
  expect(whoOf({})).toBe('–');
});
