package idptest

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser keeps cookies and follows redirects on the server, and stops where one leaves it: at the application's callback.
type Browser struct {
	t      testing.TB
	own    []string // beginnings of addresses that are the server's, beside the pages of login
	client *http.Client
	Header http.Header // sent with every request
}

// Browser makes a browser without cookies.
func (s *Server) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	s.must(err)
	var own []string
	if s.Dashboard != "" {
		own = []string{s.Dashboard + "/"}
	}
	return &Browser{t: s.t, own: own, Header: http.Header{}, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Page is what the browser shows in the end.
type Page struct {
	Status   int
	URL      string // of the page
	Location string // the redirect that left the server, or empty
	Header   http.Header
	Body     string
	browser  *Browser
}

// Get opens an address.
func (b *Browser) Get(address string) *Page {
	b.t.Helper()
	return b.follow(http.MethodGet, address, nil)
}

// Post sends a form.
func (b *Browser) Post(address string, form url.Values) *Page {
	b.t.Helper()
	return b.follow(http.MethodPost, address, form)
}

// Do sends a request as a script of a page does, with the browser's cookies; redirects are not followed. Headers come as names
// and values in turn.
func (b *Browser) Do(method, address, contentType, body string, headers ...string) Answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.Header.Clone()
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	a := Answer{Status: answer.StatusCode, Header: answer.Header, Body: readAll(answer.Body)}
	if json.Unmarshal([]byte(a.Body), &a.JSON) != nil {
		a.JSON = nil
	}
	return a
}

// Cookies are the cookies that the browser sends to an address.
func (b *Browser) Cookies(address string) []*http.Cookie {
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.client.Jar.Cookies(u)
}

// SetCookies plants cookies, as somebody else on the host could.
func (b *Browser) SetCookies(address string, cookies ...*http.Cookie) {
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.client.Jar.SetCookies(u, cookies)
}

func (b *Browser) follow(method, address string, form url.Values) *Page {
	b.t.Helper()
	for range 10 {
		r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
		if err != nil {
			b.t.Fatal(err)
		}
		r.Header = b.Header.Clone()
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := b.client.Do(r)
		if err != nil {
			b.t.Fatal(err)
		}
		p := &Page{Status: answer.StatusCode, URL: address, Header: answer.Header, Body: readAll(answer.Body), browser: b}
		answer.Body.Close()
		location := answer.Header.Get("Location")
		if location == "" {
			return p
		}
		stays := func(prefix string) bool { return strings.HasPrefix(location, prefix) }
		if !slices.ContainsFunc(append(b.own, "/", r.URL.Scheme+"://"+r.URL.Host+"/u/"), stays) {
			p.Location = location
			return p
		}
		next, err := r.URL.Parse(location)
		if err != nil {
			b.t.Fatal(err)
		}
		method, address, form = http.MethodGet, next.String(), nil
	}
	b.t.Fatal("ten redirects without a page")
	return nil
}

// Param is a parameter of the redirect that left the server, from its query or fragment.
func (p *Page) Param(name string) string {
	_, after, _ := strings.Cut(p.Location, "?")
	if after == "" {
		_, after, _ = strings.Cut(p.Location, "#")
	}
	v, err := url.ParseQuery(after)
	if err != nil {
		p.browser.t.Fatalf("the redirect %s cannot be parsed: %v", p.Location, err)
	}
	return v.Get(name)
}

// Path is the path of the page.
func (p *Page) Path() string {
	u, err := url.Parse(p.URL)
	if err != nil {
		p.browser.t.Fatal(err)
	}
	return u.Path
}

// Submit fills the page's form, names and values in turn, and sends it.
func (p *Page) Submit(fields ...string) *Page {
	p.browser.t.Helper()
	action, form := p.form()
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	base, err := url.Parse(p.URL)
	if err != nil {
		p.browser.t.Fatal(err)
	}
	target, err := base.Parse(action)
	if err != nil {
		p.browser.t.Fatal(err)
	}
	return p.browser.Post(target.String(), form)
}

// form finds the page's form: where it goes, and its hidden and filled fields.
func (p *Page) form() (action string, fields url.Values) {
	p.browser.t.Helper()
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		p.browser.t.Fatal(err)
	}
	fields = url.Values{}
	found := false
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		switch n.Data {
		case "form":
			found, action = true, attr["action"]
		case "input":
			if attr["name"] != "" {
				fields.Set(attr["name"], attr["value"])
			}
		}
	}
	if !found {
		p.browser.t.Fatalf("there is no form at %s (status %d, location %q):\n%.2000s", p.URL, p.Status, p.Location, p.Body)
	}
	return action, fields
}
