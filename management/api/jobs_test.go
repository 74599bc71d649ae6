package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// upload sends a form: its fields, and the file behind them unless a field is called "then".
func (s *tenant) upload(file string, fields ...string) answer {
	s.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	add := func() {
		if file == "" {
			return
		}
		part, err := w.CreateFormFile("users", "users.json")
		if err != nil {
			s.t.Fatal(err)
		}
		_, _ = io.WriteString(part, file)
		file = ""
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == "then" {
			add()
			continue
		}
		_ = w.WriteField(fields[i], fields[i+1])
	}
	add()
	w.Close()
	return s.post("/jobs/users-imports", w.FormDataContentType(), &form)
}

func (s *tenant) post(path, kind string, body io.Reader) answer {
	s.t.Helper()
	r, err := http.NewRequest("POST", s.URL+"/api/v2"+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", kind)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: got.StatusCode, text: string(text), header: got.Header}
	_ = json.Unmarshal(text, &a.body)
	return a
}

// job waits until a job is over.
func (s *tenant) job(id any) answer {
	s.t.Helper()
	for range 200 {
		j := s.want(200, "GET", fmt.Sprint("/jobs/", id), nil)
		if status := j.at("status"); status != "pending" && status != "processing" {
			return j
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("the job %v is not over", id)
	return answer{}
}

func (s *tenant) database() store.Connection {
	s.t.Helper()
	conn, err := s.DB.Connection(s.t.Context(), store.DefaultConnection)
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func TestUsersImport(t *testing.T) {
	s := open(t)
	conn := s.database()
	made := s.upload(`[{"email":"a@example.com","user_id":"a","custom_password_hash":{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}},
		{"email":"b@example.com","username":"b"}]`, "connection_id", conn.ID, "external_id", "mine", "send_completion_email", "false")
	if made.status != 202 {
		t.Fatalf("%d %s", made.status, made.text)
	}
	for path, want := range map[string]any{"status": "pending", "type": "users_import", "connection_id": conn.ID, "connection": conn.Name,
		"external_id": "mine", "upsert": false, "send_completion_email": false, "summary": nil} {
		if got := made.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if id := made.at("id").(string); !strings.HasPrefix(id, "job_") || len(id) != 20 {
		t.Errorf("the id is %s", id)
	}
	over := s.job(made.at("id"))
	for path, want := range map[string]any{"status": "completed", "external_id": "mine", "summary.total": 2.0, "summary.inserted": 2.0, "summary.updated": 0.0, "summary.failed": 0.0} {
		if got := over.at(path); got != want {
			t.Errorf("when it is over, %s is %v, want %v", path, got, want)
		}
	}
	s.want(204, "GET", fmt.Sprintf("/jobs/%s/errors", over.at("id")), nil)
	if u := s.want(200, "GET", "/users/auth0%7Ca", nil); u.at("email") != "a@example.com" || strings.Contains(u.text, "5f4dcc") {
		t.Errorf("the user is %s", u.text)
	}
	if _, err := s.DB.JobFile(t.Context(), over.at("id").(string), 0); err == nil {
		// The last piece goes with the next clean-up.
		if _, err := s.DB.JobFile(t.Context(), over.at("id").(string), 1); err == nil {
			t.Error("the file is kept")
		}
	}
	// The fields may stand behind the file; the second import changes one, and refuses one.
	made = s.upload(`[{"email":"a@example.com","name":"Ada"},{"email":"c"},{"email":"d@example.com"}]`, "then", "", "upsert", "true", "connection_id", conn.ID)
	over = s.job(made.at("id"))
	if over.at("summary.inserted") != 1.0 || over.at("summary.updated") != 1.0 || over.at("summary.failed") != 1.0 {
		t.Errorf("the second import: %s", over.text)
	}
	errs := s.want(200, "GET", fmt.Sprintf("/jobs/%s/errors", over.at("id")), nil)
	if want := `[{"errors":[{"code":"INVALID_FORMAT","message":"Error in email property - Object didn't pass validation for format email: c","path":"email"}],"user":{"email":"c"}}]`; errs.text != want {
		t.Errorf("the errors are %s", errs.text)
	}
	// As the Go SDK's own test has it.
	over = s.job(s.upload(`[{"email":"a@example.com","email_verified":true}]`, "connection_id", conn.ID).at("id"))
	errs = s.want(200, "GET", fmt.Sprintf("/jobs/%s/errors", over.at("id")), nil)
	if want := `[{"errors":[{"code":"DUPLICATED_USER","message":"The user already exist and upsert parameter is false"}],"user":{"email":"a@example.com","email_verified":true}}]`; errs.text != want {
		t.Errorf("the errors are %s", errs.text)
	}
	s.refused(s.call("GET", "/jobs/job_AAAAAAAAAAAAAAAA", nil), 404, "inexistent_job", "The job does not exist.")
	s.refused(s.call("GET", "/jobs/job_AAAAAAAAAAAAAAAA/errors", nil), 404, "inexistent_job", "The job does not exist.")
	s.Clock.Advance(25 * time.Hour)
	s.token = s.tokenFor(s.admin, s.Issuer+"api/v2/")
	s.refused(s.call("GET", "/jobs/"+over.at("id").(string), nil), 404, "inexistent_job", "The job does not exist.")
}

// A file that is no JSON fails the job as a whole: no user of it is stored, and its errors are the job itself.
func TestUsersImportOfABrokenFile(t *testing.T) {
	s := open(t)
	made := s.upload(`[{"email":"a@example.com"},{"email":"b@example.com"`, "connection_id", s.database().ID)
	over := s.job(made.at("id"))
	if over.at("status") != "failed" || !strings.HasPrefix(fmt.Sprint(over.at("status_details")), "Failed to parse users file JSON when importing users.") || over.at("summary.inserted") != 0.0 {
		t.Errorf("the job is %s", over.text)
	}
	if errs := s.want(200, "GET", fmt.Sprintf("/jobs/%s/errors", over.at("id")), nil); errs.at("status") != "failed" || errs.at("id") != over.at("id") {
		t.Errorf("its errors are %s", errs.text)
	}
	if l := s.want(200, "GET", "/users", nil).list(); len(l) != 0 {
		t.Errorf("there are %d users", len(l))
	}
}

func TestUsersImportRefusals(t *testing.T) {
	s := open(t)
	conn := s.database()
	social := s.want(201, "POST", "/connections", `{"name":"social","strategy":"google-oauth2"}`).at("id").(string)
	file := `[{"email":"a@example.com"}]`
	for name, c := range map[string]struct {
		a    answer
		code int
		says string
	}{
		"no file":            {s.upload("", "connection_id", conn.ID), 400, "Payload validation error: 'Missing required property: users'."},
		"no connection":      {s.upload(file), 400, "Payload validation error: 'Missing required property: connection_id'."},
		"a name":             {s.upload(file, "connection_id", "Username-Password-Authentication"), 400, "Payload validation error: 'String does not match pattern ^con_[A-Za-z0-9]{16}$' on property connection_id."},
		"unknown":            {s.upload(file, "connection_id", "con_AAAAAAAAAAAAAAAA"), 400, "The connection does not exist."},
		"no database":        {s.upload(file, "connection_id", social), 400, "Connection must be a database connection"},
		"upsert":             {s.upload(file, "connection_id", conn.ID, "upsert", "maybe"), 400, "Payload validation error: 'Expected type boolean but found type string' on property upsert."},
		"twice":              {s.upload(file, "connection_id", conn.ID, "connection_id", conn.ID), 400, "The form has a field twice, or too many of them."},
		"a long field":       {s.upload(file, "connection_id", strings.Repeat("x", 5000)), 400, "Payload validation error: 'String is too long (4097 chars), maximum 4096' on property connection_id."},
		"JSON":               {s.post("/jobs/users-imports", "application/json", strings.NewReader(file)), 400, "The body must be multipart/form-data."},
		"a form that ends":   {s.post("/jobs/users-imports", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"users\"\r\n\r\n[")), 400, "The form could not be read to its end."},
		"too long":           {s.upload(strings.Repeat(" ", 512000), "connection_id", conn.ID), 413, "Payload content length greater than maximum allowed: 512000."},
		"too long, untold":   {s.post("/jobs/users-imports", "multipart/form-data; boundary=x", io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"users\"\r\n\r\n"), strings.NewReader(strings.Repeat(" ", 600000)))), 413, "Payload content length greater than maximum allowed: 512000."},
		"an unfit boundary":  {s.post("/jobs/users-imports", "multipart/form-data", strings.NewReader(file)), 400, "The body must be multipart/form-data."},
		"no JSON array here": {s.upload(file, "connection_id", conn.ID, "external_id", strings.Repeat("x", 4097)), 400, "Payload validation error: 'String is too long (4097 chars), maximum 4096' on property external_id."},
	} {
		if c.a.status != c.code || c.a.at("message") != c.says {
			t.Errorf("%s: %d %s, want %d %q", name, c.a.status, c.a.text, c.code, c.says)
		}
	}
	// What was refused left nothing behind that counts as a job.
	if open, err := s.DB.OpenJobs(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open jobs: %+v, %v", open, err)
	}
}

// The operator can take larger files.
func TestUsersImportLimitIsASetting(t *testing.T) {
	s := open(t, func(o *app.Options) { o.MaxImport = 3 << 20 })
	var file strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&file, "%s{\"email\":\"user%d@example.com\",\"user_metadata\":{\"text\":\"%s\"}}", []string{"[", ","}[min(i, 1)], i, strings.Repeat("x", 500))
	}
	file.WriteString("]")
	if file.Len() < 2<<20 {
		t.Fatalf("the file has only %d bytes", file.Len())
	}
	made := s.upload(file.String(), "connection_id", s.database().ID)
	if made.status != 202 {
		t.Fatalf("%d %s", made.status, made.text)
	}
	third := s.upload(strings.Repeat(" ", 3<<20), "connection_id", "x")
	if third.status != 413 || third.at("message") != "Payload content length greater than maximum allowed: 3145728." {
		t.Errorf("%d %s", third.status, third.text)
	}
	if over := s.job(made.at("id")); over.at("summary.inserted") != 4000.0 {
		t.Errorf("the job is %s", over.text)
	}
}

