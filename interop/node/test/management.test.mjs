// The ManagementClient of npm's auth0, as it is, on each resource: what it makes it reads, changes, lists and deletes again, and
// what is refused arrives as the SDK's own errors.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagementClient, ManagementError } from 'auth0';
import { decodeJwt } from 'jose';
import { config } from '../config.mjs';
import { startServer } from '../server.mjs';
import { domainOf, fillTenant, managementOf } from '../tenant.mjs';

let server;
let m;
before(async () => {
  server = await startServer({ env: config.serverEnv });
  m = managementOf(server.dev);
});
after(() => server?.stop());

const password = 'Orders-Are-5-Our-Joy!';
const connection = 'Username-Password-Authentication';

// Everything of a list, page after page, as the SDK turns them.
async function all(pages) {
  const found = [];
  for await (const item of await pages) found.push(item);
  return found;
}

async function refused(promise, statusCode, pattern, errorCode) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ManagementError, error);
    assert.equal(error.statusCode, statusCode, error.message);
    assert.match(error.body.message, pattern);
    if (errorCode) assert.equal(error.body.errorCode, errorCode);
    return true;
  });
}

async function finished(id) {
  for (let i = 0; i < 100; i += 1) {
    const job = await m.jobs.get(id);
    if (job.status === 'completed' || job.status === 'failed') return job;
    await sleep(100);
  }
  throw new Error(`the job ${id} does not end`);
}

