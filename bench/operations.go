package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/proofkey/proofkey/oauth"
)

// operation is one row of the table.
type operation struct {
	name       string
	signatures int
	barred     bool // CPU is held against cpuBar
	hashes     int
	// prepare makes n of what do needs, outside of what is measured; nil: nothing.
	prepare func(w *worker, n int) error
	do      func(w *worker) error
}

// Scopes of the two kinds of login: with openid there is an ID token beside the access token.
const (
	scopeOIDC = "openid profile email"
	scopeFull = "openid profile email offline_access read:messages"
	scopeAPI  = "offline_access read:messages"
)

var operations = []operation{
	{name: "authorize (signed in) + code exchange", signatures: 2, barred: true, do: authorizeAndExchange},
	{name: "code exchange (opaque access token, ID token)", signatures: 1, barred: true, prepare: codes("", scopeOIDC), do: exchangeCode},
	{name: "code exchange (API access token, ID token, refresh token)", signatures: 2, barred: true, prepare: codes(audience, scopeFull), do: exchangeCode},
	{name: "refresh, rotating (API access token)", signatures: 1, barred: true, do: func(w *worker) error { return refresh(w, w.bed.plain) }},
	{name: "refresh, rotating (API access token, ID token)", signatures: 2, barred: true, do: func(w *worker) error { return refresh(w, w.bed.full) }},
	{name: "client_credentials", signatures: 1, barred: true, do: credentials},
	{name: "userinfo (opaque token)", do: func(w *worker) error { return userinfo(w, w.bed.opaque) }},
	{name: "userinfo (JWT)", do: func(w *worker) error { return userinfo(w, w.bed.jwts) }},
	{name: "password login (authorize, page, form)", hashes: 1, do: login},
}

// bed is a running server with what its clients hold.
type bed struct {
	*site
	pid  int
	bare *bare

	cookies      []string // by user
	plain, full  []string // living refresh tokens
	opaque, jwts []string // access tokens, a few
}

// prepare signs users in and starts the families of refresh tokens.
func (b *bed) prepare(ctx context.Context) error {
	b.cookies = make([]string, signedIn)
	b.plain, b.full = make([]string, families), make([]string, families)
	b.opaque, b.jwts = make([]string, signedIn), make([]string, signedIn)
	workers := b.workers(8)
	defer closeAll(workers)
	return together(workers, func(w *worker) error {
		for i := w.id; i < signedIn && ctx.Err() == nil; i += w.of {
			var err error
			if b.cookies[i], err = w.signIn(i); err != nil {
				return err
			}
			body, err := w.token(b.phone.ID, i, "", scopeOIDC)
			if err != nil {
				return err
			}
			b.opaque[i] = member(body, "access_token")
		}
		for i := w.id; i < families && ctx.Err() == nil; i += w.of {
			user := i % signedIn // one of this worker's, since the number of workers divides that of users
			body, err := w.token(b.phone.ID, user, audience, scopeAPI)
			if err != nil {
				return err
			}
			b.plain[i] = member(body, "refresh_token")
			if body, err = w.token(b.phone.ID, user, audience, scopeFull); err != nil {
				return err
			}
			b.full[i], b.jwts[user] = member(body, "refresh_token"), member(body, "access_token")
		}
		return ctx.Err()
	})
}

// worker is one client on its own connection.
type worker struct {
	bed    *bed
	conn   *conn
	id, of int
	n      int // operations so far
	codes  []string
	took   []time.Duration
}

func (b *bed) workers(n int) []*worker {
	all := make([]*worker, n)
	for i := range all {
		all[i] = &worker{bed: b, conn: &conn{address: b.address}, id: i, of: n}
	}
	return all
}

