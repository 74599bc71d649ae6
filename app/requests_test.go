package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
)

// answer is what came back, redirects not followed.
type answer struct {
	status int
	header http.Header
	body   string
}

// isJSON and isPage say in which language an answer is.
func (a answer) isJSON() bool {
	return strings.HasPrefix(a.header.Get("Content-Type"), "application/json")
}
func (a answer) isPage() bool { return strings.HasPrefix(a.header.Get("Content-Type"), "text/html") }

// ask sends a request whose query is sent as it is; headers come as names and values in turn.
func ask(t testing.TB, s *idptest.Server, method, target, body string, headers ...string) answer {
	t.Helper()
	return askAt(t, s.URL, method, target, body, headers...)
}

// askAt is ask at an origin of several.
func askAt(t testing.TB, origin, method, target, body string, headers ...string) answer {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	u.Opaque, u.RawQuery = "//"+u.Host+path, query
	r, err := http.NewRequestWithContext(t.Context(), method, origin, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL = u
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, target, err)
	}
	return read(t, got)
}

// raw sends bytes that no client library would send.
func raw(t testing.TB, s *idptest.Server, text string) answer {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() { _, _ = io.WriteString(c, text) }() // the server may answer before it has read all
	method, _, _ := strings.Cut(text, " ")
	got, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.100q: %v", text, err)
	}
	return read(t, got)
}

func read(t testing.TB, r *http.Response) answer {
	t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{r.StatusCode, r.Header, string(body)}
}
