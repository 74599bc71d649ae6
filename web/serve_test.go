package web_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/web"
)

const loopback = "127.0.0.1:0"

// start serves on real listeners until the test ends or stop is called; stopped delivers what Serve returned.
func start(t *testing.T, at web.Addresses, timing web.Timing, h web.Handlers) (s *web.Servers, stop func(), stopped <-chan error) {
	t.Helper()
	s, err := web.Listen(t.Context(), at, timing, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, h) }()
	t.Cleanup(cancel)
	return s, cancel, done
}

func get(t *testing.T, client *http.Client, url string) (int, string, *http.Response) {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) })
}

func TestSlowRequestSurvivesTheStop(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	s, stop, stopped := start(t, web.Addresses{HTTP: loopback}, web.Timing{}, web.Handlers{
		HTTP: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-leave
			_, _ = io.WriteString(w, "whole")
		}),
	})
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + s.HTTPAddr().String() + "/")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-entered
	stop()
	refused := false
	for range 200 {
		conn, err := net.Dial("tcp", s.HTTPAddr().String())
		if err != nil {
			refused = true
			break
		}
		conn.Close()
		time.Sleep(5 * time.Millisecond)
	}
	if !refused {
		t.Error("the listener still accepts connections after the stop")
	}
	select {
	case err := <-stopped:
		t.Fatalf("Serve returned %v before the request was answered", err)
	default:
	}
	close(leave)
	if got := <-answer; got != "whole" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

func TestDeadlineCutsWhatIsLeft(t *testing.T) {
	entered := make(chan bool)
	s, stop, stopped := start(t, web.Addresses{HTTP: loopback}, web.Timing{Shutdown: 50 * time.Millisecond}, web.Handlers{
		HTTP: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
		}),
	})
	go func() {
		if res, err := http.Get("http://" + s.HTTPAddr().String() + "/"); err == nil {
			res.Body.Close()
		}
	}()
	<-entered
	stop()
	if err := <-stopped; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Serve returned %v, want the deadline", err)
	}
}

