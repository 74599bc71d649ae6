import { expect, test } from 'vitest';
import { changed, changes, equal, merge } from './merge';

const base = { name: 'a', urls: ['x'], token: { life: 1, idle: 2 } };

test('what each changed alone is kept, whoever is preferred', () => {
  const theirs = { ...base, name: 'b', token: { life: 5, idle: 2 } };
  const mine = { ...base, urls: ['x', 'y'], token: { life: 1, idle: 3 } };
  const both = { name: 'b', urls: ['x', 'y'], token: { life: 5, idle: 3 } };
  expect(merge(base, theirs, mine, 'mine')).toEqual(both);
  expect(merge(base, theirs, mine, 'theirs')).toEqual(both);
});

test('a field that both changed is the preferred one’s', () => {
  const theirs = { ...base, name: 'b' };
  const mine = { ...base, name: 'c' };
  expect(merge(base, theirs, mine, 'mine').name).toBe('c');
  expect(merge(base, theirs, mine, 'theirs').name).toBe('b');
  expect(changes(base, theirs, mine)).toEqual([{ path: 'name', base: 'a', theirs: 'b', mine: 'c', clash: true }]);
});

test('the same edit by both is no clash', () => {
  const same = { ...base, token: { life: 9, idle: 2 } };
  expect(changes(base, same, same)).toEqual([{ path: 'token.life', base: 1, theirs: 9, mine: 9, clash: false }]);
});

test('a PATCH has the properties that differ', () => {
  expect(changed(base, { ...base, urls: [] })).toEqual({ urls: [] });
  expect(changed(base, { name: 'a', urls: ['x'], token: { idle: 2, life: 1 } })).toEqual({});
});

test('order counts in lists, not in objects', () => {
  expect(equal([1, 2], [2, 1])).toBe(false);
  expect(equal({ a: 1, b: [{}] }, { b: [{}], a: 1 })).toBe(true);
  expect(equal({}, [])).toBe(false);
});
