package flow_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const (
	email    = "jsmith@example.com"
	password = "Mobile-Login-7-Flow"
	api      = "https://api.example.com/"

	https    = "https://app.example.com/callback"
	custom   = "com.myclientapp://myclientapp.com/callback"
	loopback = "http://127.0.0.1:8080/callback"
	local    = "http://localhost:3000/callback"
)

// scene is a tenant with one user and one application of all kinds of callbacks, the https one first.
type scene struct {
	*idptest.Server
	t    *testing.T
	app  store.Client
	user store.User
}

func open(t *testing.T, change ...func(*app.Options)) *scene {
	t.Helper()
	s := idptest.New(t, change...)
	return &scene{s, t, s.Client(store.AppNative, idptest.Callback(https, custom, loopback, local)), s.User(email, password)}
}

// signedIn is a browser with a session; its event is s.
func (s *scene) signedIn() *idptest.Browser {
	s.t.Helper()
	b := s.Browser()
	s.back(b.Login(s.AuthorizeURL(s.app), email, password), https)
	return b
}

// page fails unless the browser shows the page of a path.
func (s *scene) page(p *idptest.Page, path string) *idptest.Page {
	s.t.Helper()
	if p.Status != http.StatusOK || p.Path() != path || p.Location != "" {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want the page %s:\n%.1500s", p.URL, p.Status, p.Location, path, p.Body)
	}
	return p
}

// back fails unless the browser was sent to the callback with a code and the state.
func (s *scene) back(p *idptest.Page, callback string) *idptest.Page {
	s.t.Helper()
	if !strings.HasPrefix(p.Location, callback+"?code=") || p.Param("state") != "the state" {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want %s with a code:\n%.1500s", p.URL, p.Status, p.Location, callback, p.Body)
	}
	return p
}

// refused fails unless the application was told the error.
func (s *scene) refused(p *idptest.Page, code, description string) {
	s.t.Helper()
	if p.Param("error") != code || p.Param("error_description") != description || p.Param("state") != "the state" || p.Param("code") != "" {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want the error %s: %s", p.URL, p.Status, p.Location, code, description)
	}
}

// lost fails unless there is an error page with a sentence, and neither a redirect nor a form.
func (s *scene) lost(p *idptest.Page, status int, sentence string) {
	s.t.Helper()
	if p.Status != status || p.Location != "" || strings.Contains(p.Body, "<form") || !strings.Contains(p.Body, sentence) {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want an error page with %q:\n%.1500s", p.URL, p.Status, p.Location, sentence, p.Body)
	}
}

// events fails unless exactly these types were written, in this order.
func (s *scene) events(want string) {
	s.t.Helper()
	got := s.Events()
	if all := strings.Fields(want); !slices.Equal(got, all) {
		s.t.Errorf("events %v, want %v", got, all)
	}
}

func (s *scene) thirdParty() store.Client {
	s.t.Helper()
	return s.Client(store.AppNative, idptest.Callback(https), func(c *store.Client) {
		c.Name, c.Settings.ThirdParty = "Partner", true
	})
}

// form makes a form of names and values in turn.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// field is a value of a page's form.
func field(t *testing.T, p *idptest.Page, name string) string {
	t.Helper()
	_, after, found := strings.Cut(p.Body, `name="`+name+`" value="`)
	value, _, closed := strings.Cut(after, `"`)
	if !found || !closed {
		t.Fatalf("the page at %.80s has no field %s:\n%.1500s", p.URL, name, p.Body)
	}
	return value
}
