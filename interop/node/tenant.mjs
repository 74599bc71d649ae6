// A tenant as real ones are: every resource that the deploy tool exports, with settings that differ from the defaults, made by
// the unmodified ManagementClient.
import { ManagementClient } from 'auth0';

export const domainOf = (dev) => new URL(dev.https_issuer).host;

export function managementOf(dev) {
  return new ManagementClient({ domain: domainOf(dev), clientId: dev.m2m.client_id, clientSecret: dev.m2m.client_secret });
}

async function fillClients(m) {
  const native = await m.clients.create({
    name: 'Northwind for phones', description: 'The app in the stores', app_type: 'native', is_first_party: true, oidc_conformant: true,
    callbacks: ['com.northwind.app://login', 'https://app.northwind.example/callback'], allowed_logout_urls: ['com.northwind.app://logout'],
    grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none', client_metadata: { team: 'mobile' },
    logo_uri: 'https://northwind.example/logo.png',
    refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 3, token_lifetime: 1296000, idle_token_lifetime: 604800 },
    mobile: {
      android: { app_package_name: 'com.northwind.app', sha256_cert_fingerprints: [Array(32).fill('A1').join(':')] },
      ios: { team_id: 'NORTHWIND1', app_bundle_identifier: 'com.northwind.app' },
    },
    native_social_login: { apple: { enabled: true }, facebook: { enabled: false } },
  });
  const spa = await m.clients.create({
    name: 'Northwind web', app_type: 'spa', callbacks: ['https://northwind.example', 'https://*.preview.northwind.example'],
    web_origins: ['https://northwind.example'], allowed_origins: ['https://northwind.example'], allowed_logout_urls: ['https://northwind.example'],
    grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none', initiate_login_uri: 'https://northwind.example/login',
    jwt_configuration: { alg: 'RS256', lifetime_in_seconds: 7200 }, organization_usage: 'allow', organization_require_behavior: 'no_prompt',
  });
  const regular = await m.clients.create({
    name: 'Northwind back office', app_type: 'regular_web', callbacks: ['https://office.northwind.example/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], token_endpoint_auth_method: 'client_secret_basic',
    sso_disabled: true, client_aliases: [], require_pushed_authorization_requests: false,
  });
  const m2m = await m.clients.create({
    name: 'Northwind nightly export', app_type: 'non_interactive', grant_types: ['client_credentials'],
    client_metadata: { schedule: 'nightly', owner: 'data' },
  });
  return { native, spa, regular, m2m };
}

async function fillAPIs(m, { m2m, regular }) {
  const orders = 'https://orders.northwind.example/';
  await m.resourceServers.create({
    name: 'Orders', identifier: orders, signing_alg: 'RS256', token_lifetime: 3600, token_lifetime_for_web: 1800, allow_offline_access: true,
    skip_consent_for_verifiable_first_party_clients: true, enforce_policies: true, token_dialect: 'access_token_authz',
    scopes: [{ value: 'read:orders', description: 'Read orders' }, { value: 'write:orders', description: 'Change orders' }, { value: 'delete:orders' }],
  });
  await m.resourceServers.create({ name: 'Stock', identifier: 'urn:northwind:stock', signing_alg: 'PS256', scopes: [{ value: 'read:stock' }] });
  await m.clientGrants.create({ client_id: m2m.client_id, audience: orders, scope: ['read:orders'] });
  await m.clientGrants.create({ client_id: m2m.client_id, audience: 'urn:northwind:stock', scope: ['read:stock'] });
  await m.clientGrants.create({ client_id: regular.client_id, audience: orders, scope: ['read:orders', 'write:orders'], organization_usage: 'allow', allow_any_organization: true });
  return { orders };
}

async function fillRoles(m, { orders }) {
  const clerk = await m.roles.create({ name: 'Clerk', description: 'Takes orders' });
  const manager = await m.roles.create({ name: 'Manager', description: 'Takes them back' });
  const permission = (name) => ({ permission_name: name, resource_server_identifier: orders });
  await m.roles.permissions.add(clerk.id, { permissions: [permission('read:orders'), permission('write:orders')] });
  await m.roles.permissions.add(manager.id, { permissions: [permission('read:orders'), permission('delete:orders')] });
  return { clerk, manager };
}