func TestTwoImportsAtATime(t *testing.T) {
	s := open(t)
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		for range 2 { // that somebody works on
			j := store.Job{Type: store.JobUsersImport, Status: store.JobProcessing, Queued: true, LeaseUntil: s.Clock.Now().Add(time.Hour)}
			if err := tx.CreateJob(t.Context(), &j, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	third := s.upload(`[{"email":"a@example.com"}]`, "connection_id", s.database().ID)
	if third.status != 429 || third.at("message") != "There are 2 active import users jobs, please wait until some of them are finished and try again" || third.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", third.status, third.text)
	}
}

// download gets an export, unpacked.
func (s *tenant) download(job answer) string {
	s.t.Helper()
	r, err := http.Get(job.at("location").(string))
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/gzip" {
		text, _ := io.ReadAll(r.Body)
		s.t.Fatalf("%s: %d %s", job.text, r.StatusCode, text)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestUsersExport(t *testing.T) {
	s := open(t)
	conn := s.database()
	file := `[{"email":"a@example.com","user_id":"a","name":"=1+1 \"A\"","email_verified":true,"user_metadata":{"consent":{"given":true},"list":[1]},"app_metadata":{"plan":"x"}},
		{"email":"b@example.com","user_id":"b"}]`
	s.job(s.upload(file, "connection_id", conn.ID).at("id"))
	made := s.want(200, "POST", "/jobs/users-exports", fmt.Sprintf(`{"connection_id":"%s","format":"csv","limit":5,"fields":[{"name":"user_id"},{"name":"name","export_as":"Full \"name\""},
		{"name":"identities[0].connection","export_as":"provider"},{"name":"user_metadata.consent.given"},{"name":"user_metadata.list"},{"name":"email_verified"},{"name":"nothing"}]}`, conn.ID))
	for path, want := range map[string]any{"type": "users_export", "status": "pending", "format": "csv", "limit": 5.0, "connection_id": conn.ID, "connection": conn.Name, "location": nil} {
		if got := made.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	over := s.job(made.at("id"))
	if over.at("status") != "completed" || !strings.HasPrefix(fmt.Sprint(over.at("location")), s.Issuer) || !strings.Contains(fmt.Sprint(over.at("location")), ".csv.gz?") {
		t.Fatalf("the job is %s", over.text)
	}
	want := `"user_id","Full ""name""","provider","user_metadata.consent.given","user_metadata.list","email_verified","nothing"
"'auth0|a","'=1+1 ""A""","'Username-Password-Authentication",true,"'[1]",true,
"'auth0|b","'b@example.com","'Username-Password-Authentication",,,false,
`
	if got := s.download(over); got != want {
		t.Errorf("the CSV is\n%s\nwant\n%s", got, want)
	}
	over = s.job(s.want(200, "POST", "/jobs/users-exports", `{"format":"json","fields":[{"name":"email"},{"name":"user_metadata.consent","export_as":"consent"},{"name":"app_metadata"}]}`).at("id"))
	if got, want := s.download(over), `{"app_metadata":{"plan":"x"},"consent":{"given":true},"email":"a@example.com"}`+"\n"+`{"email":"b@example.com"}`+"\n"; got != want {
		t.Errorf("the JSON is %s", got)
	}
	over = s.job(s.want(200, "POST", "/jobs/users-exports", `{"limit":1}`).at("id"))
	var user map[string]any
	if err := json.Unmarshal([]byte(s.download(over)), &user); err != nil || user["user_id"] != "auth0|a" || user["created_at"] == nil || user["identities"] == nil {
		t.Errorf("without fields: %v, %v", user, err)
	}
	if got := s.download(s.job(s.want(200, "POST", "/jobs/users-exports", `{"format":"csv"}`).at("id"))); strings.Count(got, "\n") != 3 || !strings.Contains(got, "Z\"") || strings.Contains(got, `"'20`) {
		t.Errorf("a CSV without fields is %s", got)
	}
	for body, says := range map[string]string{
		`{"connection_id":"con_AAAAAAAAAAAAAAAA"}`: "The connection does not exist.",
		`{"format":"xml"}`:                         "Payload validation error: 'No enum match for: xml' on property format.",
		`{"limit":0}`:                              "Payload validation error: 'Value 0 is less than minimum 1' on property limit.",
		`{"format":"csv","fields":[{"name":"user_metadata"}]}`:                                "a CSV cannot have the whole of user_metadata: name a field in it, or export as JSON.",
		`{"format":"csv","fields":[` + strings.Repeat(`{"name":"x"},`, 30) + `{"name":"x"}]}`: "a CSV has at most 30 fields.",
		`{"fields":[{"export_as":"x"}]}`:                                                      "Payload validation error: 'Missing required property: name' on property fields[0].",
	} {
		if a := s.call("POST", "/jobs/users-exports", body); a.status != 400 || a.at("message") != says {
			t.Errorf("%s: %d %s, want %q", body, a.status, a.text, says)
		}
	}
}

// A link to an export is of that job and does not work for long; the job has a new one each time.
func TestExportLinks(t *testing.T) {
	s := open(t)
	first, second := s.job(s.want(200, "POST", "/jobs/users-exports", `{}`).at("id")), s.job(s.want(200, "POST", "/jobs/users-exports", `{}`).at("id"))
	get := func(link string) int {
		r, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode
	}
	link := first.at("location").(string)
	if got := get(link); got != 200 {
		t.Errorf("the link: %d", got)
	}
	for name, bad := range map[string]string{
		"another job": strings.Replace(link, first.at("id").(string), second.at("id").(string), 1), "no token": link[:strings.Index(link, "?")], "half a token": link[:len(link)-3],
	} {
		if got := get(bad); got != 403 {
			t.Errorf("%s: %d, want 403", name, got)
		}
	}
	s.Clock.Advance(61 * time.Second)
	if got := get(link); got != 403 {
		t.Errorf("after a minute: %d, want 403", got)
	}
	if fresh := s.want(200, "GET", "/jobs/"+first.at("id").(string), nil); get(fresh.at("location").(string)) != 200 {
		t.Error("the job's new link does not work")
	}
}

// What is exported as JSON can be imported elsewhere, and is the same there.
func TestExportedUsersComeBack(t *testing.T) {
	s := open(t)
	s.person(`,"user_id":"one","username":"one","given_name":"O","blocked":true,"email_verified":true,"user_metadata":{"a":[1,{"b":null}]},"app_metadata":{"p":"q"}`)
	_, second := s.person(`,"user_id":"two","name":"Linked"`)
	s.want(201, "POST", "/users/auth0%7Cone/identities", fmt.Sprintf(`{"provider":"auth0","user_id":"%s"}`, second))
	before := s.download(s.job(s.want(200, "POST", "/jobs/users-exports", `{}`).at("id")))
	there := open(t)
	got, err := management.ImportUsers(t.Context(), &management.Admin{DB: there.DB}, strings.NewReader(before), management.ImportOptions{Connection: there.database(), Exported: true,
		Failed: func(f management.UserFailure) { t.Error(f) }}, nil)
	if err != nil || got.Inserted != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if after := there.download(there.job(there.want(200, "POST", "/jobs/users-exports", `{}`).at("id"))); after != before {
		t.Errorf("there it is\n%s\nhere it was\n%s", after, before)
	}
}
