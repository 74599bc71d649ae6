import { expect, test } from 'vitest';
import { ApiError, formPaths, parseComplaint } from './errors';

test.each([
  [
    "Payload validation error: 'String is too long (200 chars), maximum 140' on property description (about it).",
    { what: 'String is too long (200 chars), maximum 140', property: 'description' },
  ],
  [
    "Payload validation error: 'Object didn't pass validation for format callback-url: x' on property callbacks[0].",
    { what: "Object didn't pass validation for format callback-url: x", property: 'callbacks[0]' },
  ],
  [
    "Query validation error: 'Value 0 is less than minimum 1' on property per_page (Number of results).",
    { what: 'Value 0 is less than minimum 1', property: 'per_page' },
  ],
  [
    "Payload validation error: 'Missing required property: name'.",
    { what: 'Missing required property: name', property: undefined },
  ],
  ['The client does not exist', undefined],
])('%s', (message, want) => {
  expect(parseComplaint(message)).toEqual(want);
});

test('a property has names from exact to wide', () => {
  expect(formPaths('a.b[0].c')).toEqual(['a.b.0.c', 'a.b.0', 'a.b', 'a']);
});

test('what may succeed later is told from what will not', () => {
  expect([0, 429, 500, 503].map((s) => new ApiError(s, '', 'x').passing)).toEqual([true, true, true, true]);
  expect([400, 403, 404, 412].map((s) => new ApiError(s, '', 'x').passing)).toEqual([false, false, false, false]);
});