async function fillConnections(m, { native, spa, regular }) {
  const staff = await m.connections.create({
    name: 'Staff', strategy: 'auth0', enabled_clients: [native.client_id, regular.client_id], realms: ['Staff'],
    options: {
      passwordPolicy: 'excellent', password_history: { enable: true, size: 5 }, password_no_personal_info: { enable: true },
      password_complexity_options: { min_length: 14 }, password_dictionary: { enable: true, dictionary: ['northwind'] },
      requires_username: true, disable_signup: true, brute_force_protection: true, validation: { username: { min: 3, max: 20 } },
      mfa: { active: true, return_enroll_settings: true }, enabledDatabaseCustomization: false, disable_self_service_change_password: false,
    },
  });
  const { data: [standard] } = await m.connections.list({ name: 'Username-Password-Authentication' });
  // The deploy tool fills this in when it imports, so it is there from the beginning.
  await m.connections.update(standard.id, { options: { ...standard.options, disable_self_service_change_password: false } });
  const google = await m.connections.create({
    name: 'google-oauth2', strategy: 'google-oauth2', enabled_clients: [spa.client_id],
    options: { client_id: 'northwind.apps.googleusercontent.com', client_secret: 'google-secret', email: true, profile: true, scope: ['email', 'profile'] },
  });
  const oidc = await m.connections.create({
    name: 'partner', strategy: 'oidc', display_name: 'Our partner', show_as_button: true, is_domain_connection: false, enabled_clients: [spa.client_id],
    options: {
      type: 'back_channel', client_id: 'northwind-at-partner', client_secret: 'partner-secret', issuer: 'https://login.partner.example',
      authorization_endpoint: 'https://login.partner.example/authorize', token_endpoint: 'https://login.partner.example/token',
      jwks_uri: 'https://login.partner.example/jwks', scope: 'openid profile email', domain_aliases: ['partner.example'],
    },
  });
  return { staff, google, oidc };
}

async function fillActions(m) {
  const helper = await m.actions.modules.create({ name: 'northwind-helper', code: 'module.exports = { greet: (name) => name };\n', publish: true });
  const greet = await m.actions.create({
    name: 'Greet the buyer', supported_triggers: [{ id: 'post-login', version: 'v3' }], runtime: 'node22',
    code: "exports.onExecutePostLogin = async (event, api) => {\n  api.idToken.setCustomClaim('greeting', 'hello');\n};\n",
    dependencies: [{ name: 'lodash', version: '4.17.21' }], secrets: [{ name: 'GREETING', value: 'a secret greeting' }],
    modules: [{ module_id: helper.id, module_version_id: helper.latest_version.id }], deploy: true,
  });
  const machine = await m.actions.create({
    name: 'Narrow machines', supported_triggers: [{ id: 'credentials-exchange', version: 'v2' }], deploy: true,
    code: 'exports.onExecuteCredentialsExchange = async () => {};\n',
  });
  await m.actions.create({ name: 'Not yet deployed', supported_triggers: [{ id: 'post-user-registration', version: 'v2' }], code: 'exports.onExecutePostUserRegistration = async () => {};\n' });
  const second = await m.actions.create({
    name: 'Count logins', supported_triggers: [{ id: 'post-login', version: 'v3' }], code: 'exports.onExecutePostLogin = async () => {};\n', deploy: true,
  });
  const ref = (action) => ({ ref: { type: 'action_id', value: action.id }, display_name: `${action.name} (bound)` });
  await m.actions.triggers.bindings.updateMany('post-login', { bindings: [ref(second), ref(greet)] });
  await m.actions.triggers.bindings.updateMany('credentials-exchange', { bindings: [ref(machine)] });
}

