package app_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

func TestBodiesThatCannotBeRead(t *testing.T) {
	s := idptest.New(t)
	s.Client(store.AppNative)
	for name, c := range map[string]struct {
		contentType, body string
		status            int
		says              string
	}{
		"a trailing comma":      {asJSON, `{"grant_type": "authorization_code",}`, 400, "comma at offset 35"},
		"cut short":             {asJSON, `{"grant_type": "auth`, 400, "offset"},
		"two values":            {asJSON, `{"grant_type":"a"} {"b":"c"}`, 400, "offset"},
		"single quotes":         {asJSON, `{'grant_type': 'a'}`, 400, "offset 1"},
		"a list":                {asJSON, `["grant_type"]`, 400, "object"},
		"nothing":               {asJSON, ``, 400, ""},
		"null":                  {asJSON, `null`, 400, "object"},
		"a parameter twice":     {asJSON, `{"grant_type":"a","grant_type":"b"}`, 400, "Duplicate parameter: grant_type"},
		"twice by an escape":    {asJSON, `{"grant_type":"a","grant_t\u0079pe":"b"}`, 400, "Duplicate parameter: grant_type"},
		"10,000 deep":           {asJSON, `{"grant_type":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`, 400, "deep"},
		"10,000 objects deep":   {asJSON, strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000), 400, "deep"},
		"10,000 deep, unclosed": {asJSON, strings.Repeat("[", 10000), 400, ""},
		"invalid UTF-8":         {asJSON, "{\"grant_type\":\"\xff\"}", 400, "UTF-8"},
		"NUL as it is":          {asJSON, "{\"grant_type\":\"a\x00\"}", 400, ""},
		"NUL by an escape":      {asJSON, `{"client_id":"a\u0000","grant_type":"authorization_code"}`, 400, ""},
		"half a surrogate pair": {asJSON, `{"client_id":"a\ud800","grant_type":"authorization_code"}`, 400, ""},
		"2 MB":                  {asJSON, `{"a":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "1048576"},
		"1 MB of parameters":    {asForm, strings.Repeat("a=1&", 1<<18), 400, ""},
		"a form twice":          {asForm, "grant_type=a&grant_type=b", 400, "Duplicate parameter: grant_type"},
		"a form, bad percent":   {asForm, "grant_type=%zz", 400, ""},
		"a form, NUL":           {asForm, "grant_type=%00", 400, ""},
		"a form, invalid UTF-8": {asForm, "grant_type=%ff%fe", 400, "UTF-8"},
		"a form that is JSON":   {asForm, `{"grant_type":"authorization_code"}`, 400, ""},
		"XML":                   {"application/xml", "<a/>", 400, "Content-Type"},
		"multipart":             {"multipart/form-data; boundary=x", "--x--", 400, "Content-Type"},
		"no type":               {"", `{"grant_type":"a"}`, 400, "Content-Type"},
	} {
		for _, path := range []string{"/oauth/token", "/oauth/revoke"} {
			a := ask(t, s, http.MethodPost, path, c.body, "Content-Type", c.contentType)
			if a.status != c.status || !a.isJSON() || !strings.Contains(a.body, `"error":"invalid_request"`) || !strings.Contains(a.body, c.says) {
				t.Errorf("%s at %s: %d %s; want %d, invalid_request and %q", name, path, a.status, a.body, c.status, c.says)
			}
		}
	}
	nothingLeft(t, s, "f")
}

// nothingLeft checks that no refusal left more than its event.
func nothingLeft(t *testing.T, s *idptest.Server, events ...string) {
	t.Helper()
	for _, e := range s.Events() {
		known := false
		for _, want := range events {
			known = known || e == want
		}
		if !known {
			t.Errorf("there is an event %s, want only %v", e, events)
		}
	}
}

func TestWrongClientAuthentication(t *testing.T) {
	s := idptest.New(t)
	c := s.Client(store.AppRegularWeb, idptest.Callback("https://app.example.com/cb"))
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	const body = "grant_type=client_credentials&audience=x"
	for name, c := range map[string]struct {
		header, more string
		status       int
	}{
		"wrong secret":        {basic(c.ID + ":wrong"), "", 401},
		"no secret":           {basic(c.ID + ":"), "", 401},
		"no colon":            {basic(c.ID), "", 401},
		"unknown application": {basic("nobody:" + c.Secret), "", 401},
		"empty":               {"Basic ", "", 401},
		"only the scheme":     {"Basic", "", 401},
		"not base64":          {"Basic !!!!", "", 401},
		"invalid UTF-8":       {basic("\xff\xfe:\xff"), "", 401},
		"NUL in the id":       {basic(c.ID + "\x00:" + c.Secret), "", 401},
		"very long":           {basic(c.ID + ":" + strings.Repeat("x", 20000)), "", 401},
		"ids that differ":     {basic(c.ID + ":" + c.Secret), "&client_id=other", 400},
		"secrets that differ": {basic(c.ID + ":" + c.Secret), "&client_secret=other", 400},
		"a secret twice":      {"", "&client_id=" + c.ID + "&client_secret=a&client_secret=b", 400},
		"another scheme":      {"Digest abc", "", 400},
		"a bearer token":      {"Bearer abc", "", 400},
		"garbage":             {"\xff\xff", "", 400},
	} {
		headers := []string{"Content-Type", asForm}
		if c.header != "" {
			headers = append(headers, "Authorization", c.header)
		}
		a := ask(t, s, http.MethodPost, "/oauth/token", body+c.more, headers...)
		if a.status != c.status || !a.isJSON() {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, c.status)
		}
		if challenge := a.header.Get("WWW-Authenticate"); a.status == 401 && !strings.HasPrefix(challenge, "Basic ") {
			t.Errorf("%s: the challenge is %q, want Basic", name, challenge)
		}
	}
	a := ask(t, s, http.MethodPost, "/oauth/token", body, "Content-Type", asForm,
		"Authorization", basic(c.ID+":"+c.Secret), "Authorization", basic(c.ID+":"+c.Secret))
	if a.status != 401 {
		t.Errorf("two Authorization headers: %d %s, want 401", a.status, a.body)
	}
}

func TestGarbageAtUserinfo(t *testing.T) {
	s := idptest.New(t)
	for name, c := range map[string]struct {
		header, query string
		status        int
	}{
		"nothing":                 {"", "", 401},
		"only the scheme":         {"Bearer", "", 400},
		"a space":                 {"Bearer  ", "", 400},
		"garbage":                 {"Bearer abc", "", 401},
		"two words":               {"Bearer abc def", "", 400},
		"invalid UTF-8":           {"Bearer \xff", "", 400},
		"three empty parts":       {"Bearer ..", "", 401},
		"five empty parts":        {"Bearer ....", "", 401},
		"no algorithm":            {"Bearer eyJhbGciOiJub25lIn0.e30.", "", 401},
		"an algorithm of secrets": {"Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "", 401},
		"long":                    {"Bearer " + strings.Repeat("a", 9000), "", 401},
		"Basic":                   {"Basic YTpi", "", 401},
		"in two places":           {"Bearer abc", "?access_token=abc", 400},
		"twice":                   {"", "?access_token=a&access_token=b", 400},
		"NUL":                     {"", "?access_token=%00", 400},
	} {
		var headers []string
		if c.header != "" {
			headers = []string{"Authorization", c.header}
		}
		a := ask(t, s, http.MethodGet, "/userinfo"+c.query, "", headers...)
		if a.status != c.status || !a.isJSON() {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, c.status)
		}
	}
}

func TestWhatIsTooLong(t *testing.T) {
	s := idptest.New(t)
	if a := ask(t, s, http.MethodGet, "/authorize?a="+strings.Repeat("x", 20<<10), ""); a.status != http.StatusRequestURITooLong {
		t.Errorf("a URL of 20 KiB: %d, want 414", a.status)
	}
	if a := ask(t, s, http.MethodGet, "/.well-known/jwks.json", "", "X-Huge", strings.Repeat("x", 2<<20)); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 2 MB: %d, want 431", a.status)
	}
	chunked := "POST /oauth/token HTTP/1.1\r\nHost: " + strings.TrimPrefix(s.URL, "http://") +
		"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + strings.Repeat(" ", 2<<20) + "\r\n0\r\n\r\n"
	if a := raw(t, s, chunked); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("2 MB of undeclared length: %d %s, want 413", a.status, a.body)
	}
}

// TestASlowBodyBlocksNobody: who sends a byte now and then keeps a connection busy, and nothing else.
func TestASlowBodyBlocksNobody(t *testing.T) {
	s := idptest.New(t)
	host := strings.TrimPrefix(s.URL, "http://")
	for range 50 {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := io.WriteString(c, "POST /oauth/token HTTP/1.1\r\nHost: "+host+"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if a := ask(t, s, http.MethodPost, "/oauth/token", "grant_type=x", "Content-Type", asForm); a.status != 400 {
				t.Errorf("%d %s, want 400", a.status, a.body)
			}
		})
	}
	wg.Wait()
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("20 requests beside 50 slow ones took %v", d)
	}
}
