import { expect, test } from 'vitest';
import { brandingOf, difference, goodColor, goodName, nameFrom } from './organization';

test('a name is made of what an organization is called, and one that the API takes', () => {
  for (const [title, name] of [
    ['Acme Inc.', 'acme-inc'],
    ['  Müller & Söhne ', 'muller-sohne'],
    ['-- 42 --', '42'],
    ['漢字', ''],
    [`${'a'.repeat(49)} b`, 'a'.repeat(49)],
  ] as const) {
    expect(nameFrom(title)).toBe(name);
    expect(goodName(name)).toBe(name !== '');
  }
});

test('only what differs is given and taken', () => {
  expect(difference(['a', 'b'], ['b', 'c'])).toEqual({ give: ['c'], take: ['a'] });
  expect(difference([], [])).toEqual({ give: [], take: [] });
});

test('branding has no empty values', () => {
  expect(brandingOf({ logo_url: '', primary: ' ', page_background: '' })).toEqual({});
  expect(brandingOf({ logo_url: ' https://a.example/l.png', primary: '#fff', page_background: '' })).toEqual({
    logo_url: 'https://a.example/l.png',
    colors: { primary: '#fff' },
  });
  expect(['', '#abc', '#A1b2C3'].every(goodColor)).toBe(true);
  expect(['red', '#abcd', '#12345g', 'abc'].some(goodColor)).toBe(false);
});
