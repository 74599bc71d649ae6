package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// administration writes over the Management API.
type administration struct {
	*run
	mu    sync.Mutex
	token string
}

// bearer is a token for the Management API; another one than refused.
func (m *administration) bearer(ctx context.Context, refused string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token != "" && m.token != refused {
		return m.token, nil
	}
	a, _, err := m.ask(ctx, form("/oauth/token", "grant_type", "client_credentials", "client_id", m.site.machine.ID,
		"client_secret", m.site.machine.Secret, "audience", m.origin+"/api/v2/"))
	if err != nil {
		return "", err
	}
	if m.token = a.text("access_token"); m.token == "" {
		m.violated("client_credentials was answered %v", a)
	}
	return m.token, nil
}

// call asks until it is answered; lost says how often it was not.
func (m *administration) call(ctx context.Context, q request) (a answer, lost int, err error) {
	q.path = "/api/v2" + q.path
	for tries := 0; ; tries++ {
		if q.bearer, err = m.bearer(ctx, q.bearer); err != nil {
			return a, lost, err
		}
		var more int
		a, more, err = m.ask(ctx, q)
		lost += more
		if a.status != http.StatusUnauthorized || tries > 2 {
			return a, lost, err
		}
		// A token of before a jump of the clock is from the future, or has ended.
	}
}

// do is a call that can be repeated, so it must be answered with the one status; otherwise done is false.
func (m *administration) do(ctx context.Context, method, path, body string, status int) (done bool, err error) {
	q := request{method: method, path: path, body: body}
	if body != "" {
		q.kind = jsonKind
	}
	a, _, err := m.call(ctx, q)
	if err != nil {
		return false, err
	}
	if a.status != status {
		m.violated("%s %s was answered %v, want %d", method, path, a, status)
	}
	return a.status == status, nil
}

// get reads JSON; found is false for a 404.
func (m *administration) get(ctx context.Context, path string, into any) (found bool, err error) {
	a, _, err := m.call(ctx, request{method: "GET", path: path})
	if err != nil || a.status == http.StatusNotFound {
		return false, err
	}
	if !a.ok() || json.Unmarshal(a.body, into) != nil {
		m.violated("GET %s was answered %v", path, a)
		return false, nil
	}
	return true, nil
}

// clerk is one of those who write at the same time, each at rows of their own.
type clerk struct {
	*administration
	number int
	made   int
	// tried and kept are the numbers last written and last acknowledged, of the clerk's own user and of the application.
	tried, kept atomic.Int64
}

func (c *clerk) email(n int) string { return fmt.Sprintf("clerk%d-%d@example.com", c.number, n) }

// operate writes until ctx ends.
func (c *clerk) operate(ctx context.Context) {
	owner, err := c.create(ctx)
	if err != nil || owner == "" {
		return
	}
	path := "/users/" + url.PathEscape(owner)
	c.stand(func(ctx context.Context) (string, error) { return c.counter(ctx, path) })
	for {
		n := c.tried.Add(1)
		done, err := c.do(ctx, "PATCH", path, fmt.Sprintf(`{"user_metadata":{"n":%d}}`, n), http.StatusOK)
		if err != nil {
			return
		}
		if done {
			c.kept.Store(n)
			c.count("user written")
		}
		id, err := c.create(ctx)
		if err != nil {
			return
		}
		if id != "" && n%2 == 0 {
			if c.remove(ctx, id) != nil {
				return
			}
		} else if id != "" {
			c.note(c.there(c.email(c.made)))
		}
		if pause(ctx) != nil {
			return
		}
	}
}

// counter holds the number in the database against what was acknowledged before it was read.
func (c *clerk) counter(ctx context.Context, path string) (string, error) {
	kept := c.kept.Load()
	var user struct {
		Metadata struct{ N int64 } `json:"user_metadata"`
	}
	found, err := c.get(ctx, path, &user)
	if n := user.Metadata.N; err == nil && (!found || n < kept || n > c.tried.Load()) {
		return fmt.Sprintf("a user was written up to %d, acknowledged, but has %d (found: %v)", kept, n, found), nil
	}
	return "", err
}

// create makes a user and returns their id. Who asks again because the answer was lost may be told that the user exists;
// then there is exactly one.
func (c *clerk) create(ctx context.Context) (id string, err error) {
	c.made++
	address := c.email(c.made)
	a, lost, err := c.call(ctx, request{method: "POST", path: "/users", kind: jsonKind,
		body: fmt.Sprintf(`{"connection":"Username-Password-Authentication","email":%q,"password":%q}`, address, password)})
	switch {
	case err != nil:
		return "", err
	case a.status == http.StatusCreated:
		id = a.text("user_id")
	case a.status != http.StatusConflict || lost == 0:
		c.violated("POST /users was answered %v after %d lost answers", a, lost)
		return "", nil
	}
	c.count("user created")
	found, err := c.byEmail(ctx, address)
	if err != nil {
		return "", err
	}
	if len(found) != 1 || id != "" && found[0] != id {
		c.violated("%s was created as %q, but the users with that address are %q", address, id, found)
		return "", nil
	}
	id = found[0]
	return id, nil
}

