package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofkey/proofkey/oauth"
)

// TestMain lets a test run the command as a process of its own, with its signals.
func TestMain(m *testing.M) {
	if os.Getenv("PROOFKEY_TEST_COMMAND") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is proofkey dev as somebody starts it.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	line devLine
}

// startDev starts proofkey dev on a folder and waits for its line.
func startDev(t *testing.T, data, address string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0],
		"dev", "--data", data, "--http", address, "--https", "127.0.0.1:0", "--json", "--spa-pkce")}
	p.cmd.Env = append(os.Environ(), "PROOFKEY_TEST_COMMAND=1")
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	text, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(text, &p.line) != nil {
		t.Fatalf("the first line is %q, %v", text, err)
	}
	return p
}

// person is a browser with its cookies.
type person struct {
	t      *testing.T
	client *http.Client
}

func newPerson(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/u/") {
			return nil
		}
		return http.ErrUseLastResponse
	}}}
}

const testVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// authorize opens the login of an application and returns the page or the redirect.
func (p *person) authorize(d devLine, c string, callback string, more ...string) (body string, location *url.URL) {
	q := url.Values{"response_type": {"code"}, "client_id": {c}, "redirect_uri": {callback}, "state": {"s"},
		"scope": {"openid offline_access"}, "audience": {d.API.Identifier},
		"code_challenge": {oauth.S256(testVerifier)}, "code_challenge_method": {"S256"}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return p.read(p.client.Get(d.Issuer + "authorize?" + q.Encode()))
}

func (p *person) read(r *http.Response, err error) (string, *url.URL) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	location, err := r.Location()
	if err != nil {
		location = r.Request.URL
	}
	return string(body), location
}

var hiddenState = regexp.MustCompile(`name="state" value="([^"]+)"`)

// submit types the password into a login page and returns the code.
func (p *person) submit(d devLine, page string) (code string) {
	p.t.Helper()
	m := hiddenState.FindStringSubmatch(page)
	if m == nil {
		p.t.Fatalf("there is no login form:\n%.800s", page)
	}
	body, location := p.read(p.client.PostForm(d.Issuer+"u/login", url.Values{"state": {html.UnescapeString(m[1])},
		"username": {d.User.Email}, "password": {d.User.Password}, "action": {"default"}}))
	if code = location.Query().Get("code"); code == "" {
		p.t.Fatalf("the login ended at %s:\n%.800s", location, body)
	}
	return code
}

// post sends a form to the token endpoint.
func (p *process) post(kv ...string) (status int, answer map[string]any) {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		form.Set(kv[i], kv[i+1])
	}
	r, err := http.PostForm(p.line.Issuer+"oauth/token", form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	return r.StatusCode, answer
}

func (p *process) exchange(client, callback, code string) map[string]any {
	p.t.Helper()
	status, a := p.post("grant_type", "authorization_code", "client_id", client, "redirect_uri", callback, "code", code, "code_verifier", testVerifier)
	if status != 200 || a["refresh_token"] == nil {
		p.t.Fatalf("the exchange was answered %d %v", status, a)
	}
	return a
}

// begun is a request that the server has begun to read and that is not whole yet.
type begun struct {
	conn net.Conn
	in   *bufio.Reader
	rest string
}

// begin sends half a request and waits until its handler asks for more.
func (p *process) begin(form url.Values) begun {
	p.t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(p.line.Issuer, "http://"), "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	body := form.Encode()
	fmt.Fprintf(c, "POST /oauth/token HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		host, len(body))
	b := begun{c, bufio.NewReader(c), body[10:]}
	for range 2 { // HTTP/1.1 100 Continue, and an empty line
		if _, err := b.in.ReadString('\n'); err != nil {
			p.t.Fatal(err)
		}
	}
	fmt.Fprint(c, body[:10])
	return b
}

// finish sends the rest and reads the answer.
func (b begun) finish() (status int, answer map[string]any, err error) {
	if _, err := io.WriteString(b.conn, b.rest); err != nil {
		return 0, nil, err
	}
	r, err := http.ReadResponse(b.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	return r.StatusCode, answer, json.NewDecoder(r.Body).Decode(&answer)
}

// TestStopAndRestart: a server that is told to stop answers what it has begun to read, and after a restart everything goes
// on: the session, the refresh tokens, and a login whose page was open meanwhile.
func TestStopAndRestart(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the restarted server must have the address of the first
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	data := filepath.Join(t.TempDir(), "data")

	first := startDev(t, data, address)
	native, mobile := first.line.Native.ClientID, first.line.Issuer+"mobile"
	signedIn, halfway := newPerson(t), newPerson(t)
	page, _ := signedIn.authorize(first.line, native, mobile)
	tokens := first.exchange(native, mobile, signedIn.submit(first.line, page))
	openPage, _ := halfway.authorize(first.line, native, mobile)

	machine := url.Values{"grant_type": {"client_credentials"}, "client_id": {first.line.M2M.ClientID},
		"client_secret": {first.line.M2M.ClientSecret}, "audience": {first.line.API.Identifier}}
	var requests []begun
	for range 20 {
		requests = append(requests, first.begin(machine))
	}
	refresh := first.begin(url.Values{"grant_type": {"refresh_token"}, "client_id": {native}, "refresh_token": {tokens["refresh_token"].(string)}})
	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitUntilClosed(t, address)
	for i, r := range requests {
		if status, a, err := r.finish(); err != nil || status != 200 || a["access_token"] == nil {
			t.Errorf("request %d, begun before the stop, was answered %d %v, %v", i, status, a, err)
		}
	}
	status, refreshed, err := refresh.finish()
	if err != nil || status != 200 {
		t.Fatalf("the refresh, begun before the stop, was answered %d %v, %v", status, refreshed, err)
	}
	if err := first.cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v, want 0", err)
	}

	second := startDev(t, data, address)
	if second.line.Issuer != first.line.Issuer || second.line.User.UserID != first.line.User.UserID {
		t.Fatalf("the restarted server is %s with the user %s", second.line.Issuer, second.line.User.UserID)
	}
	held := tokens["refresh_token"]
	if next := refreshed["refresh_token"]; next != nil {
		held = next
	}
	if status, a := second.post("grant_type", "refresh_token", "client_id", native, "refresh_token", held.(string)); status != 200 {
		t.Errorf("the refresh token of before the restart was answered %d %v", status, a)
	}
	second.exchange(native, mobile, halfway.submit(second.line, openPage))
	spa := second.line.SPA
	_, location := signedIn.authorize(second.line, spa.ClientID, spa.Callbacks[0], "prompt", "none")
	if code := location.Query().Get("code"); code == "" {
		t.Errorf("the session of before the restart ended: %s", location)
	} else {
		second.exchange(spa.ClientID, spa.Callbacks[0], code)
	}
	if err := second.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := second.cmd.Wait(); err != nil {
		t.Errorf("the second process ended with %v, want 0", err)
	}
}

// waitUntilClosed waits until nobody listens any more.
func waitUntilClosed(t *testing.T, address string) {
	t.Helper()
	for range 500 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		c.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server still accepts connections")
}
