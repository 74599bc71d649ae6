package attack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// run is a case under way.
type run struct {
	*Target
	ctx  context.Context
	meta metadata
	host string
}

// answer is what came back; location is as it was sent.
type answer struct {
	status   int
	header   http.Header
	location string
	body     string
	json     map[string]any
	at       string // the URL that was asked
}

func (a answer) text(name string) string {
	s, _ := a.json[name].(string)
	return s
}

const (
	maxAnswer   = 1 << 20
	requestTime = 20 * time.Second
	maxHops     = 20
)

// client never follows a redirect: where one leads is what is looked at.
func (r *run) client(jar http.CookieJar) *http.Client {
	c := http.Client{Timeout: requestTime}
	if r.Client != nil {
		c = *r.Client
		c.Timeout = requestTime
	}
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// send asks without cookies. Headers come as names and values in turn.
func (r *run) send(method, address string, headers []string, body string) (answer, error) {
	return r.with(nil, method, address, headers, body)
}

func (r *run) with(jar http.CookieJar, method, address string, headers []string, body string) (answer, error) {
	q, err := http.NewRequestWithContext(r.ctx, method, address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			q.Host = headers[i+1]
			continue
		}
		q.Header.Add(headers[i], headers[i+1])
	}
	resp, err := r.client(jar).Do(q)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, location: resp.Header.Get("Location"), body: string(text), at: address}
	if json.Unmarshal(text, &a.json) != nil {
		a.json = nil
	}
	return a, nil
}

// form posts names and values as a form.
func (r *run) form(address string, fields ...string) (answer, error) {
	return r.send(http.MethodPost, address, []string{"Content-Type", "application/x-www-form-urlencoded"}, encode(fields))
}

// encode writes names and values in their order, so that a name may come twice.
func encode(fields []string) string {
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(fields[i]) + "=" + escape(fields[i+1]))
	}
	return b.String()
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// browser keeps cookies and goes on by forms, on the issuer's host only.
type browser struct {
	run *run
	jar http.CookieJar
}

func (r *run) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic("attack: " + err.Error()) // never without options
	}
	return &browser{r, jar}
}

// open goes where the URL leads, as far as that is on the issuer's host, and returns the last answer.
func (b *browser) open(address string) (answer, error) {
	return b.follow(http.MethodGet, address, nil, "")
}

func (b *browser) follow(method, address string, headers []string, body string) (answer, error) {
	for range maxHops {
		a, err := b.run.with(b.jar, method, address, headers, body)
		if err != nil || a.location == "" || a.status < 300 || a.status > 399 {
			return a, err
		}
		next, own := b.own(address, a.location)
		if !own {
			return a, nil
		}
		method, address, headers, body = http.MethodGet, next, nil, ""
	}
	return answer{}, errors.New("too many redirects")
}

// own resolves a location and says whether it stays with the issuer.
func (b *browser) own(from, location string) (string, bool) {
	base, err := url.Parse(from)
	if err != nil {
		return "", false
	}
	next, err := base.Parse(location)
	if err != nil || next.Host != b.run.host || next.Scheme != base.Scheme {
		return "", false
	}
	return next.String(), !strings.HasPrefix(location, b.run.Native.RedirectURI) || b.run.Native.RedirectURI == ""
}

