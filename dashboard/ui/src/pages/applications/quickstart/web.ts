import type { Facts, Quickstart } from './platforms';

const line = (text: string, when: string) => (when ? `\n${text}` : '');

export function spa(f: Facts): Quickstart {
  return {
    callbacks: [f.origin],
    logoutUrls: [f.origin],
    webOrigins: [f.origin],
    steps: [
      { name: 'install', code: 'npm install @auth0/auth0-spa-js' },
      {
        name: 'login',
        file: 'auth.js',
        code: `import { createAuth0Client } from '@auth0/auth0-spa-js';

const auth0 = await createAuth0Client({
  domain: '${f.domain}',
  clientId: '${f.clientId}',
  useRefreshTokens: true,
  cacheLocation: 'memory',
  authorizationParams: {
    redirect_uri: window.location.origin,${line(`    audience: '${f.audience}',`, f.audience)}
    scope: '${f.scope}',
  },
});

if (new URLSearchParams(location.search).has('code')) {
  await auth0.handleRedirectCallback();
  history.replaceState({}, '', location.pathname);
}

if (!(await auth0.isAuthenticated())) await auth0.loginWithRedirect();
console.log(await auth0.getUser());`,
      },
      {
        name: 'call',
        code: `const token = await auth0.getTokenSilently();
await fetch('${f.audience || 'https://api.example.com/'}', { headers: { Authorization: \`Bearer \${token}\` } });`,
      },
      {
        name: 'logout',
        code: `await auth0.logout({ logoutParams: { returnTo: window.location.origin } });`,
      },
    ],
  };
}

const goOptions = (f: Facts) => (f.audience ? `, oauth2.SetAuthURLParam("audience", "${f.audience}")` : '');

/** A program on a desktop: the browser returns to a port of the machine itself. */
export function goCli(f: Facts): Quickstart {
  return {
    callbacks: ['http://127.0.0.1/callback'],
    logoutUrls: [],
    webOrigins: [],
    steps: [
      { name: 'install', code: 'go get golang.org/x/oauth2 github.com/coreos/go-oidc/v3/oidc' },
      {
        name: 'login',
        file: 'main.go',
        code: `package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, "${f.issuer}")
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:    "${f.clientId}",
		Endpoint:    provider.Endpoint(),
		RedirectURL: "http://" + listener.Addr().String() + "/callback", // any port of 127.0.0.1 is let in
		Scopes:      []string{${f.scope
      .split(' ')
      .map((s) => `"${s}"`)
      .join(', ')}},
	}
	verifier, state := oauth2.GenerateVerifier(), rand.Text()
	fmt.Println("Open", config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)${goOptions(f)}))

	done := make(chan string)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/callback" || r.FormValue("state") != state {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintln(w, "You can close this tab.")
		done <- r.FormValue("code")
	}))

	token, err := config.Exchange(ctx, <-done, oauth2.VerifierOption(verifier))
	if err != nil {
		log.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Signed in as", id.Subject)

	client := config.Client(ctx, token) // renews the access token when it has expired
	_ = client
}`,
      },
    ],
  };
}

export function go(f: Facts): Quickstart {
  const callback = `${f.origin}/callback`;
  return {
    callbacks: [callback],
    logoutUrls: [f.origin],
    webOrigins: [],
    steps: [
      { name: 'install', code: 'go get golang.org/x/oauth2 github.com/coreos/go-oidc/v3/oidc' },
      { name: 'configure', code: `export CLIENT_SECRET=…` },
      {
        name: 'login',
        file: 'main.go',
        code: `package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	provider, err := oidc.NewProvider(context.Background(), "${f.issuer}")
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     "${f.clientId}",
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  "${callback}",
		Scopes:       []string{${f.scope
      .split(' ')
      .map((s) => `"${s}"`)
      .join(', ')}},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})

	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		state, pkce := rand.Text(), oauth2.GenerateVerifier()
		for name, value := range map[string]string{"state": state, "pkce": pkce} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 600})
		}
		http.Redirect(w, r, config.AuthCodeURL(state, oauth2.S256ChallengeOption(pkce)${goOptions(f)}), http.StatusFound)
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		state, err := r.Cookie("state")
		if err != nil || state.Value != r.FormValue("state") {
			http.Error(w, "state does not match", http.StatusBadRequest)
			return
		}
		pkce, err := r.Cookie("pkce")
		if err != nil {
			http.Error(w, "no verifier", http.StatusBadRequest)
			return
		}
		token, err := config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(pkce.Value))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		raw, _ := token.Extra("id_token").(string)
		id, err := verifier.Verify(r.Context(), raw)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintln(w, "Signed in as", id.Subject)
	})
	log.Fatal(http.ListenAndServe("${new URL(f.origin).host}", nil))
}`,
      },
    ],
  };
}

