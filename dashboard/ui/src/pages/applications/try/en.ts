export const en = {
  title: 'Try the sign-in',
  intro:
    'Signs somebody in with this application, in a new tab, and shows each request and answer. For that time this page is the application: the tokens stay in it, and are gone when you leave.',
  api: 'API',
  noApi: 'None',
  scope: 'Scopes',
  scopeHelp: 'offline_access asks for a refresh token.',
  login: 'Ask for the password even if somebody is signed in',
  loginHelp: 'Sends prompt=login. Without it, single sign-on answers where it can.',
  secret: 'Client secret',
  secretHelp: 'It is sent to this tenant’s token endpoint, and kept nowhere.',
  begin: 'Sign in in a new tab',
  waiting: 'Waiting for the sign-in in the other tab…',
  again: 'Begin anew',
  blocked: 'The browser did not open a new tab. Allow this page to open one, and try again.',
  callbackMissing: (address: string) =>
    `The sign-in comes back to ${address}, which is not among this application’s Allowed Callback URLs yet.`,
  addCallback: 'Add to Allowed Callback URLs',
  added: 'Callback URL added',
  callbackThere: 'This page’s address is among the Allowed Callback URLs.',
  removeCallback: 'Remove it',
  removed: 'Callback URL removed',
  noGrantTitle: 'Nobody signs in to this application',
  noGrantText: 'It lacks the grant type Authorization Code: it gets tokens in its own name, or not at all.',
  toSettings: 'Grant types in the settings',
  noProofTitle: 'This page cannot prove to be the application',
  noProofText: (method: string) =>
    `It proves itself by ${method}, with a key that only the application has. “proofkey login” and the Quickstart show the same flow.`,
  insecureTitle: 'The browser does no cryptography here',
  insecureText:
    'It hashes and verifies on pages of https, or of this machine, only. Open the Dashboard at such an address.',
  request: 'Request',
  answer: 'Answer',
  noAnswer:
    'There was no answer that this page may read: the tenant cannot be reached, or it does not know this page’s origin.',
  header: 'Header',
  decoded: 'Decoded',
  checks: 'What an application checks',
  opaque: 'It is opaque: only the tenant can read it. Ask for an API to get one that the API can check by itself.',
  refresh: 'Use the refresh token',
  noRefresh: 'No refresh token came:',
  noRefreshReasons: {
    scope: 'offline_access was not asked for.',
    grant: 'the application lacks the grant type Refresh Token.',
    api: 'the API does not allow offline access.',
    other: 'the tenant did not grant offline_access.',
  },
  why: 'Why? See the login events',
  steps: {
    authorize: {
      title: 'The application opens the browser',
      text: 'At the tenant, with what it asks for. The challenge is the hash of a secret that the application keeps until step 3.',
    },
    callback: {
      title: 'The browser comes back',
      text: 'With a code that is good once, for a short time, and only for who has the secret behind the challenge.',
    },
    token: {
      title: 'The application redeems the code',
      text: 'It shows the secret (code_verifier), so nobody who saw the code on its way can use it.',
    },
    refresh: {
      title: 'The application renews its tokens',
      text: 'Without a user. The tenant checks again that the user, the application and the API still allow it.',
    },
    idToken: { title: 'The ID token', text: 'Says to the application who signed in. It is not for APIs.' },
    accessToken: { title: 'The access token', text: 'Goes along with each request to the API, which checks it.' },
    userinfo: {
      title: 'The application asks who it is',
      text: 'With the access token; the answer is the profile as it is now.',
    },
  },
  checkNames: {
    state: 'state is the one that was sent: the answer belongs to this request',
    signature: 'a published key of the tenant signed it',
    iss: 'iss is the tenant that was asked',
    aud: 'aud names this application',
    exp: 'exp has not passed',
    nonce: 'nonce is the one that was sent: the token belongs to this sign-in',
  },
  answered: {
    title: 'You have signed in',
    text: 'The page that you came from shows what happened. You can close this tab.',
    lateTitle: 'No page waits for this sign-in',
    lateText:
      'The page that began it was closed or loaded anew, so nobody has the secret behind the code. Begin the try again.',
  },
};
