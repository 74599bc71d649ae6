// A tenant with some life in it: what an administrator would see of a small company, set up over the Management API and signed in to.
import { createHash, randomBytes } from 'node:crypto';
import { newPassword } from './console.mjs';
import { Walker } from './walk.mjs';

const callback = 'https://acme.example.com/callback';
const secretless = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] };
const people = ['Mary Shelley', 'Alan Turing', 'Grace Hopper', 'Katherine Johnson', 'Edsger Dijkstra', 'Barbara Liskov', 'Donald Knuth', 'Radia Perlman', 'Tim Berners-Lee', 'Hedy Lamarr', 'Ken Thompson', 'Margaret Hamilton'];

export async function settle(desk) {
  const post = (path, body) => desk.must('POST', path, body);
  const app = await post('/clients', {
    name: 'Acme for iPhone', app_type: 'native', ...secretless, description: 'The app in the store', callbacks: [callback, 'com.acme.app://auth.example.com/ios/com.acme.app/callback'],
    allowed_logout_urls: ['https://acme.example.com/'], mobile: { ios: { team_id: 'A1B2C3D4E5', app_bundle_identifier: 'com.acme.app' } },
  });
  await post('/clients', { name: 'Acme Shop', app_type: 'spa', ...secretless, callbacks: ['https://shop.acme.example.com/'] });
  await post('/clients', { name: 'Acme Back Office', app_type: 'regular_web', callbacks: ['https://office.acme.example.com/callback'] });
  const worker = await post('/clients', { name: 'Nightly billing', app_type: 'non_interactive', grant_types: ['client_credentials'] });

  const scopes = [{ value: 'read:orders', description: 'See orders' }, { value: 'write:orders', description: 'Make and change orders' }, { value: 'refund:orders', description: 'Pay money back' }];
  const audience = 'https://orders.acme.example.com/';
  await post('/resource-servers', { name: 'Orders', identifier: audience, allow_offline_access: true, scopes, enforce_policies: true, token_dialect: 'access_token_authz' });
  await post('/resource-servers', { name: 'Invoices', identifier: 'https://invoices.acme.example.com/', scopes: [{ value: 'read:invoices', description: 'See invoices' }] });
  await post('/client-grants', { client_id: worker.client_id, audience, scope: ['read:orders'] });

  const clerk = await post('/roles', { name: 'Clerk', description: 'Works at the counter' });
  await post(`/roles/${clerk.id}/permissions`, { permissions: scopes.slice(0, 2).map(({ value }) => ({ permission_name: value, resource_server_identifier: audience })) });
  await post('/roles', { name: 'Accountant', description: 'Sees money come and go' });

  const password = newPassword();
  const users = [];
  for (const name of people) {
    const email = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@acme.example.com`;
    const user_metadata = { language: 'en', theme: 'dark' };
    users.push(await post('/users', { connection: 'Username-Password-Authentication', email, name, password, email_verified: true, user_metadata, app_metadata: { plan: 'pro' } }));
  }
  await post(`/users/${encodeURIComponent(users[0].user_id)}/roles`, { roles: [clerk.id] });
  await desk.must('PATCH', `/users/${encodeURIComponent(users[3].user_id)}`, { blocked: true });

  const [{ id: connection }] = await desk.must('GET', '/connections');
  for (const [name, display_name] of [['northwind', 'Northwind Traders'], ['contoso', 'Contoso']]) {
    const made = await post('/organizations', { name, display_name, enabled_connections: [{ connection_id: connection, assign_membership_on_login: false }] });
    await post(`/organizations/${made.id}/members`, { members: users.slice(0, 3).map(({ user_id }) => user_id) });
  }

  for (const { email } of users.slice(0, 4)) await signIn(desk.server.issuer, app.client_id, audience, { username: email, password });
  return { app, audience, users, password };
}

// Signs somebody in as the app would, to the very end; a blocked user gets as far as they get.
async function signIn(issuer, client_id, audience, person) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code', client_id, redirect_uri: callback, scope: 'openid profile email offline_access read:orders', audience, state: 'a', nonce: 'b',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const { location } = await new Walker().signIn(`${issuer}authorize?${query}`, person);
  const code = new URL(location).searchParams.get('code');
  if (!code) return;
  await fetch(`${issuer}oauth/token`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ grant_type: 'authorization_code', client_id, code, redirect_uri: callback, code_verifier: verifier }),
  });
}
