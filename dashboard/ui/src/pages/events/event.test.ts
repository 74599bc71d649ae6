import { describe, expect, it } from 'vitest';
import { eventQuery, failed, settingPath } from './event';

describe('eventQuery', () => {
  it('looks for a word in every naming field, and cannot be broken out of', () => {
    const q = eventQuery('a" OR type:"s', undefined);
    expect(q).toContain('user_name:"a\\" OR type:\\"s"');
    expect(q?.match(/ OR /g)?.length).toBeGreaterThan(8);
  });
  it('leaves a query with a field alone and adds the filter', () => {
    expect(eventQuery('ip:10.0.0.1', 'failed')).toBe('(ip:10.0.0.1) AND (type:f* OR type:limit_*)');
    expect(eventQuery(undefined, 'succeeded')).toBe('NOT (type:f* OR type:limit_*)');
    expect(eventQuery(undefined, undefined)).toBeUndefined();
  });
});

it('knows failures by their code', () => {
  expect(['f', 'fp', 'ferrt', 'limit_wc'].every(failed)).toBe(true);
  expect(['s', 'ss', 'seacft', 'sapi', 'slo'].some(failed)).toBe(false);
});

it('leads to the page of a setting', () => {
  expect(settingPath('dev', { resource: 'clients', id: 'a/b', field: 'callbacks' })).toBe('/t/dev/applications/a%2Fb');
  expect(settingPath('dev', { resource: 'users', id: 'auth0|1', field: 'blocked' })).toBe('/t/dev/users/auth0%7C1');
  expect(settingPath('dev', { resource: 'attack-protection', field: 'max_attempts' })).toBe(
    '/t/dev/security/brute-force',
  );
  expect(settingPath('dev', { resource: 'tenants', field: 'default_audience' })).toBe('/t/dev/settings/general');
  expect(settingPath('dev', { resource: 'elsewhere', field: 'x' })).toBeUndefined();
});