async function fillOrganizations(m, { regular }, { oidc, staff }, { orders }, { clerk }) {
  const organization = await m.organizations.create({
    name: 'contoso', display_name: 'Contoso', metadata: { plan: 'gold' },
    branding: { logo_url: 'https://contoso.example/logo.png', colors: { primary: '#336699', page_background: '#ffffff' } },
  });
  await m.organizations.create({ name: 'fabrikam', display_name: 'Fabrikam' });
  await m.organizations.enabledConnections.add(organization.id, { connection_id: oidc.id, assign_membership_on_login: true, show_as_button: true });
  await m.organizations.enabledConnections.add(organization.id, { connection_id: staff.id, assign_membership_on_login: false, is_signup_enabled: false });
  const user = await m.users.create({ connection: 'Staff', email: 'ada@northwind.example', username: 'ada', password: 'Orders-Are-5-Our-Joy!', name: 'Ada' });
  await m.organizations.members.create(organization.id, { members: [user.user_id] });
  await m.organizations.members.roles.assign(organization.id, user.user_id, { roles: [clerk.id] });
  const { data: grants } = await m.clientGrants.list({ client_id: regular.client_id, audience: orders });
  await m.organizations.clientGrants.create(organization.id, { grant_id: grants[0].id });
}

async function fillMail(m) {
  await m.emails.provider.create({
    name: 'smtp', enabled: true, default_from_address: 'orders@northwind.example',
    credentials: { smtp_host: 'mail.northwind.example', smtp_port: 587, smtp_user: 'northwind', smtp_pass: 'mail-secret' },
  });
  await m.emailTemplates.create({
    template: 'verify_email', from: 'Northwind <orders@northwind.example>', subject: 'Confirm your address', syntax: 'liquid', enabled: true,
    body: '<p>Follow <a href="{{ url }}">this link</a>, {{ user.name }}.</p>', resultUrl: 'https://northwind.example/', urlLifetimeInSeconds: 432000,
  });
  await m.emailTemplates.create({
    template: 'welcome_email', from: '', subject: 'Welcome', syntax: 'liquid', enabled: false, body: '<p>Welcome to {{ application.name }}.</p>',
  });
}

async function fillBranding(m) {
  await m.branding.update({
    colors: { primary: '#0a5c36', page_background: '#f4f1ea' }, logo_url: 'https://northwind.example/logo.png',
    favicon_url: 'https://northwind.example/favicon.ico', font: { url: 'https://northwind.example/serif.woff2' },
  });
  await m.branding.themes.create(theme);
  await m.prompts.updateSettings({ universal_login_experience: 'new', identifier_first: true, webauthn_platform_first_factor: false });
  await m.prompts.customText.set('login', 'en', { login: { title: 'Good morning', description: 'Sign in to order' } });
  await m.prompts.customText.set('signup', 'en', { signup: { title: 'Become a customer' } });
  await m.prompts.partials.set('login', { login: { 'form-content-start': '<p>Orders placed before noon leave today.</p>' } });
  await m.customDomains.create({ domain: 'login.northwind.example', type: 'auth0_managed_certs', domain_metadata: { region: 'north' } });
  await m.branding.templates.updateUniversalLogin(
    '<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body class="northwind">{%- auth0:widget -%}</body></html>');
}

const theme = {
  displayName: 'Northwind',
  borders: {
    button_border_radius: 4, button_border_weight: 1, buttons_style: 'rounded', input_border_radius: 3, input_border_weight: 1,
    inputs_style: 'pill', show_widget_shadow: false, widget_border_weight: 0, widget_corner_radius: 6,
  },
  colors: {
    base_focus_color: '#0a5c36', base_hover_color: '#0a5c36', body_text: '#1e212a', captcha_widget_theme: 'auto', error: '#d03c38', header: '#1e212a',
    icons: '#65676e', input_background: '#ffffff', input_border: '#c9cace', input_filled_text: '#000000', input_labels_placeholders: '#65676e',
    links_focused_components: '#0a5c36', primary_button: '#0a5c36', primary_button_label: '#ffffff', secondary_button_border: '#c9cace',
    secondary_button_label: '#1e212a', success: '#13a688', widget_background: '#ffffff', widget_border: '#c9cace',
  },
  fonts: {
    body_text: { bold: false, size: 87.5 }, buttons_text: { bold: true, size: 100 }, font_url: 'https://northwind.example/serif.woff2',
    input_labels: { bold: false, size: 100 }, links: { bold: true, size: 87.5 }, links_style: 'underlined', reference_text_size: 16,
    subtitle: { bold: false, size: 87.5 }, title: { bold: true, size: 150 },
  },
  page_background: { background_color: '#f4f1ea', background_image_url: 'https://northwind.example/back.jpg', page_layout: 'right' },
  widget: { header_text_alignment: 'left', logo_height: 40, logo_position: 'left', logo_url: 'https://northwind.example/logo.png', social_buttons_layout: 'top' },
};

