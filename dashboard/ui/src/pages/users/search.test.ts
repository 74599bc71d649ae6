import { expect, test } from 'vitest';
import { userSearch } from './search';

test.each([
  [undefined, undefined],
  ['  ', undefined],
  ['jane', 'jane*'],
  ['jane@example.com', 'jane@example.com*'],
  ['auth0|5f7c', 'auth0|5f7c*'],
  ['a:b', 'a:b'],
  ['10:30', '10\\:30*'],
  ['*smith', '*smith'],
  ['John Smith', '(name:John\\ Smith* OR (John* AND Smith*))'],
  ['+4930', 'phone_number:+4930*'],
  ['email:"jane@example.com"', 'email:"jane@example.com"'],
  ['jane OR john', 'jane OR john'],
  ['-email_verified:true', '-email_verified:true'],
  ['app_metadata.plan:pro', 'app_metadata.plan:pro'],
])('%s is looked for as %s', (typed, query) => {
  expect(userSearch(typed)).toBe(query);
});

test('a filter narrows what was typed, whichever way it joins its conditions', () => {
  expect(userSearch('jane OR john', 'blocked')).toBe('(jane OR john) AND blocked:true');
  expect(userSearch('jane', 'never')).toBe('jane* AND (NOT _exists_:last_login)');
  expect(userSearch(undefined, 'unverified')).toBe('(_exists_:email AND email_verified:false)');
});
