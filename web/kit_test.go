package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// ask sends one request through a kit and returns the answer and the log lines.
func ask(t *testing.T, k web.Kit, r *http.Request, h http.Handler) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var log bytes.Buffer
	k.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w := httptest.NewRecorder()
	k.Wrap(h).ServeHTTP(w, r)
	var lines []map[string]any
	for d := json.NewDecoder(&log); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatalf("log: %v", err)
		}
		lines = append(lines, line)
	}
	return w, lines
}

func TestOneLogLine(t *testing.T) {
	now := time.Unix(0, 0)
	k := web.Kit{Now: func() time.Time { now = now.Add(time.Millisecond); return now }}
	r := httptest.NewRequest("GET", "/authorize?code=SECRET&state=SECRET", nil)
	r.Header.Set("Authorization", "Bearer SECRET")
	r.Header.Set("Cookie", "auth0=SECRET")
	w, lines := ask(t, k, r, web.Handle(web.RenderOAuth, func(w http.ResponseWriter, r *http.Request) error {
		m := web.MetaOf(r.Context())
		m.ID, m.ClientID, m.UserID, m.Event = "tx_mine", "client", "auth0|1", "seacft"
		return web.JSON(w, http.StatusOK, map[string]int{"a": 1})
	}))
	if len(lines) != 1 {
		t.Fatalf("%d log lines, want 1: %v", len(lines), lines)
	}
	for key, want := range map[string]any{
		"level": "INFO", "method": "GET", "path": "/authorize", "status": 200.0, "bytes": 7.0, "duration": 1e6,
		"ip": "192.0.2.1", "id": "tx_mine", "client_id": "client", "user_id": "auth0|1", "event": "seacft", "err": nil,
	} {
		if lines[0][key] != want {
			t.Errorf("log has %s=%v, want %v", key, lines[0][key], want)
		}
	}
	if text, _ := json.Marshal(lines); bytes.Contains(text, []byte("SECRET")) {
		t.Errorf("the log has a secret: %s", text)
	}
	for name, want := range map[string]string{
		"X-Request-Id": "tx_mine", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Strict-Transport-Security": "",
		"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("private cause")
	for _, tt := range []struct {
		name   string
		err    error
		status int
		body   string // ID stands for the transaction id
		level  string
	}{
		{"literal", problem.New(403, "invalid_grant", "Invalid authorization code").Because(cause), 403, `{"error":"invalid_grant","error_description":"Invalid authorization code"}`, "INFO"},
		{"explained", problem.Explain(400, "invalid_request", "No.").Because(cause), 400, `{"error":"invalid_request","error_description":"No. (ID)"}`, "INFO"},
		{"unknown", cause, 500, `{"error":"server_error","error_description":"An internal error occurred. The log of the server has the reason under this id. (ID)"}`, "ERROR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, lines := ask(t, web.Kit{}, httptest.NewRequest("POST", "/oauth/token", nil),
				web.Handle(web.RenderOAuth, func(http.ResponseWriter, *http.Request) error { return tt.err }))
			id := w.Header().Get("X-Request-Id")
			if want := strings.ReplaceAll(tt.body, "ID", id); w.Code != tt.status || w.Body.String() != want {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, want)
			}
			if !strings.HasPrefix(id, "tx_") || len(id) < 25 || lines[0]["id"] != id {
				t.Errorf("X-Request-Id %q, log %v", id, lines[0]["id"])
			}
			if text, _ := lines[0]["err"].(string); !strings.Contains(text, "private cause") || lines[0]["level"] != tt.level {
				t.Errorf("log has level %v and err %q", lines[0]["level"], text)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Pragma") != "no-cache" || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestErrorHeaders(t *testing.T) {
	e := problem.New(429, "too_many_requests", "Too many requests")
	e.Challenge, e.RetryAfter = `Basic realm="x"`, 1500*time.Millisecond
	w := httptest.NewRecorder()
	web.RenderOAuth(w, httptest.NewRequest("GET", "/", nil), e)
	if w.Header().Get("WWW-Authenticate") != `Basic realm="x"` || w.Header().Get("Retry-After") != "2" {
		t.Errorf("headers %v", w.Header())
	}
}

func TestErrorAfterTheAnswerBegan(t *testing.T) {
	w, lines := ask(t, web.Kit{}, httptest.NewRequest("GET", "/", nil), web.Handle(web.RenderOAuth, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("late")
	}))
	if w.Code != 200 || w.Body.String() != "half" || !strings.Contains(lines[0]["err"].(string), "late") {
		t.Errorf("got %d %q, log %v", w.Code, w.Body, lines[0])
	}
}

func TestPanics(t *testing.T) {
	w, lines := ask(t, web.Kit{}, httptest.NewRequest("GET", "/", nil), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || !strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "boom") || strings.Contains(w.Body.String(), ".go") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if len(lines) != 1 || lines[0]["level"] != "ERROR" || !strings.Contains(lines[0]["err"].(string), "boom") || !strings.Contains(lines[0]["stack"].(string), "TestPanics") {
		t.Errorf("log %v", lines)
	}
	for name, h := range map[string]http.HandlerFunc{
		"asked for":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"half an answer":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")); panic("boom") },
		"a runtime error": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200); _ = []int{}[len(r.Method)] },
	} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("%s: the connection is not cut", name)
				}
			}()
			ask(t, web.Kit{}, httptest.NewRequest("GET", "/", nil), h)
		}()
	}
}

func TestClientWentAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	_, lines := ask(t, web.Kit{}, r, web.Handle(web.RenderOAuth, func(_ http.ResponseWriter, r *http.Request) error {
		cancel()
		return r.Context().Err()
	}))
	if lines[0]["status"] != 499.0 || lines[0]["level"] != "INFO" {
		t.Errorf("log %v, want status 499", lines[0])
	}
}

func TestBounds(t *testing.T) {
	readAll := web.Handle(web.RenderOAuth, func(w http.ResponseWriter, r *http.Request) error {
		body, err := web.ReadBody(r)
		if err != nil {
			return err
		}
		return web.JSON(w, 200, len(body))
	})
	unknownLength := func(s string) *http.Request {
		return httptest.NewRequest("POST", "/", struct{ io.Reader }{strings.NewReader(s)})
	}
	wrongLength := httptest.NewRequest("POST", "/", struct{ io.Reader }{strings.NewReader("four")})
	wrongLength.ContentLength = 2
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		body   string
	}{
		{"1 MiB", httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("a", 1<<20))), 200, "1048576"},
		{"one byte more", httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("a", 1<<20+1))), 413, "1048576 bytes"},
		{"1 MiB of unknown length", unknownLength(strings.Repeat("a", 1<<20)), 200, "1048576"},
		{"2 MB of unknown length", unknownLength(strings.Repeat("a", 2_000_000)), 413, "1048576 bytes"},
		{"no body", httptest.NewRequest("POST", "/", nil), 200, "0"},
		{"small body", unknownLength("abc"), 200, "3"},
		{"longer than it said", wrongLength, 200, "4"},
		{"long URL", httptest.NewRequest("GET", "/?a="+strings.Repeat("a", 16<<10), nil), 414, "Request-URI Too Large"},
		{"URL just short enough", httptest.NewRequest("GET", "/?a="+strings.Repeat("a", 16<<10-4), nil), 200, "0"},
	} {
		w, lines := ask(t, web.Kit{}, tt.r, readAll)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || len(lines) != 1 {
			t.Errorf("%s: got %d %.200s, want %d %s", tt.name, w.Code, w.Body, tt.status, tt.body)
		}
	}
	w, _ := ask(t, web.Kit{MaxBody: 3, MaxURL: 5, HSTS: func(host string) bool { return host == "example.com" }}, unknownLength("four"), readAll)
	if w.Code != 413 || w.Header().Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

func TestFlushThroughTheKit(t *testing.T) {
	s := httptest.NewServer((&web.Kit{}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "first")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("Flush: %v", err)
		}
		<-r.Context().Done()
	})))
	defer s.Close()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" || resp.Header.Get("X-Request-Id") == "" {
		t.Errorf("got %q, %v, %v", first, err, resp.Header)
	}
}

func TestClientIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, tt := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "203.0.113.9:1234", nil, "203.0.113.9"},
		{"direct, with a forged header", "203.0.113.9:1234", []string{"1.1.1.1"}, "203.0.113.9"},
		{"through a proxy", "10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"through a proxy, forged on the left", "10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		{"through two proxies", "10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9, 10.2.3.4"}, "203.0.113.9"},
		{"two headers", "10.0.0.1:1", []string{"1.1.1.1", "203.0.113.9", "10.2.3.4"}, "203.0.113.9"},
		{"with a port", "10.0.0.1:1", []string{"203.0.113.9:55"}, "203.0.113.9"},
		{"IPv6 in brackets", "[2001:db8::1]:1", []string{"[2001:470::9]:55"}, "2001:470::9"},
		{"IPv6 bare", "[2001:db8::1]:1", []string{"2001:470::9"}, "2001:470::9"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},
		{"only proxies", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"nonsense", "10.0.0.1:1", []string{"1.1.1.1, unknown"}, "10.0.0.1"},
		{"nonsense behind a proxy", "10.0.0.1:1", []string{"<script>, 10.0.0.2"}, "10.0.0.2"},
		{"very long", "10.0.0.1:1", []string{"1.1.1.1" + strings.Repeat(", 10.0.0.2", 500)}, "10.0.0.2"},
		{"no remote address", "@", []string{"1.1.1.1"}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		r.Header["X-Forwarded-For"] = tt.forwarded
		var got string
		ask(t, web.Kit{Proxies: proxies}, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = web.MetaOf(r.Context()).IP }))
		if got != tt.want {
			t.Errorf("%s: IP %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestForwardedHostAndSchemeAreIgnored(t *testing.T) {
	r := httptest.NewRequest("GET", "http://tenant.example.com/", nil)
	r.Header.Set("X-Forwarded-Host", "evil.com")
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("Forwarded", "host=evil.com;proto=https")
	ask(t, web.Kit{Proxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if m := web.MetaOf(r.Context()); m.Host != "tenant.example.com" || r.URL.Scheme != "http" {
			t.Errorf("host %q, scheme %q", m.Host, r.URL.Scheme)
		}
	}))
}

