package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// settings is what interop/node/run.mjs writes: the server's own JSON line under "dev".
type settings struct {
	Dev struct {
		Issuer      string `json:"issuer"`
		HTTPSIssuer string `json:"https_issuer"`
		Native      struct {
			ClientID string `json:"client_id"`
		} `json:"native"`
		Web struct {
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
		} `json:"web"`
		M2M struct {
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
		} `json:"m2m"`
		API struct {
			Identifier string `json:"identifier"`
		} `json:"api"`
		User struct {
			Email    string `json:"email"`
			Password string `json:"password"`
			UserID   string `json:"user_id"`
		} `json:"user"`
	} `json:"dev"`
}

func load(t *testing.T) settings {
	t.Helper()
	path := os.Getenv("PROOFKEY_INTEROP")
	if path == "" {
		t.Fatal("PROOFKEY_INTEROP is not set: start the tests with interop/run.sh")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s settings
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// browser is a cookie jar that fills in the login form and stops at the first redirect to callback.
type browser struct {
	client   *http.Client
	callback string
	landed   *url.URL
}

func newBrowser(t *testing.T, callback string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{callback: callback}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), b.callback) {
			b.landed = req.URL
			return http.ErrUseLastResponse
		}
		if len(via) > 12 {
			return fmt.Errorf("more than 12 redirects, now at %s", req.URL)
		}
		return nil
	}}
	return b
}

// signIn walks from an authorization URL to the callback and answers its query.
func (b *browser) signIn(t *testing.T, from, email, password string) url.Values {
	t.Helper()
	b.landed = nil
	res, err := b.client.Get(from)
	for step := 0; err == nil && b.landed == nil && step < 5; step++ {
		var next *http.Request
		if next, err = answer(res, email, password); err == nil {
			res, err = b.client.Do(next)
		}
	}
	if err != nil {
		t.Fatalf("signing in from %s: %v", from, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if b.landed == nil {
		t.Fatalf("signing in ended on %s (%s), not on %s", res.Request.URL, res.Status, b.callback)
	}
	return b.landed.Query()
}

// answer fills the form of one page: credentials where there is a password field, "accept" elsewhere.
func answer(res *http.Response, email, password string) (*http.Request, error) {
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", res.Request.URL, res.Status)
	}
	page, err := html.Parse(res.Body)
	if err != nil {
		return nil, err
	}
	action, values := readForm(page)
	if values == nil {
		return nil, fmt.Errorf("no form on %s", res.Request.URL)
	}
	if values.Has("password") {
		values.Set("username", email)
		values.Set("password", password)
		values.Set("action", "default")
	} else {
		values.Set("action", "accept")
	}
	target, err := res.Request.URL.Parse(action)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}

func readForm(page *html.Node) (action string, values url.Values) {
	for node := range page.Descendants() {
		switch {
		case node.Type == html.ElementNode && node.Data == "form" && values == nil:
			action, values = attribute(node, "action"), url.Values{}
		case node.Type == html.ElementNode && node.Data == "input" && values != nil && attribute(node, "name") != "":
			values.Set(attribute(node, "name"), attribute(node, "value"))
		}
	}
	return action, values
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
