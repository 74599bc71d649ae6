import { expect, test } from 'vitest';
import { preferred } from '#/i18n/provider';
import { roundAbove } from './chart';
import { parseLines } from './inputs';
import { flag, natural, oneOf, searchParams, text } from './search';
import { duration, relativeTime, unitOf } from './time';

test('search parameters that do not fit are left out', () => {
  const read = searchParams({ q: text, page: natural, type: oneOf('native', 'spa'), open: flag });
  expect(read({ q: 42, page: '3', type: 'spa', open: 'true', other: 1 })).toEqual({
    q: '42',
    page: 3,
    type: 'spa',
    open: true,
  });
  expect(read({ q: '', page: 0, type: 'box', open: 'no' })).toEqual({});
  expect(read({ page: 1.5 })).toEqual({});
});

test('lines, and addresses pasted with commas, are taken apart; commas inside of an address stay', () => {
  expect(parseLines(' https://a.example/cb,\nhttps://b.example, com.app://cb\n\n')).toEqual([
    'https://a.example/cb',
    'https://b.example',
    'com.app://cb',
  ]);
  expect(parseLines('https://a.example/?x=1,2')).toEqual(['https://a.example/?x=1,2']);
});

test('times in words', () => {
  expect(relativeTime(0, 59_000, 'en')).toBe('59 seconds ago');
  expect(relativeTime(0, 3 * 3_600_000 + 59_000, 'en')).toBe('3 hours ago');
  expect(relativeTime(0, 86_400_000, 'de')).toBe('gestern');
  expect(duration(0, 'en')).toBe('0 seconds');
  expect(duration(93_784, 'en')).toBe('1 day 2 hours');
  expect([unitOf(0), unitOf(90), unitOf(36_000), unitOf(86_400)]).toEqual(['seconds', 'seconds', 'hours', 'days']);
});

test('a language is chosen by the person, then by the browser', () => {
  expect(preferred('es', ['de-AT'])).toBe('es');
  expect(preferred(null, ['fr', 'de-AT', 'en'])).toBe('de');
  expect(preferred(null, ['fr'])).toBe('en');
});

test('the scale of a chart is round, halves to whole numbers and holds every bar', () => {
  expect([0, 1, 2, 3, 5, 7, 9, 10, 11, 19, 61, 999, 1001].map(roundAbove)).toEqual([
    2, 2, 2, 4, 6, 8, 10, 10, 20, 20, 80, 1000, 2000,
  ]);
});
