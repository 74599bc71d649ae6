import { expect, test } from 'vitest';
import { changed } from '#/kit/merge';
import { isColor, toBody, toValues } from './branding';

test('what is left empty is taken away, and what is not touched is not sent', () => {
  const saved = { logo_url: 'https://cdn.example.com/a.png', colors: { primary: '#112233' } };
  const values = toValues(saved);
  expect(changed(toBody(values), toBody({ ...values, logo_url: ' ' }))).toEqual({ logo_url: null });
  expect(changed(toBody(values), toBody({ ...values, primary: '' }))).toEqual({ colors: null });
  expect(toBody(values)).toEqual({ ...saved, favicon_url: null, font: null });
});

test('a background is one color, a gradient or none', () => {
  const gradient = { type: 'linear-gradient' as const, start: '#fff', end: '#000', angle_deg: 35 };
  for (const page_background of ['#abc', gradient]) {
    const body = { logo_url: null, favicon_url: null, font: null, colors: { page_background } };
    expect(toBody(toValues(body))).toEqual(body);
  }
  const plain = { ...toValues({ colors: { page_background: gradient } }), ground: 'none' as const };
  expect(toBody(plain).colors).toBeNull();
  expect(toBody({ ...plain, ground: 'color', color: '#abcdef' }).colors).toEqual({ page_background: '#abcdef' });
});

test('colors are what the server reads', () => {
  for (const good of ['#abc', '#abcd', '#aabbcc', '#AABBCCDD']) expect(isColor(good)).toBe(true);
  for (const bad of ['', 'red', '#ab', '#abcde', '#ggg', 'rgb(0,0,0)']) expect(isColor(bad)).toBe(false);
});
