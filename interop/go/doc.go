// Package interop holds tests only: golang.org/x/oauth2 and coreos/go-oidc sign in against a running server, knowing nothing but
// its URL. It is a module of its own so that it can see no package of the server. Start it with interop/run.sh.
package interop
