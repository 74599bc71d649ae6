package idptest

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Golden runs the request/response pairs below dir, one file a rule, each against the same server. A file reads
//
//	what the rule is, and where it comes from
//
//	> POST /oauth/token
//	> Content-Type: application/json
//	>
//	> {"grant_type": "{{grant}}"}
//
//	< 403
//	< Content-Type: application/json
//	<
//	< {"error":"…","error_description":"…"}
//	~ a piece of text that must be in the answer
//	! a piece that must not be
//
// {{names}} are replaced by values; a value that is a function is called when it is met, so it can make a fresh code. The
// status and each named header must be equal, and so must the body if one is written. Transaction ids are compared as
// tx_ID.
func (s *Server) Golden(t *testing.T, dir string, values map[string]any) {
	files, err := filepath.Glob(filepath.Join(dir, "*.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files below %s (%v)", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s.golden(t, fill(t, string(text), values))
		})
	}
}

var placeholder = regexp.MustCompile(`\{\{([a-z_.]+)\}\}`)

func fill(t *testing.T, text string, values map[string]any) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		switch v := values[strings.Trim(name, "{}")].(type) {
		case string:
			return v
		case func() string:
			return v()
		}
		t.Fatalf("%s has no value", name)
		return ""
	})
}

// exchange is a parsed golden file.
type exchange struct {
	rule              []string
	request, response []string
	has, hasNot       []string
}

func parseGolden(text string) (x exchange) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		rest := strings.TrimPrefix(line[min(1, len(line)):], " ")
		switch {
		case strings.HasPrefix(line, ">"):
			x.request = append(x.request, rest)
		case strings.HasPrefix(line, "<"):
			x.response = append(x.response, rest)
		case strings.HasPrefix(line, "~"):
			x.has = append(x.has, rest)
		case strings.HasPrefix(line, "!"):
			x.hasNot = append(x.hasNot, rest)
		case line != "":
			x.rule = append(x.rule, line)
		}
	}
	return x
}

var transactionID = regexp.MustCompile(`tx_[A-Z2-7]{26}`)

func (s *Server) golden(t *testing.T, text string) {
	x := parseGolden(text)
	if len(x.rule) == 0 || len(x.request) == 0 || len(x.response) == 0 {
		t.Fatal("a golden file needs the rule in words, a request (>) and a response (<)")
	}
	method, path, ok := strings.Cut(x.request[0], " ")
	if !ok {
		t.Fatalf("%q is not a method and a path", x.request[0])
	}
	headers, body := headersAndBody(x.request[1:])
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		r.Header.Set(h[0], h[1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := transactionID.ReplaceAllString(readAll(answer.Body), "tx_ID")
	rule := strings.Join(x.rule, " ")
	if want, have := x.response[0], strings.Fields(answer.Status)[0]; want != have {
		t.Errorf("%s:\nstatus %s, want %s; location %q, body %.600s", rule, have, want, answer.Header.Get("Location"), got)
	}
	wantHeaders, wantBody := headersAndBody(x.response[1:])
	for _, h := range wantHeaders {
		if have := transactionID.ReplaceAllString(answer.Header.Get(h[0]), "tx_ID"); have != h[1] {
			t.Errorf("%s:\n%s: %s\nwant     %s", rule, h[0], have, h[1])
		}
	}
	if wantBody != "" && strings.TrimSpace(got) != wantBody {
		t.Errorf("%s:\nbody %s\nwant %s", rule, got, wantBody)
	}
	for _, piece := range x.has {
		if !strings.Contains(got, piece) {
			t.Errorf("%s:\nthe body lacks %q:\n%.2000s", rule, piece, got)
		}
	}
	for _, piece := range x.hasNot {
		if strings.Contains(got, piece) {
			t.Errorf("%s:\nthe body has %q:\n%.2000s", rule, piece, got)
		}
	}
}

func headersAndBody(lines []string) (headers [][2]string, body string) {
	for i, line := range lines {
		if line == "" {
			return headers, strings.TrimSpace(strings.Join(lines[i+1:], "\n"))
		}
		name, value, _ := strings.Cut(line, ":")
		headers = append(headers, [2]string{name, strings.TrimSpace(value)})
	}
	return headers, ""
}
