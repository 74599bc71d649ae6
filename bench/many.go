package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/proofkey/proofkey/store"
)

// manyBar is the server's CPU for a list, search or read of users, however many there are.
const manyBar = 5 * time.Millisecond

// fillMany brings the tenant to so many users, with names that repeat as those of people do.
func (s *site) fillMany(ctx context.Context, many int, progress io.Writer) (err error) {
	db, err := store.Open(ctx, s.database, store.Options{MasterKey: s.key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const batch = 2000
	for made := 0; made < many; made += batch {
		if made%(50*batch) == 0 {
			fmt.Fprintf(progress, "%s: %d of %d users\n", s.engine, made, many)
		}
		part := make([]store.User, 0, batch)
		for n := made; n < min(made+batch, many); n++ {
			part = append(part, someUser(n))
		}
		if err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.InsertUsers(ctx, part)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func someUser(n int) store.User {
	given, family := fmt.Sprintf("Given%d", n%1000), fmt.Sprintf("Family%d", n%20000)
	at := time.Date(2020, 1, 1, 0, 0, n, 0, time.UTC)
	return store.User{
		ID: fmt.Sprintf("auth0|%024x", n), Connection: store.DefaultConnection, Email: fmt.Sprintf("many%07d@example.com", n),
		Profile:   store.Profile{Name: given + " " + family, GivenName: given, FamilyName: family, Nickname: fmt.Sprintf("many%07d", n)},
		LastLogin: at, CreatedAt: at, UpdatedAt: at,
	}
}

// manyOperations ask the Management API for users, each time for others.
func manyOperations(token string, many int) (all []operation) {
	ask := func(name string, path func(n int) string) operation {
		return operation{name: name, do: func(w *worker) error {
			a, err := w.conn.do("GET", "/api/v2"+path(rand.IntN(many)), "Authorization: Bearer "+token+"\r\n", "")
			if err == nil && a.status != http.StatusOK {
				err = a.unexpected()
			}
			return err
		}}
	}
	search := func(q string) string {
		return "/users?per_page=50&include_totals=true&q=" + strings.ReplaceAll(url.QueryEscape(q), "+", "%20")
	}
	all = []operation{
		ask("user by id", func(n int) string { return fmt.Sprintf("/users/auth0%%7C%024x", n) }),
		ask("users-by-email", func(n int) string { return fmt.Sprintf("/users-by-email?email=many%07d%%40example.com", n) }),
		ask("users, first page of 50 with the total", func(int) string { return "/users?per_page=50&include_totals=true" }),
		ask("users, the last page that is served, of 50", func(int) string { return "/users?per_page=50&page=19&include_totals=true" }),
	}
	for _, q := range []struct {
		name string
		of   func(n int) string
	}{
		{"email", func(n int) string { return fmt.Sprintf(`email:"many%07d@example.com"`, n) }},
		{"email, first letters", func(n int) string { return fmt.Sprintf("email:many%04d*", n/1000) }},
		{"name", func(n int) string { return fmt.Sprintf(`name:"given%d family%d"`, n%1000, n%20000) }},
		{"nickname", func(n int) string { return fmt.Sprintf(`nickname:"many%07d"`, n) }},
		{"given_name", func(n int) string { return fmt.Sprintf(`given_name:"given%d"`, n%1000) }},
		{"family_name", func(n int) string { return fmt.Sprintf(`family_name:"family%d"`, n%20000) }},
		{"user_id", func(n int) string { return fmt.Sprintf(`user_id:"auth0|%024x"`, n) }},
		{"created_at, a day", func(int) string { return "created_at:[2020-01-02 TO 2020-01-03]" }},
		{"last_login, open", func(int) string { return "last_login:[2020-01-02 TO *]" }},
		{"identities.connection, everybody's", func(int) string { return `identities.connection:"` + store.DefaultConnection + `"` }},
		{"given_name and family_name", func(n int) string {
			return fmt.Sprintf(`given_name:"given%d" AND family_name:"family%d"`, n%1000, n%20000)
		}},
		{"a word in any field", func(n int) string { return fmt.Sprintf(`"many%07d"`, n) }},
	} {
		all = append(all, ask("users by "+q.name, func(n int) string { return search(q.of(n)) }))
	}
	return all
}

// managementToken is one for the Management API.
func (s *site) managementToken(w *worker) (string, error) {
	body, err := w.post(fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q,"audience":"%s/api/v2/"}`,
		s.machine.ID, s.machine.Secret, s.origin))
	if err != nil {
		return "", err
	}
	return member(body, "access_token"), nil
}

// measureMany fills the tenant and measures one client's reads of users in a fresh server.
func measureMany(ctx context.Context, o options, s *site, bare *bare, progress io.Writer) (cells []cell, err error) {
	began := time.Now()
	if err := s.fillMany(ctx, o.many, progress); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	fmt.Fprintf(progress, "%s: %d users after %s\n", s.engine, o.many, time.Since(began).Round(time.Second))
	p, _, err := s.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	b := &bed{site: s, pid: p.pid, bare: bare}
	workers := b.workers(1)
	defer closeAll(workers)
	token, err := s.managementToken(workers[0])
	if err != nil {
		return nil, err
	}
	for _, op := range manyOperations(token, o.many) {
		if !o.wants(op.name) {
			continue
		}
		fmt.Fprintf(progress, "%s: %s\n", s.engine, op.name)
		c, err := b.measure(ctx, op, 1, min(o.cell, time.Second))
		if err != nil {
			return cells, fmt.Errorf("%s: %w", op.name, err)
		}
		cells = append(cells, c)
	}
	return cells, nil
}