// there is the fact that exactly one user has an address.
func (m *administration) there(address string) fact {
	return func(ctx context.Context) (string, error) {
		found, err := m.byEmail(ctx, address)
		if err == nil && len(found) != 1 {
			return fmt.Sprintf("%s was acknowledged as a user, but those are %q", address, found), nil
		}
		return "", err
	}
}

func (m *administration) byEmail(ctx context.Context, address string) (ids []string, err error) {
	var users []struct {
		ID string `json:"user_id"`
	}
	_, err = m.get(ctx, "/users-by-email?email="+url.QueryEscape(address), &users)
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids, err
}

// remove deletes a user, for good.
func (c *clerk) remove(ctx context.Context, id string) error {
	path := "/users/" + url.PathEscape(id)
	done, err := c.do(ctx, "DELETE", path, "", http.StatusNoContent)
	if err != nil || !done {
		return err
	}
	c.count("user deleted")
	c.note(func(ctx context.Context) (string, error) {
		a, _, err := c.call(ctx, request{method: "GET", path: path})
		if err == nil && a.status != http.StatusNotFound {
			return fmt.Sprintf("the user %s was deleted, but is answered %v", id, a), nil
		}
		return "", err
	})
	return nil
}

// settings writes numbers into the application's metadata until ctx ends.
func (c *clerk) settings(ctx context.Context) {
	path := "/clients/" + c.site.machine.ID
	c.stand(func(ctx context.Context) (string, error) {
		kept := c.kept.Load()
		var client struct {
			Metadata map[string]string `json:"client_metadata"`
		}
		_, err := c.get(ctx, path, &client)
		var n int64
		_, _ = fmt.Sscan(client.Metadata["n"], &n) // 0 where there is none
		if err == nil && (n < kept || n > c.tried.Load()) {
			return fmt.Sprintf("an application was written up to %d, acknowledged, but has %d", kept, n), nil
		}
		return "", err
	})
	for {
		n := c.tried.Add(1)
		done, err := c.do(ctx, "PATCH", path, fmt.Sprintf(`{"client_metadata":{"n":"%d"}}`, n), http.StatusOK)
		if err != nil {
			return
		}
		if done {
			c.kept.Store(n)
			c.count("application written")
		}
		if pause(ctx) != nil {
			return
		}
	}
}

// importPatience is how long an import may take. Whoever works on it may be killed again and again.
const importPatience = 5 * time.Minute

// importSize is how many new users an import has; half as many were in the file before it.
const importSize = 200

// imports imports users until ctx ends: whoever was in two files, or in a file that was sent twice since its answer was
// lost, is there once.
func (c *clerk) imports(ctx context.Context) {
	var connections []struct{ ID string }
	if _, err := c.get(ctx, "/connections", &connections); err != nil || len(connections) == 0 {
		return
	}
	for ; ; c.made++ {
		if err := c.importOnce(ctx, connections[0].ID); err != nil {
			return
		}
	}
}

func (c *clerk) imported(file, n int) string { return fmt.Sprintf("import%d-%d@example.com", file, n) }

func (c *clerk) importOnce(ctx context.Context, connection string) error {
	var users []map[string]any
	add := func(file, n int) {
		users = append(users, map[string]any{"email": c.imported(file, n), "email_verified": true, "user_metadata": map[string]any{"file": c.made}})
	}
	for n := range importSize {
		add(c.made, n)
		if c.made > 0 && n%2 == 0 {
			add(c.made-1, n)
		}
	}
	text, err := json.Marshal(users)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("connection_id", connection) // into memory
	part, err := w.CreateFormFile("users", "users.json")
	if err != nil {
		return err
	}
	_, _ = part.Write(text)
	w.Close()
	a, lost, err := c.call(ctx, request{method: "POST", path: "/jobs/users-imports", kind: w.FormDataContentType(), body: body.String()})
	if err != nil {
		return err
	}
	if a.status != http.StatusAccepted {
		if lost == 0 {
			c.violated("an import was answered %v", a)
		}
		return pause(ctx)
	}
	job := struct {
		Status  string
		Summary struct{ Total, Inserted, Updated, Failed int }
	}{}
	for began := time.Now(); ; {
		if found, err := c.get(ctx, "/jobs/"+a.text("id"), &job); err != nil || !found || job.Status == "failed" {
			if err == nil {
				c.violated("an import that was acknowledged is %+v (found: %v)", job, found)
			}
			return err
		}
		if job.Status == "completed" {
			break
		}
		if time.Since(began) > importPatience {
			c.violated("an import does not end: %+v after %v", job, importPatience)
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	if sum := job.Summary; sum.Total != len(users) || sum.Inserted+sum.Failed != len(users) || lost == 0 && c.made == 0 && sum.Failed > 0 {
		c.violated("an import of %d users says %+v", len(users), sum)
	}
	c.count("import")
	for n := 0; n < importSize; n += 20 {
		c.note(c.there(c.imported(c.made, n)))
	}
	return nil
}
