import { expect, test } from 'vitest';
import { complaint, difference, pretty } from './json';

test.each([
  ['{"plan":"pro","seats":[1,2,{"a":null}]}', undefined],
  ['{}', undefined],
  ['', { kind: 'syntax', line: 1, column: 1 }],
  ['{\n  "plan": "pro",\n}', { kind: 'syntax', line: 3, column: 1 }],
  ['{\n  "plan": pro\n}', { kind: 'syntax', line: 2, column: 11 }],
  ['{"a": 1} // note', { kind: 'syntax', line: 1, column: 10 }],
  ['[1, 2]', { kind: 'object' }],
  ['"text"', { kind: 'object' }],
  ['{"a": 1, "b": {"c": 1, "c": 2}}', { kind: 'twice', name: 'c' }],
  ['{"a": 1, "gone": null}', { kind: 'null', name: 'gone' }],
])('%s', (text, said) => {
  expect(complaint(text)).toEqual(said);
});

test('what is not wanted any more is taken away by name, and all of it at once', () => {
  expect(difference({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: null, b: 3, c: 4 });
  expect(difference({ a: 1 }, {})).toEqual({});
});

test('no metadata is an empty object', () => {
  expect(pretty(undefined)).toBe('{}');
});