func TestTelemetry(t *testing.T) {
	const object = `{"name":"Auth0.Android","version":"2.0","env":{"android":"34","x":"??>>~~"}}`
	for _, tt := range []struct{ name, header, query, want string }{
		{"standard", base64.StdEncoding.EncodeToString([]byte(object)), "", object},
		{"standard, no padding", base64.RawStdEncoding.EncodeToString([]byte(object)), "", object},
		{"URL", base64.URLEncoding.EncodeToString([]byte(object)), "", object},
		{"URL, no padding", base64.RawURLEncoding.EncodeToString([]byte(object)), "", object},
		{"query", "", "a=b&auth0Client=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString([]byte(object))) + "&c", object},
		{"query, bare plus", "", "auth0Client=" + base64.StdEncoding.EncodeToString([]byte(object)), object},
		{"header before query", base64.StdEncoding.EncodeToString([]byte(`{"h":1}`)), "auth0Client=e30", `{"h":1}`},
		{"other parameter", "", "xauth0Client=e30&auth0Clientx=e30", ""},
		{"array", base64.StdEncoding.EncodeToString([]byte(`[1]`)), "", ""},
		{"not JSON", base64.StdEncoding.EncodeToString([]byte(`{"a"`)), "", ""},
		{"not UTF-8", base64.StdEncoding.EncodeToString([]byte("{\"a\":\"\xff\"}")), "", ""},
		{"not base64", "{}", "", ""},
		{"broken escape", "", "auth0Client=%zz", ""},
		{"too long", base64.StdEncoding.EncodeToString([]byte(`{"a":"` + strings.Repeat("a", 1024) + `"}`)), "", ""},
		{"absent", "", "", ""},
	} {
		r := httptest.NewRequest("GET", "/?"+tt.query, nil)
		r.Header.Set("Auth0-Client", tt.header)
		var got string
		ask(t, web.Kit{}, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = web.MetaOf(r.Context()).Auth0Client }))
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMetaOutsideOfARequest(t *testing.T) {
	if web.MetaOf(t.Context()) == nil {
		t.Fatal("MetaOf returned nil")
	}
	m := &web.Meta{ID: "x"}
	if web.MetaOf(web.WithMeta(t.Context(), m)) != m {
		t.Error("WithMeta does not carry the Meta")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("User-Agent", "a\xff"+strings.Repeat("é", 400))
	ask(t, web.Kit{}, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if ua := web.MetaOf(r.Context()).UserAgent; len(ua) > 512 || len(ua) < 500 || !utf8.ValidString(ua) || !strings.HasPrefix(ua, "a?é") {
			t.Errorf("user agent of %d bytes: %q", len(ua), ua)
		}
	}))
}

func FuzzClip(f *testing.F) {
	f.Add("héllo", 2)
	f.Add("\xff\xff", 1)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max < 0 {
			return
		}
		if got := web.Clip(s, max); len(got) > max || !utf8.ValidString(got) || utf8.ValidString(s) && !strings.HasPrefix(s, got) {
			t.Fatalf("Clip(%q, %d) = %q", s, max, got)
		}
	})
}

func FuzzForwarding(f *testing.F) {
	f.Add("10.0.0.1:1", "1.1.1.1, 10.0.0.2", "e30=", "auth0Client=e30")
	f.Fuzz(func(t *testing.T, remote, forwarded, telemetry, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.URL.RawQuery = remote, query
		r.Header.Set("X-Forwarded-For", forwarded)
		r.Header.Set("Auth0-Client", telemetry)
		k := web.Kit{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
		k.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			m := web.MetaOf(r.Context())
			if _, err := netip.ParseAddr(m.IP); m.IP != "" && err != nil {
				t.Fatalf("client address %q", m.IP)
			}
			if m.Auth0Client != "" && (!json.Valid([]byte(m.Auth0Client)) || len(m.Auth0Client) > 1024) {
				t.Fatalf("telemetry %q", m.Auth0Client)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}

func BenchmarkWrap(b *testing.B) {
	k := web.Kit{Log: slog.New(slog.NewJSONHandler(io.Discard, nil))}
	h := k.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	r := httptest.NewRequest("POST", "/oauth/token", nil)
	r.Header.Set("User-Agent", "okhttp/4.12")
	r.Header.Set("Auth0-Client", base64.StdEncoding.EncodeToString([]byte(`{"name":"Auth0.Android","version":"2.0"}`)))
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