// together runs f for all workers at once.
func together(workers []*worker, f func(*worker) error) error {
	errs := make([]error, len(workers))
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() { errs[i] = f(w) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func closeAll(workers []*worker) {
	for _, w := range workers {
		w.conn.close()
	}
}

// mine is the next of n things, of which no other worker takes the same.
func (w *worker) mine(n int) int {
	return w.id + w.of*(w.n%max(1, (n-w.id+w.of-1)/w.of))
}

func (w *worker) authorize(clientID, cookies, audience, scope string) (answer, error) {
	path := "/authorize?response_type=code&client_id=" + clientID + "&redirect_uri=" + url.QueryEscape(callback) +
		"&scope=" + url.PathEscape(scope) + "&state=xyzABC123&nonce=n-0S6_WzA2Mj&code_challenge=" + challenge +
		"&code_challenge_method=S256&audience=" + url.QueryEscape(audience)
	header := ""
	if cookies != "" {
		header = "Cookie: " + cookies + "\r\n"
	}
	a, err := w.conn.do("GET", path, header, "")
	if err == nil && a.status != http.StatusFound {
		err = a.unexpected()
	}
	return a, err
}

var challenge = oauth.S256(verifier)

// code is the parameter of the redirect to the application.
func (a answer) code() (string, error) {
	_, after, found := strings.Cut(a.header.Get("Location"), callback+"?code=")
	code, _, _ := strings.Cut(after, "&")
	if !found || code == "" {
		return "", fmt.Errorf("the redirect has no code: %.200s", a.header.Get("Location"))
	}
	return code, nil
}

func codes(audience, scope string) func(*worker, int) error {
	return func(w *worker, n int) error {
		for range n {
			code, err := w.code(w.bed.native.ID, w.mine(signedIn), audience, scope)
			if err != nil {
				return err
			}
			w.codes = append(w.codes, code)
			w.n++
		}
		return nil
	}
}

func (w *worker) code(clientID string, user int, audience, scope string) (string, error) {
	a, err := w.authorize(clientID, w.bed.cookies[user], audience, scope)
	if err != nil {
		return "", err
	}
	return a.code()
}

func (w *worker) token(clientID string, user int, audience, scope string) ([]byte, error) {
	code, err := w.code(clientID, user, audience, scope)
	if err != nil {
		return nil, err
	}
	return w.exchange(clientID, code)
}

func (w *worker) exchange(clientID, code string) ([]byte, error) {
	return w.post(`{"grant_type":"authorization_code","client_id":"` + clientID + `","code_verifier":"` + verifier +
		`","code":"` + code + `","redirect_uri":"` + callback + `"}`)
}

func (w *worker) post(body string) ([]byte, error) {
	a, err := w.conn.do("POST", "/oauth/token", "Content-Type: application/json\r\n", body)
	if err == nil && a.status != http.StatusOK {
		err = a.unexpected()
	}
	return a.body, err
}

func authorizeAndExchange(w *worker) error {
	_, err := w.token(w.bed.native.ID, w.mine(signedIn), audience, scopeFull)
	return err
}

// errNone says that what was prepared is used up.
var errNone = errors.New("nothing is left")

func exchangeCode(w *worker) error {
	if len(w.codes) == 0 {
		return errNone
	}
	code := w.codes[len(w.codes)-1]
	w.codes = w.codes[:len(w.codes)-1]
	_, err := w.exchange(w.bed.native.ID, code)
	return err
}

func refresh(w *worker, tokens []string) error {
	i := w.mine(families)
	body, err := w.post(`{"grant_type":"refresh_token","client_id":"` + w.bed.phone.ID + `","refresh_token":"` + tokens[i] + `"}`)
	if err != nil {
		return err
	}
	if tokens[i] = member(body, "refresh_token"); tokens[i] == "" {
		return fmt.Errorf("the answer has no refresh token: %.200s", body)
	}
	return nil
}

func credentials(w *worker) error {
	_, err := w.post(`{"grant_type":"client_credentials","client_id":"` + w.bed.machine.ID + `","client_secret":"` +
		w.bed.machine.Secret + `","audience":"` + audience + `"}`)
	return err
}

func userinfo(w *worker, tokens []string) error {
	a, err := w.conn.do("GET", "/userinfo", "Authorization: Bearer "+tokens[w.mine(signedIn)]+"\r\n", "")
	if err == nil && a.status != http.StatusOK {
		err = a.unexpected()
	}
	return err
}

func login(w *worker) error {
	_, err := w.signIn(w.mine(users))
	return err
}

// signIn is what a browser does for a person: /authorize, the page, its form.
func (w *worker) signIn(user int) (cookies string, err error) {
	a, err := w.authorize(w.bed.native.ID, "", audience, scopeFull)
	if err != nil {
		return "", err
	}
	page := a.header.Get("Location")
	if a, err = w.conn.do("GET", page, "", ""); err != nil || a.status != http.StatusOK {
		return "", errors.Join(err, a.unexpected())
	}
	u, err := url.Parse(page)
	if err != nil {
		return "", err
	}
	form := url.Values{"state": {u.Query().Get("state")}, "username": {email(user)}, "password": {password}, "action": {"default"}}
	header := "Content-Type: application/x-www-form-urlencoded\r\nOrigin: " + w.bed.origin + "\r\n"
	if a, err = w.conn.do("POST", u.Path, header, form.Encode()); err != nil {
		return "", err
	}
	if _, err := a.code(); err != nil {
		return "", errors.Join(err, a.unexpected())
	}
	var all []string
	for _, line := range a.header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		all = append(all, pair)
	}
	return strings.Join(all, "; "), nil
}

// conn is one HTTP/1.1 connection that is kept alive. It costs less CPU than net/http's client, which would compete with
// the server for the same cores.
type conn struct {
	address string
	c       net.Conn
	r       *bufio.Reader
	request []byte
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) unexpected() error { return fmt.Errorf("status %d: %.300s", a.status, a.body) }

var methodOf = map[string]*http.Request{"GET": {Method: "GET"}, "POST": {Method: "POST"}}

func (c *conn) do(method, path, header, body string) (a answer, err error) {
	if c.c == nil {
		if c.c, err = net.Dial("tcp", c.address); err != nil {
			return a, err
		}
		c.r = bufio.NewReaderSize(c.c, 16<<10)
	}
	b := append(c.request[:0], method...)
	b = append(append(b, ' '), path...)
	b = append(append(b, " HTTP/1.1\r\nUser-Agent: bench\r\nHost: "...), c.address...)
	b = append(append(b, "\r\n"...), header...)
	if method == http.MethodPost {
		b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(body)), 10)
		b = append(b, "\r\n"...)
	}
	c.request = append(append(b, "\r\n"...), body...)
	if err := c.c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return a, err
	}
	if _, err := c.c.Write(c.request); err != nil {
		return a, err
	}
	response, err := http.ReadResponse(c.r, methodOf[method])
	if err != nil {
		return a, err
	}
	a = answer{status: response.StatusCode, header: response.Header}
	a.body, err = io.ReadAll(response.Body)
	if response.Close {
		c.close()
	}
	return a, errors.Join(err, response.Body.Close())
}

func (c *conn) close() {
	if c.c != nil {
		c.c.Close()
		c.c = nil
	}
}

// member is a text of a JSON object that needs no unescaping.
func member(body []byte, name string) string {
	_, after, found := bytes.Cut(body, []byte(`"`+name+`":"`))
	if !found {
		return ""
	}
	text, _, _ := bytes.Cut(after, []byte(`"`))
	return string(text)
}