export function node(f: Facts): Quickstart {
  return {
    callbacks: [`${f.origin}/callback`],
    logoutUrls: [f.origin],
    webOrigins: [],
    steps: [
      { name: 'install', code: 'npm install express express-openid-connect' },
      { name: 'configure', code: `export CLIENT_SECRET=…\nexport SESSION_SECRET=$(openssl rand -hex 32)` },
      {
        name: 'login',
        file: 'server.mjs',
        code: `import express from 'express';
import { auth, requiresAuth } from 'express-openid-connect';

const app = express();
app.use(
  auth({
    issuerBaseURL: '${f.issuer}',
    baseURL: '${f.origin}',
    clientID: '${f.clientId}',
    clientSecret: process.env.CLIENT_SECRET,
    secret: process.env.SESSION_SECRET,
    authRequired: false,
    idpLogout: true,
    authorizationParams: {
      response_type: 'code',${line(`      audience: '${f.audience}',`, f.audience)}
      scope: '${f.scope}',
    },
  }),
);

app.get('/', (req, res) => res.send(req.oidc.isAuthenticated() ? req.oidc.user.name : '<a href="/login">Sign in</a>'));
app.get('/profile', requiresAuth(), (req, res) => res.json(req.oidc.user));
app.listen(${new URL(f.origin).port || '80'});`,
      },
      {
        name: 'call',
        code: `let { access_token, isExpired, refresh } = req.oidc.accessToken;
if (isExpired()) ({ access_token } = await refresh());
await fetch('${f.audience || 'https://api.example.com/'}', { headers: { Authorization: \`Bearer \${access_token}\` } });`,
      },
    ],
  };
}

const encoded = encodeURIComponent;

const authorize = (f: Facts, callback: string) =>
  `echo "${f.issuer}authorize?response_type=code&client_id=${encoded(f.clientId)}&redirect_uri=${encoded(callback)}&scope=${encoded(f.scope)}${
    f.audience ? `&audience=${encoded(f.audience)}` : ''
  }&state=$(openssl rand -hex 8)&code_challenge=$CHALLENGE&code_challenge_method=S256"`;

const verifier = `VERIFIER=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=')`;

function curlSteps(f: Facts, callback: string, secret: boolean): Quickstart['steps'] {
  const authentication = secret ? `,\n  "client_secret": "'$CLIENT_SECRET'"` : '';
  return [
    ...(secret ? [{ name: 'configure' as const, code: 'CLIENT_SECRET=…' }] : []),
    { name: 'login', code: `${verifier}\n${authorize(f, callback)}` },
    {
      name: 'token',
      code: `CODE=…   # from the address to which the browser returned
curl ${f.issuer}oauth/token --json '{
  "grant_type": "authorization_code",
  "client_id": "${f.clientId}"${authentication},
  "code": "'$CODE'",
  "code_verifier": "'$VERIFIER'",
  "redirect_uri": "${callback}"
}'`,
    },
    {
      name: 'refresh',
      code: `REFRESH_TOKEN=…
curl ${f.issuer}oauth/token --json '{
  "grant_type": "refresh_token",
  "client_id": "${f.clientId}"${authentication},
  "refresh_token": "'$REFRESH_TOKEN'"
}'`,
    },
    { name: 'call', code: `curl ${f.issuer}userinfo -H "Authorization: Bearer $ACCESS_TOKEN"` },
  ];
}

export function curl(f: Facts): Quickstart {
  const callback = 'http://127.0.0.1/callback';
  return { callbacks: [callback], logoutUrls: [], webOrigins: [], steps: curlSteps(f, callback, false) };
}

export function curlWithSecret(f: Facts): Quickstart {
  const callback = `${f.origin}/callback`;
  return { callbacks: [callback], logoutUrls: [], webOrigins: [], steps: curlSteps(f, callback, true) };
}
