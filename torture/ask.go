package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// asker sends requests to the site and repeats them until they are answered.
type asker struct {
	origin string
	host   string // that is asked for; empty: the origin's
	http   *http.Client
}

func newAsker(origin string) *asker {
	return &asker{origin: origin, http: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 512, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}}
}

// request is one request; nothing in it is used up, so it can be sent again.
type request struct {
	method, path string
	kind         string // of the body
	body         string
	bearer       string
	cookies      []*http.Cookie
	jar          http.CookieJar // overrides cookies, and takes those of the answer
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, a.body) }

// text is a member of a JSON answer.
func (a answer) text(name string) string {
	var members map[string]any
	_ = json.Unmarshal(a.body, &members) // then there is no such member
	s, _ := members[name].(string)
	return s
}

// redirect is a parameter of the address that an answer leads to.
func (a answer) redirect(name string) string {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.Query().Get(name)
}

// errUnknown says that nobody knows what became of a request: its answer was lost, or says that something broke.
var errUnknown = errors.New("no answer")

// once sends a request. Its error is errUnknown, or that of ctx.
func (k *asker) once(ctx context.Context, q request) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, k.origin+q.path, strings.NewReader(q.body))
	if err != nil {
		return answer{}, err
	}
	r.Host = k.host
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+q.bearer)
	}
	if q.kind == formKind {
		r.Header.Set("Origin", k.origin)
	}
	if q.jar != nil {
		q.cookies = q.jar.Cookies(r.URL)
	}
	for _, c := range q.cookies {
		r.AddCookie(c)
	}
	response, err := k.http.Do(r)
	if err != nil {
		return answer{}, errors.Join(errUnknown, ctx.Err())
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		return a, errors.Join(errUnknown, ctx.Err())
	}
	if q.jar != nil {
		q.jar.SetCookies(r.URL, response.Cookies())
	}
	if a.status >= 500 || a.status == http.StatusTooManyRequests {
		return a, errUnknown
	}
	return a, nil
}

// ask repeats a request until it is answered; lost says how often it was not. The error is that of ctx.
func (k *asker) ask(ctx context.Context, q request) (a answer, lost int, err error) {
	for ; ; lost++ {
		if a, err = k.once(ctx, q); !errors.Is(err, errUnknown) {
			return a, lost, err
		}
		select {
		case <-ctx.Done():
			return a, lost, fmt.Errorf("%s %s is not answered, the last time with %v: %w", q.method, q.path, a, ctx.Err())
		case <-time.After(time.Duration(20+rand.IntN(80)) * time.Millisecond):
		}
	}
}

const (
	formKind = "application/x-www-form-urlencoded"
	jsonKind = "application/json"
)

// form is a request to an endpoint that takes forms.
func form(path string, kv ...string) request {
	values := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		values.Set(kv[i], kv[i+1])
	}
	return request{method: "POST", path: path, kind: formKind, body: values.Encode()}
}
