import { expect, test } from 'vitest';
import { ApiError } from '#/api/errors';
import { usersText } from '../text';
import { refusedField } from '../user';
import { toBody, toValues, validators } from './values';

const saved = toValues({ email: 'jane@example.com', email_verified: true, username: 'jane' });
const check = validators(usersText.en.errors, () => saved);
const errors = usersText.en.errors;

test('what is emptied is taken away, what was never there too', () => {
  expect(toBody({ ...saved, username: ' ', name: ' Jane ' })).toMatchObject({
    username: null,
    name: 'Jane',
    given_name: null,
    email: 'jane@example.com',
  });
});

test('user name and address do not change at once, as the API has it', () => {
  const both = { ...saved, username: 'janet', email: 'janet@example.com' };
  expect(check.username(both.username, both)).toBe(errors.together);
  expect(check.username('janet', { ...saved, username: 'janet', email_verified: false })).toBe(errors.together);
  expect(check.username('janet', { ...saved, username: 'janet' })).toBeNull();
  expect(check.username('', { ...saved, username: '', email: 'janet@example.com' })).toBeNull();
});

test('the last identifier stays', () => {
  const none = { ...saved, email: '', username: '' };
  expect(check.email('', none)).toBe(errors.identifier);
  expect(check.email('', { ...none, phone_number: '+4930123' })).toBeNull();
  expect(validators(errors, () => toValues({})).email('', toValues({}))).toBeNull();
});

test('what the API refuses without a property goes to the field that it is about', () => {
  const property = (status: number, message: string) => {
    const error = refusedField(new ApiError(status, '', message)) as ApiError;
    return [error.property, error.message];
  };
  const weak = 'PasswordStrengthError: Password is too weak';
  expect(property(400, weak)).toEqual(['password', weak]);
  expect(property(409, 'The user already exists.')).toEqual(['email', 'The user already exists.']);
  const taken = 'The specified new username already exists';
  expect(property(400, taken)).toEqual(['username', taken]);
  expect(property(400, 'Something else')).toEqual([undefined, 'Something else']);
});