describe('ManagementClient', () => {
  test('clients', async () => {
    const made = await m.clients.create({ name: 'A', app_type: 'regular_web', callbacks: ['https://a.example/callback'] });
    assert.match(made.client_id, /^\w{32}$/);
    const read = await m.clients.get(made.client_id, { fields: 'name,callbacks', include_fields: true });
    assert.deepEqual(read, { tenant: 'dev', name: 'A', callbacks: ['https://a.example/callback'] });
    const changed = await m.clients.update(made.client_id, { name: 'B', client_metadata: { a: '1' }, initiate_login_uri: null });
    assert.deepEqual([changed.name, changed.client_metadata], ['B', { a: '1' }]);
    const { client_secret: rotated } = await m.clients.rotateSecret(made.client_id);
    assert.notEqual(rotated, made.client_secret);
    assert.equal((await new ManagementClient({ domain: domainOf(server.dev), clientId: made.client_id, clientSecret: made.client_secret })
      .clients.list().catch((error) => error)).statusCode, 401);
    await refused(m.clients.create({ name: '<a>' }), 400, /does not match pattern/, 'invalid_body');
    await refused(m.clients.get('nobody'), 404, /The client does not exist/, 'inexistent_client');
    await m.clients.delete(made.client_id);
    await refused(m.clients.get(made.client_id), 404, /The client does not exist/);
  });

  test('clients by pages and by checkpoints', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, (_, i) => m.clients.create({ name: `Page ${i}`, app_type: 'spa' })));
    const page = await m.clients.list({ per_page: 3, page: 0, include_totals: true, app_type: 'spa' });
    assert.deepEqual([page.data.length, page.hasNextPage(), page.response.start, page.response.limit], [3, true, 0, 3]);
    const ids = (await all(m.clients.list({ per_page: 3, app_type: 'spa' }))).map((client) => client.client_id);
    assert.equal(new Set(ids).size, ids.length);
    for (const client of made) assert.ok(ids.includes(client.client_id));
    await Promise.all(made.map((client) => m.clients.delete(client.client_id)));
  });

  test('resource servers, client grants, and a token for them', async () => {
    const api = await m.resourceServers.create({ identifier: 'https://b.example/', name: 'B', scopes: [{ value: 'read:b' }, { value: 'write:b' }] });
    const client = await m.clients.create({ name: 'Machine', app_type: 'non_interactive', grant_types: ['client_credentials'] });
    const grant = await m.clientGrants.create({ client_id: client.client_id, audience: api.identifier, scope: ['read:b'] });
    const body = { grant_type: 'client_credentials', client_id: client.client_id, client_secret: client.client_secret, audience: api.identifier };
    const ask = async () => (await fetch(`https://${domainOf(server.dev)}/oauth/token`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
    })).json();
    assert.equal(decodeJwt((await ask()).access_token).scope, 'read:b');
    await m.clientGrants.update(grant.id, { scope: ['read:b', 'write:b'] });
    assert.equal(decodeJwt((await ask()).access_token).scope, 'read:b write:b');
    assert.deepEqual((await all(m.clientGrants.list({ audience: api.identifier }))).map((one) => one.id), [grant.id]);
    assert.equal((await m.resourceServers.get(api.identifier)).id, api.id);
    assert.equal((await m.resourceServers.update(api.id, { token_lifetime: 60 })).token_lifetime, 60);
    assert.ok((await all(m.resourceServers.list({ per_page: 1 }))).some((one) => one.id === api.id));
    await refused(m.resourceServers.create({ identifier: api.identifier }), 409, /already exists/);
    await m.clientGrants.delete(grant.id);
    assert.equal((await ask()).error, 'access_denied');
    await m.resourceServers.delete(api.id);
  });

  test('connections and their clients', async () => {
    const made = await m.connections.create({ name: 'Customers', strategy: 'auth0', options: { passwordPolicy: 'good' } });
    assert.match(made.id, /^con_\w{16}$/);
    await m.connections.clients.update(made.id, [{ client_id: server.dev.native.client_id, status: true }]);
    assert.deepEqual((await all(m.connections.clients.get(made.id))).map((one) => one.client_id), [server.dev.native.client_id]);
    const changed = await m.connections.update(made.id, { options: { passwordPolicy: 'fair', disable_signup: true } });
    assert.deepEqual([changed.options.passwordPolicy, changed.options.disable_signup], ['fair', true]);
    assert.deepEqual((await all(m.connections.list({ strategy: ['auth0'] }))).map((one) => one.name).sort(), ['Customers', connection]);
    await refused(m.connections.create({ name: 'Customers', strategy: 'auth0' }), 409, /A connection with the same name already exists/);
    await m.connections.delete(made.id);
    await refused(m.connections.get(made.id), 404, /The connection does not exist/, 'inexistent_connection');
  });

  test('users: made, found, paged, changed, signed out, deleted', async () => {
    const made = [];
    for (let i = 0; i < 5; i += 1) {
      made.push(await m.users.create({
        connection, email: `buyer${i}@shop.example`, password, given_name: 'Bea', family_name: `Buyer ${i}`, user_metadata: { seat: i }, app_metadata: { plan: i % 2 ? 'gold' : 'free' },
      }));
    }
    const [first] = made;
    assert.match(first.user_id, /^auth0\|[0-9a-f]{24}$/);
    assert.equal((await m.users.get(first.user_id)).email, 'buyer0@shop.example');
    assert.deepEqual((await m.users.listUsersByEmail({ email: 'buyer1@shop.example' })).map((user) => user.user_id), [made[1].user_id]);
    const page = await m.users.list({ q: 'email:*@shop.example', search_engine: 'v3', per_page: 2, page: 1, include_totals: true, sort: 'email:1' });
    assert.deepEqual(page.data.map((user) => user.email), ['buyer2@shop.example', 'buyer3@shop.example']);
    assert.deepEqual([page.response.start, page.response.limit, page.response.length, page.response.total], [2, 2, 2, 5]);
    assert.equal((await all(m.users.list({ q: 'email:*@shop.example', per_page: 2 }))).length, 5);
    assert.equal((await all(m.users.list({ q: 'app_metadata.plan:"gold" AND email:buyer*' }))).length, 2);
    await refused(m.users.list({ q: 'email:(' }), 400, /./);
    const changed = await m.users.update(first.user_id, { user_metadata: { seat: 9, row: 'A' }, blocked: true, nickname: 'bea' });
    assert.deepEqual([changed.user_metadata, changed.blocked, changed.nickname], [{ seat: 9, row: 'A' }, true, 'bea']);
    await refused(m.users.create({ connection, email: 'buyer0@shop.example', password }), 409, /The user already exists/);
    await refused(m.users.create({ connection, email: 'weak@shop.example', password: 'zqx7' }), 400, /PasswordStrengthError/);
    assert.deepEqual((await all(m.users.sessions.list(first.user_id))), []);
    assert.deepEqual((await all(m.users.logs.list(first.user_id))), []); // the events of an administrator are not the user's own
    await Promise.all(made.map((user) => m.users.delete(user.user_id)));
    await refused(m.users.get(first.user_id), 404, /The user does not exist/, 'inexistent_user');
  });

  test('roles and permissions', async () => {
    const role = await m.roles.create({ name: 'Reader', description: 'Reads' });
    const user = await m.users.create({ connection, email: 'reader@shop.example', password });
    const permissions = [{ resource_server_identifier: server.dev.api.identifier, permission_name: 'read:messages' }];
    await m.roles.permissions.add(role.id, { permissions });
    await m.users.roles.assign(user.user_id, { roles: [role.id] });
    assert.deepEqual((await all(m.roles.permissions.list(role.id))).map((one) => one.permission_name), ['read:messages']);
    assert.deepEqual((await all(m.roles.users.list(role.id))).map((one) => one.user_id), [user.user_id]);
    assert.deepEqual((await all(m.users.roles.list(user.user_id))).map((one) => one.name), ['Reader']);
    assert.deepEqual((await all(m.users.permissions.list(user.user_id))).map((one) => one.sources[0].source_type), ['ROLE']);
    await m.users.permissions.create(user.user_id, { permissions });
    assert.equal((await all(m.users.permissions.list(user.user_id)))[0].sources.length, 2);
    await m.users.permissions.delete(user.user_id, { permissions });
    await m.users.roles.delete(user.user_id, { roles: [role.id] });
    assert.deepEqual(await all(m.users.permissions.list(user.user_id)), []);
    assert.equal((await m.roles.update(role.id, { name: 'Author' })).name, 'Author');
    assert.deepEqual((await all(m.roles.list({ name_filter: 'auth' }))).map((one) => one.id), [role.id]);
    await m.roles.permissions.delete(role.id, { permissions });
    await m.roles.delete(role.id);
    await refused(m.roles.get(role.id), 404, /The role does not exist/);
    await m.users.delete(user.user_id);
  });

  test('tickets, jobs and logs', async () => {
    const user = await m.users.create({ connection, email: 'ticket@shop.example', password, email_verified: false });
    const { ticket } = await m.tickets.changePassword({ user_id: user.user_id, result_url: 'https://shop.example/' });
    assert.equal((await fetch(ticket)).status, 200);
    assert.match((await m.tickets.verifyEmail({ user_id: user.user_id })).ticket, /^https?:.*ticket=/);
    const { id: connection_id } = (await all(m.connections.list({ name: connection })))[0];
    const users = new Blob([JSON.stringify([{ email: 'imported@shop.example', email_verified: true }, { email: 'ticket@shop.example' }])], { type: 'application/json' });
    const job = await finished((await m.jobs.usersImports.create({ users, connection_id, upsert: false })).id);
    assert.deepEqual([job.status, job.summary], ['completed', { total: 2, inserted: 1, updated: 0, failed: 1 }]);
    assert.equal((await m.jobs.errors.get(job.id))[0].errors[0].code, 'DUPLICATED_USER');
    const exported = await finished((await m.jobs.usersExports.create({ connection_id, format: 'json', limit: 5, fields: [{ name: 'email' }] })).id);
    assert.equal(exported.status, 'completed');
    assert.match(exported.location, /^https?:/);
    await refused(m.jobs.get('job_0000000000000000'), 404, /./);
    const events = await all(m.logs.list({ per_page: 10, q: 'type:sapi' }).then((page) => page.data));
    assert.ok(events.some((event) => event.description === 'Create a user'), JSON.stringify(events[0]));
    assert.equal((await m.logs.get(events[0].log_id)).type, 'sapi');
    await m.users.delete(user.user_id);
  });

  test('a tenant as real ones are: settings, organizations, actions, mail, branding, protection, streams', async () => {
    await fillTenant(m);
    const settings = await m.tenants.settings.get();
    assert.deepEqual([settings.friendly_name, settings.session_lifetime, settings.enabled_locales], ['Northwind', 240, ['en', 'de']]);

    const organization = await m.organizations.getByName('contoso');
    assert.equal(organization.display_name, 'Contoso');
    const [member] = await all(m.organizations.members.list(organization.id, { fields: 'roles,email,user_id', include_fields: true }));
    assert.deepEqual([member.email, member.roles.map((role) => role.name)], ['ada@northwind.example', ['Clerk']]);
    assert.deepEqual((await all(m.organizations.enabledConnections.list(organization.id))).map((one) => one.connection.name), ['Staff', 'partner']);
    const invitation = await m.organizations.invitations.create(organization.id, {
      client_id: (await all(m.clients.list())).find((client) => client.name === 'Northwind web').client_id,
      inviter: { name: 'Ada' }, invitee: { email: 'grace@northwind.example' }, send_invitation_email: false,
    });
    assert.match(invitation.invitation_url, /invitation=/);
    await m.organizations.invitations.delete(organization.id, invitation.id);
    await refused(m.organizations.get('org_0000000000000000'), 404, /No organization found/);

    const [action] = (await all(m.actions.list({ actionName: 'Greet the buyer' })));
    assert.deepEqual([action.status, action.all_changes_deployed, action.secrets.map((secret) => Object.keys(secret).sort())],
      ['built', true, [['name', 'updated_at']]]);
    assert.deepEqual((await all(m.actions.versions.list(action.id))).map((version) => version.number), [1]);
    assert.deepEqual((await all(m.actions.triggers.bindings.list('post-login'))).map((one) => one.action.name), ['Count logins', 'Greet the buyer']);
    await refused(m.actions.test(action.id, { payload: {} }), 403, /stored and not run/, 'feature_not_enabled');
    await refused(m.actions.delete(action.id), 409, /bound to a trigger/);
    await m.actions.delete(action.id, { force: true });
    assert.equal((await all(m.actions.triggers.bindings.list('post-login'))).length, 1);

    const provider = await m.emails.provider.get({ fields: 'name,enabled,default_from_address,credentials', include_fields: true });
    assert.deepEqual([provider.name, provider.credentials.smtp_pass], ['smtp', undefined]);
    assert.equal((await m.emailTemplates.get('verify_email')).subject, 'Confirm your address');
    assert.equal((await m.branding.get()).colors.primary, '#0a5c36');
    assert.equal((await m.branding.themes.getDefault()).displayName, 'Northwind');
    assert.deepEqual(await m.prompts.customText.get('login', 'en'), { login: { title: 'Good morning', description: 'Sign in to order' } });
    assert.equal((await m.attackProtection.bruteForceProtection.get()).max_attempts, 7);
    assert.deepEqual((await m.guardian.factors.list()).filter((factor) => factor.enabled).map((factor) => factor.name).sort(),
      ['otp', 'push-notification', 'recovery-code', 'sms', 'webauthn-roaming']);
    assert.deepEqual(await m.guardian.policies.list(), ['all-applications']);
    const [stream] = await m.logStreams.list();
    assert.deepEqual([stream.name, stream.status], ['To the archive', 'active']);
    await m.logStreams.delete(stream.id);
    const [custom] = await m.customDomains.list();
    assert.deepEqual([custom.domain, custom.status], ['login.northwind.example', 'pending_verification']);
    await m.customDomains.delete(custom.custom_domain_id);
    const keys = await m.keys.signing.list();
    assert.equal(keys.filter((key) => key.current).length, 1);
  });
});
