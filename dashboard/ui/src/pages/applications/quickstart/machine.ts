import type { Facts, Quickstart } from './platforms';

const none = { callbacks: [], logoutUrls: [], webOrigins: [] };
const api = (f: Facts) => f.audience || 'https://api.example.com/';

export const curl = (f: Facts): Quickstart => ({
  ...none,
  steps: [
    { name: 'configure', code: 'CLIENT_SECRET=…' },
    {
      name: 'token',
      code: `curl ${f.issuer}oauth/token --json '{
  "grant_type": "client_credentials",
  "client_id": "${f.clientId}",
  "client_secret": "'$CLIENT_SECRET'",
  "audience": "${api(f)}"
}'`,
    },
    { name: 'call', code: `curl ${api(f)} -H "Authorization: Bearer $ACCESS_TOKEN"` },
  ],
});

export const go = (f: Facts): Quickstart => ({
  ...none,
  steps: [
    { name: 'install', code: 'go get golang.org/x/oauth2' },
    { name: 'configure', code: 'export CLIENT_SECRET=…' },
    {
      name: 'call',
      file: 'main.go',
      code: `package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"

	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	config := clientcredentials.Config{
		ClientID:       "${f.clientId}",
		ClientSecret:   os.Getenv("CLIENT_SECRET"),
		TokenURL:       "${f.issuer}oauth/token",
		EndpointParams: url.Values{"audience": {"${api(f)}"}},
	}
	client := config.Client(context.Background()) // keeps the token and gets another when it has expired
	answer, err := client.Get("${api(f)}")
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
}`,
    },
  ],
});

export const node = (f: Facts): Quickstart => ({
  ...none,
  steps: [
    { name: 'configure', code: 'export CLIENT_SECRET=…' },
    {
      name: 'call',
      file: 'call.mjs',
      code: `const answer = await fetch('${f.issuer}oauth/token', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    grant_type: 'client_credentials',
    client_id: '${f.clientId}',
    client_secret: process.env.CLIENT_SECRET,
    audience: '${api(f)}',
  }),
});
const { access_token, expires_in } = await answer.json(); // keep it: one token serves for expires_in seconds
const data = await fetch('${api(f)}', { headers: { Authorization: \`Bearer \${access_token}\` } });
console.log(data.status);`,
    },
  ],
});
