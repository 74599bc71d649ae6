package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// TestKilledImport kills the server in the middle of an import again and again. The import goes on each time, and in the end
// each user is there once and the counts are those of an import that nobody killed.
func TestKilledImport(t *testing.T) {
	const people, badEvery, kills = 6000, 100, 3
	a := newAdminTest(t)
	s := newKillable(t, a)
	s.start()
	token := s.token()
	var file strings.Builder
	for i := range people {
		email := fmt.Sprintf("user%d@example.com", i)
		if i%badEvery == 0 {
			email = "nobody"
		}
		fmt.Fprintf(&file, "%s{\"email\":%q,\"username\":\"user%d\",\"user_metadata\":{\"n\":%d}}\n", []string{"[", ","}[min(i, 1)], email, i, i)
	}
	file.WriteString("]")
	id := s.upload(token, file.String())

	for kill := range kills {
		for at := 0; at < (kill+1)*100/(kills+2); time.Sleep(5 * time.Millisecond) {
			job := s.job(token, id)
			if job.Status == "completed" {
				t.Fatalf("the import was over before kill %d", kill)
			}
			at = job.Percentage
		}
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		s.start()
	}
	var job importJob
	for job.Status != "completed" && job.Status != "failed" {
		time.Sleep(20 * time.Millisecond)
		job = s.job(token, id)
	}
	const bad = people / badEvery
	if sum := job.Summary; job.Status != "completed" || sum.Total != people || sum.Inserted != people-bad || sum.Failed != bad || sum.Updated != 0 {
		t.Errorf("the job is %+v, want %d users of whom %d are refused", job, people, bad)
	}
	db := a.open()
	if n, err := db.CountUsers(t.Context(), store.UserQuery{}); err != nil || n != people-bad {
		t.Errorf("there are %d users, %v; want %d", n, err, people-bad)
	}
	for i := range people {
		u, err := db.UserByIdentifier(t.Context(), store.DefaultConnection, fmt.Sprintf("user%d", i))
		if wrong := i%badEvery == 0; wrong == (err == nil) || !wrong && u.Profile.UserMetadata["n"] != float64(i) {
			t.Fatalf("user %d is %+v, %v", i, u, err)
		}
	}
	errs, err := db.JobErrors(t.Context(), id, 0, 2*bad)
	if err != nil || len(errs) != bad || errs[1].Position != badEvery+1 {
		t.Errorf("the report has %d errors, %v; want %d", len(errs), err, bad)
	}
}

// killable is proofkey serve as a process of its own, which is started again at the same address.
type killable struct {
	t       *testing.T
	admin   admin
	cmd     *exec.Cmd
	address string
}

func newKillable(t *testing.T, a admin) *killable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	text, err := os.ReadFile(a.config)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("http: 127.0.0.1:0", "http: "+address, "localhost:3000", address).Replace(string(text)) +
		"limits:\n  max_import: 4MiB\nlog:\n  level: warn\n"
	if err := os.WriteFile(a.config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return &killable{t: t, admin: a, address: address}
}

// start starts the server and waits until it answers.
func (s *killable) start() {
	s.t.Helper()
	s.cmd = exec.CommandContext(s.t.Context(), os.Args[0], "serve", "--config", s.admin.config)
	s.cmd.Env = append(os.Environ(), "PROOFKEY_TEST_COMMAND=1")
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	process := s.cmd.Process
	s.t.Cleanup(func() { _ = process.Kill() })
	for range 1000 {
		r, err := http.Get("http://" + s.address + "/readyz")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == 200 {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("the server does not answer")
}

// token makes an application that may use the Management API and asks for its token.
func (s *killable) token() string {
	s.t.Helper()
	audience := "http://" + s.address + "/api/v2/"
	made := s.admin.must("", "app", "create", "--name", "Importer", "--type", "non_interactive")
	id, secret := made["client_id"].(string), made["client_secret"].(string)
	s.admin.must("", "grant", "create", "--app", id, "--audience", audience, "--all-scopes")
	r, err := http.PostForm("http://"+s.address+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "audience": {audience},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	s.read(r, 200, &answer)
	return answer.AccessToken
}

func (s *killable) read(r *http.Response, status int, into any) {
	s.t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != status || json.Unmarshal(text, into) != nil {
		s.t.Fatalf("%s: %d %s, %v", r.Request.URL, r.StatusCode, text, err)
	}
}

func (s *killable) ask(token, method, path, kind string, body io.Reader) *http.Response {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.address+"/api/v2"+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *killable) upload(token, file string) string {
	s.t.Helper()
	var connections []struct{ ID string }
	s.read(s.ask(token, "GET", "/connections", "", nil), 200, &connections)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("connection_id", connections[0].ID)
	part, err := w.CreateFormFile("users", "users.json")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.WriteString(part, file)
	w.Close()
	var job importJob
	s.read(s.ask(token, "POST", "/jobs/users-imports", w.FormDataContentType(), &form), 202, &job)
	return job.ID
}

type importJob struct {
	ID, Status string
	Percentage int `json:"percentage_done"`
	Summary    struct{ Total, Inserted, Updated, Failed int }
}

func (s *killable) job(token, id string) (job importJob) {
	s.t.Helper()
	s.read(s.ask(token, "GET", "/jobs/"+id, "", nil), 200, &job)
	return job
}