async function fillSettings(m) {
  await m.tenants.settings.update({
    friendly_name: 'Northwind', picture_url: 'https://northwind.example/logo.png', support_email: 'help@northwind.example',
    support_url: 'https://northwind.example/help', session_lifetime: 240, idle_session_lifetime: 100, enabled_locales: ['en', 'de'],
    default_redirection_uri: 'https://northwind.example/login', flags: { enable_client_connections: false, revoke_refresh_token_grant: true },
    session_cookie: { mode: 'non-persistent' }, sessions: { oidc_logout_prompt_enabled: false },
  });
}

async function fillProtection(m) {
  await m.attackProtection.bruteForceProtection.update({ enabled: true, shields: ['block'], mode: 'count_per_identifier', max_attempts: 7, allowlist: ['203.0.113.9'] });
  await m.attackProtection.suspiciousIpThrottling.update({
    enabled: true, shields: ['block', 'admin_notification'], allowlist: ['203.0.113.0/24'],
    stage: { 'pre-login': { max_attempts: 90, rate: 900000 }, 'pre-user-registration': { max_attempts: 40, rate: 1300 } },
  });
  await m.attackProtection.breachedPasswordDetection.update({
    enabled: true, shields: ['admin_notification', 'user_notification'], admin_notification_frequency: ['daily'], method: 'standard',
    stage: { 'pre-user-registration': { shields: ['block'] } },
  });
  await m.attackProtection.botDetection.update({ bot_detection_level: 'high', challenge_password_policy: 'when_risky', allowlist: ['203.0.113.7'], monitoring_mode_enabled: false });
  await m.guardian.factors.set('otp', { enabled: true });
  await m.guardian.factors.set('recovery-code', { enabled: true });
  await m.guardian.factors.set('sms', { enabled: true });
  await m.guardian.factors.phone.setMessageTypes({ message_types: ['sms'] });
  await m.guardian.factors.phone.setProvider({ provider: 'twilio' });
  await m.guardian.factors.phone.setTwilioProvider({ sid: 'AC0123', auth_token: 'phone-secret', from: '+15550100' });
  await m.guardian.factors.phone.setTemplates({ enrollment_message: '{{code}} enrols this telephone', verification_message: '{{code}} signs you in' });
  await m.guardian.factors.set('webauthn-roaming', { enabled: true });
  await m.guardian.factors.set('push-notification', { enabled: true });
  await m.guardian.factors.pushNotification.setSnsProvider({
    aws_access_key_id: 'AKIA0123', aws_secret_access_key: 'push-secret', aws_region: 'eu-north-1', sns_apns_platform_application_arn: 'arn:aws:sns:1', sns_gcm_platform_application_arn: 'arn:aws:sns:2',
  });
  await m.riskAssessments.settings.update({ enabled: true });
  await m.riskAssessments.settings.newDevice.update({ remember_for: 20 });
  await m.guardian.policies.set(['all-applications']);
}

async function fillLogStreams(m) {
  await m.logStreams.create({
    name: 'To the archive', type: 'http', filters: [{ type: 'category', name: 'auth.login.fail' }],
    sink: { httpEndpoint: 'https://logs.northwind.example/in', httpContentType: 'application/json', httpContentFormat: 'JSONLINES', httpAuthorization: 'Bearer log-secret' },
  });
}

export async function fillTenant(m) {
  await fillSettings(m);
  const clients = await fillClients(m);
  const apis = await fillAPIs(m, clients);
  const roles = await fillRoles(m, apis);
  const connections = await fillConnections(m, clients);
  await fillActions(m);
  await fillOrganizations(m, clients, connections, apis, roles);
  await fillMail(m);
  await fillBranding(m);
  await fillProtection(m);
  await fillLogStreams(m);
}