// While a stopping server is within its delay it says that it is not ready, still answers, and asks its clients to leave.
func TestDelay(t *testing.T) {
	s, stop, stopped := start(t, web.Addresses{HTTP: loopback}, web.Timing{Delay: time.Second}, web.Handlers{HTTP: text("app")})
	base := "http://" + s.HTTPAddr().String()
	if status, _, _ := get(t, http.DefaultClient, base+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz = %d before the stop", status)
	}
	stop()
	status := 0
	for range 100 {
		if status, _, _ = get(t, http.DefaultClient, base+"/readyz"); status == http.StatusServiceUnavailable {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if status != http.StatusServiceUnavailable {
		t.Errorf("/readyz = %d after the stop", status)
	}
	if status, _, _ := get(t, http.DefaultClient, base+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz = %d after the stop", status)
	}
	status, body, res := get(t, http.DefaultClient, base+"/")
	if status != http.StatusOK || body != "app" || !res.Close {
		t.Errorf("a request within the delay: %d %q, connection closes: %v", status, body, res.Close)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// Clients that reuse their connections and come while the server stops: every request that was written to an accepted
// connection is answered, as long as the delay lets them hear that they should leave.
func TestNoAcceptedRequestIsDropped(t *testing.T) {
	s, stop, stopped := start(t, web.Addresses{HTTP: loopback}, web.Timing{Delay: 200 * time.Millisecond}, web.Handlers{HTTP: text("app")})
	results := make(chan error, 8)
	for range cap(results) {
		go func() { results <- untilClosed(s.HTTPAddr().String()) }()
	}
	time.Sleep(50 * time.Millisecond)
	stop()
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// untilClosed sends requests on one connection until an answer says that it was the last.
func untilClosed(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	answers := bufio.NewReader(conn)
	for n := 0; ; n++ {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			return fmt.Errorf("request %d got no answer: %w", n, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || string(body) != "app" {
			return fmt.Errorf("request %d got %q: %w", n, body, err)
		}
		if res.Close {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

func TestReadiness(t *testing.T) {
	cause := errors.New("dial tcp 10.9.8.7: connection refused")
	s, _, _ := start(t, web.Addresses{HTTP: loopback}, web.Timing{}, web.Handlers{
		HTTP:  http.NotFoundHandler(),
		Ready: func(context.Context) error { return cause },
	})
	for path, want := range map[string]string{"/healthz": "200 ok\n", "/readyz": "503 not ready\n"} {
		req, _ := http.NewRequest(http.MethodGet, "http://"+s.HTTPAddr().String()+path, nil)
		req.Host = "unknown.example"
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if got := fmt.Sprintf("%d %s", res.StatusCode, body); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

func TestHTTPSAndMetrics(t *testing.T) {
	cert, pool := certificate(t)
	m := web.NewMetrics()
	m.Database("one", func() (writes, commits int64) { return 17, 3 })
	m.Database("two", func() (writes, commits int64) { return 0, 0 })
	mux := http.NewServeMux()
	mux.Handle("GET /a/{id}", text("a"))
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s, stop, stopped := start(t, web.Addresses{HTTP: loopback, HTTPS: loopback, Metrics: loopback}, web.Timing{}, web.Handlers{
		HTTP:    web.RedirectHTTPS([]string{"https://login.example.com", "http://localhost:1"}),
		HTTPS:   m.Wrap(mux),
		Metrics: m.Handler(),
		TLS:     &tls.Config{Certificates: []tls.Certificate{cert}},
	})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	base := "https://" + s.HTTPSAddr().String()
	for _, path := range []string{"/a/1", "/a/2", "/nowhere"} {
		if _, _, res := get(t, client, base+path); res.ProtoMajor != 2 {
			t.Errorf("%s was answered over %s, want HTTP/2", path, res.Proto)
		}
	}
	if res, err := client.Get(base + "/panic"); err == nil {
		res.Body.Close()
		t.Error("a handler that panics answered")
	}
	_, err := tls.Dial("tcp", s.HTTPSAddr().String(), &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	_, body, _ := get(t, http.DefaultClient, "http://"+s.MetricsAddr().String()+"/metrics")
	for _, want := range []string{
		`proofkey_http_requests_total{method="GET",route="/a/{id}",status="200"} 2`,
		`proofkey_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`proofkey_http_requests_total{method="GET",route="/panic",status="500"} `,
		`proofkey_http_request_duration_seconds_count{method="GET",route="/a/{id}"} 2`,
		"proofkey_http_requests_in_flight 0",
		`proofkey_database_writes_total{tenant="one"} 17`,
		`proofkey_database_commits_total{tenant="one"} 3`,
		"go_goroutines ",
		"process_open_fds ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics does not say %s", want)
		}
	}
	if status, _, _ := get(t, client, base+"/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics on the public listener = %d", status)
	}
	checkRedirect(t, "http://"+s.HTTPAddr().String())
	client.CloseIdleConnections()
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func checkRedirect(t *testing.T, base string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, test := range []struct {
		method, host, location string
		status                 int
	}{
		{"GET", "login.example.com", "https://login.example.com/authorize?x=1", 308},
		{"GET", "LOGIN.example.com:80", "https://login.example.com/authorize?x=1", 308},
		{"POST", "login.example.com", "", 421},
		{"GET", "evil.example", "", 421},
		{"GET", "localhost:1", "", 421},
	} {
		req, _ := http.NewRequest(test.method, base+"/authorize?x=1", nil)
		req.Host = test.host
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != test.status || res.Header.Get("Location") != test.location {
			t.Errorf("%s %s: %d to %q, want %d to %q", test.method, test.host, res.StatusCode, res.Header.Get("Location"), test.status, test.location)
		}
	}
}

func TestListenOpensAllOrNone(t *testing.T) {
	taken, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	_, err = web.Listen(t.Context(), web.Addresses{HTTP: free.Addr().String(), HTTPS: taken.Addr().String()}, web.Timing{}, nil)
	if err == nil || !strings.Contains(err.Error(), "listen for https on "+taken.Addr().String()) {
		t.Fatalf("got %v, want an error that names the listener", err)
	}
	again, err := net.Listen("tcp", free.Addr().String())
	if err != nil {
		t.Fatalf("the first listener was left open: %v", err)
	}
	again.Close()
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}