// formOf finds the first form of a page with its fields; password says whether it asks for one.
func formOf(a answer) (action string, fields map[string]string, user string, password string, ok bool) {
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		return "", nil, "", "", false
	}
	fields = map[string]string{}
	var walk func(n *html.Node, in bool)
	walk = func(n *html.Node, in bool) {
		if n.Type == html.ElementNode && n.Data == "form" && !ok && strings.EqualFold(attr(n, "method"), "post") {
			ok, in, action = true, true, attr(n, "action")
		} else if n.Type == html.ElementNode && n.Data == "form" {
			in = false
		}
		if in && n.Type == html.ElementNode && (n.Data == "input" || n.Data == "button") {
			name, kind := attr(n, "name"), attr(n, "type")
			switch {
			case name == "":
			case kind == "password":
				password = name
			case kind == "email" || kind == "text" || kind == "":
				if n.Data == "input" && user == "" {
					user = name
				}
			case kind == "hidden":
				fields[name] = attr(n, "value")
			case n.Data == "button" || kind == "submit":
				if _, there := fields[name]; !there { // the first one agrees
					fields[name] = attr(n, "value")
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(doc, false)
	return action, fields, user, password, ok
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// submit sends the first form of a page, with a name and a password where it asks for them.
func (b *browser) submit(page answer, username, password string) (answer, error) {
	action, fields, user, secret, ok := formOf(page)
	if !ok {
		return page, fmt.Errorf("the page has no form: %d %.120s", page.status, page.body)
	}
	if user != "" {
		fields[user] = username
	}
	if secret != "" {
		fields[secret] = password
	}
	base, err := url.Parse(page.at)
	if err != nil {
		return page, err
	}
	target, err := base.Parse(action)
	if err != nil || target.Host != b.run.host {
		return page, fmt.Errorf("the form leads to %s", action)
	}
	var list []string
	for name, v := range fields {
		list = append(list, name, v)
	}
	origin := base.Scheme + "://" + base.Host
	return b.follow(http.MethodPost, target.String(),
		[]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", origin, "Sec-Fetch-Site", "same-origin"}, encode(list))
}

// finish answers the pages of a sign-in until the browser is sent away or nothing more can be answered.
func (b *browser) finish(page answer) (answer, error) {
	for range 6 {
		if page.status >= 300 && page.status <= 399 {
			return page, nil
		}
		if _, _, _, _, ok := formOf(page); !ok || page.status >= 400 {
			return page, nil
		}
		next, err := b.submit(page, b.run.Username, b.run.Password)
		if err != nil {
			return page, err
		}
		page = next
	}
	return page, nil
}

const verifier = "attack-verifier-attack-verifier-attack-verifier"

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorizeURL asks for a code; changes are names and values, and an empty value takes the parameter away.
func (r *run) authorizeURL(app App, changes ...string) string {
	q := []string{
		"response_type", "code", "client_id", app.ID, "redirect_uri", app.RedirectURI, "scope", "openid profile email",
		"state", "s" + rand.Text(), "code_challenge", challengeOf(verifier), "code_challenge_method", "S256",
	}
	join := "?"
	if strings.Contains(r.meta.Authorization, "?") {
		join = "&"
	}
	return r.meta.Authorization + join + encode(change(q, changes))
}

// needs says what the target lacks for a case.
func (r *run) needs(app App, user bool) error {
	switch {
	case app.ID == "" || app.RedirectURI == "":
		return absent("the target was given without such an application")
	case user && (r.Username == "" || r.Password == ""):
		return absent("the target was given without a user")
	}
	return nil
}

// login signs the user in with a fresh browser and returns where it was sent.
func (r *run) login(app App, changes ...string) (*browser, string, error) {
	if err := r.needs(app, true); err != nil {
		return nil, "", err
	}
	b := r.browser()
	page, err := b.open(r.authorizeURL(app, changes...))
	if err != nil {
		return nil, "", err
	}
	if page, err = b.finish(page); err != nil {
		return nil, "", err
	}
	return b, page.location, nil
}

// code signs the user in and returns the code.
func (r *run) code(app App, changes ...string) (string, error) {
	_, location, err := r.login(app, changes...)
	if err != nil {
		return "", err
	}
	code := param(location, "code")
	if code == "" {
		return "", fmt.Errorf("the sign-in gave no code but %.200s", location)
	}
	return code, nil
}

// param reads a parameter of a location, whatever its scheme.
func param(location, name string) string {
	_, query, _ := strings.Cut(location, "?")
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return values.Get(name)
}

// exchange redeems a code of an application; changes are as in authorizeURL.
func (r *run) exchange(app App, code string, changes ...string) (answer, error) {
	q := []string{"grant_type", "authorization_code", "client_id", app.ID, "code", code, "redirect_uri", app.RedirectURI, "code_verifier", verifier}
	if app.Secret != "" {
		q = append(q, "client_secret", app.Secret)
	}
	return r.form(r.meta.Token, change(q, changes)...)
}

// change replaces, adds and, where the value is empty, removes.
func change(q, changes []string) (out []string) {
	for i := 0; i < len(q); i += 2 {
		v := q[i+1]
		for j := 0; j < len(changes); j += 2 {
			if changes[j] == q[i] {
				v = changes[j+1]
			}
		}
		if v != "" {
			out = append(out, q[i], v)
		}
	}
	for j := 0; j < len(changes); j += 2 {
		known := false
		for i := 0; i < len(q); i += 2 {
			known = known || q[i] == changes[j]
		}
		if !known && changes[j+1] != "" {
			out = append(out, changes[j], changes[j+1])
		}
	}
	return out
}
