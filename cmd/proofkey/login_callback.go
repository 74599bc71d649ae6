package main

import (
	"bufio"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/proofkey/proofkey/config"
)

const maxPasted = 16 << 10

// callback is where the browser brings the answer: a loopback listener (RFC 8252 section 7.3) or, for a redirect URI
// that no listener of ours can have, the user's clipboard.
type callback struct {
	uri      string
	path     string
	listener net.Listener
}

func newCallback(ctx context.Context, redirectURI string) (*callback, error) {
	if redirectURI == "" {
		redirectURI = "http://127.0.0.1/callback"
	}
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme == "" || u.Fragment != "" {
		return nil, fmt.Errorf("--redirect-uri %q is not an absolute URI without a fragment", redirectURI)
	}
	if u.Scheme != "http" || !config.Loopback(u.Hostname()) {
		return &callback{uri: redirectURI}, nil
	}
	port := u.Port()
	if port == "" {
		port = "0"
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("listen for the callback: %w", err)
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), fmt.Sprint(ln.Addr().(*net.TCPAddr).Port))
		redirectURI = u.String()
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	return &callback{uri: redirectURI, path: path, listener: ln}, nil
}

func (cb *callback) close() {
	if cb.listener != nil {
		_ = cb.listener.Close()
	}
}

// expected is what the answer is held against.
type expected struct {
	state  string
	issuer string
	// issuerSent says that the server promised to put iss into the answer (RFC 9207).
	issuerSent bool
}

// authorizationError is a refusal that came back through the browser.
type authorizationError struct{ code, description string }

func (e *authorizationError) Error() string { return "authorization endpoint: " + e.code }

var errForeignAnswer = errors.New("the answer is not to this sign-in: its state is not the one that was sent")

// read returns the code of an answer. The state is checked before anything else is believed.
func (want expected) read(query url.Values) (string, error) {
	for name, values := range query {
		if len(values) > 1 {
			return "", fmt.Errorf("the answer has %s twice", printable(name))
		}
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(want.state)) != 1 {
		return "", errForeignAnswer
	}
	if iss := query.Get("iss"); (iss != "" || want.issuerSent) && iss != want.issuer {
		return "", fmt.Errorf("the answer comes from issuer %q, not from %q", iss, want.issuer)
	}
	if code := query.Get("error"); code != "" {
		return "", &authorizationError{code: code, description: query.Get("error_description")}
	}
	if query.Get("code") == "" {
		return "", errors.New("the answer has neither code nor error")
	}
	return query.Get("code"), nil
}

// wait takes the first answer that has our state. Others are refused and do not end the wait, or any page in the browser
// could end it.
func (cb *callback) wait(ctx context.Context, want expected, out *steps) (string, error) {
	type answer struct {
		code string
		err  error
	}
	answers := make(chan answer, 1)
	srv := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    maxPasted * 2,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != cb.path || r.Method != http.MethodGet {
				http.NotFound(w, r)
				return
			}
			code, err := want.read(r.URL.Query())
			if errors.Is(err, errForeignAnswer) {
				out.note("An answer with another state was refused.")
				page(w, http.StatusBadRequest, "This is not the answer to the sign-in that the terminal waits for.")
				return
			}
			select {
			case answers <- answer{code, err}:
			default:
				page(w, http.StatusBadRequest, "The terminal has its answer already.")
				return
			}
			if err != nil {
				page(w, http.StatusOK, "The sign-in did not succeed. The terminal says why; you can close this window.")
				return
			}
			page(w, http.StatusOK, "Signed in. You can close this window and go back to the terminal.")
		}),
	}
	go func() { _ = srv.Serve(cb.listener) }()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = srv.Shutdown(ctx)
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answers:
		return a.code, a.err
	}
}

// page takes fixed sentences only.
func page(w http.ResponseWriter, status int, sentence string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>proofkey login</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;text-align:center}</style>
<p>%s</p></html>`, sentence)
}

// paste reads the URL that the browser ended on.
func (cb *callback) paste(ctx context.Context, want expected, in io.Reader) (string, error) {
	type pasted struct {
		line string
		err  error
	}
	lines := make(chan pasted, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(in, maxPasted)).ReadString('\n')
		if line != "" {
			err = nil
		}
		lines <- pasted{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case p := <-lines:
		if p.err != nil {
			return "", fmt.Errorf("read the URL: %w", p.err)
		}
		if base, _, _ := strings.Cut(p.line, "?"); base != strings.SplitN(cb.uri, "?", 2)[0] {
			return "", fmt.Errorf("that URL does not start with %s", cb.uri)
		}
		u, err := url.Parse(p.line)
		if err != nil {
			return "", errors.New("that is not a URL")
		}
		return want.read(u.Query())
	}
}

var errNoBrowser = errors.New("no browser")

// openBrowser starts the system's browser and does not wait for it.
func openBrowser(target string) error {
	var c *exec.Cmd
	switch runtime.GOOS {
	case "darwin":
		c = exec.Command("open", target)
	case "windows":
		c = exec.Command("rundll32", "url.dll,FileProtocolHandler", target)
	default:
		// Without a display xdg-open would start a text browser in this very terminal.
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return errNoBrowser
		}
		c = exec.Command("xdg-open", target)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	go func() { _ = c.Wait() }()
	return nil
}
