package backup_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/coreos/go-oidc/v3/oidc"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/backup"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// engines are the databases that this run has: SQLite, and PostgreSQL where there is a server.
func engines() []string {
	if os.Getenv("PROOFKEY_TEST_POSTGRES") != "" {
		return []string{store.SQLite, store.PostgreSQL}
	}
	return []string{store.SQLite}
}

// place names a database that nobody has made yet.
func place(t *testing.T, engine, name string) backup.Place {
	t.Helper()
	if engine == store.SQLite {
		return backup.Place{Name: name, Database: "sqlite:" + filepath.Join(t.TempDir(), name+".db")}
	}
	u, err := url.Parse(os.Getenv("PROOFKEY_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", "backup_"+strings.ToLower(store.RandomID(16)))
	u.RawQuery = q.Encode()
	return backup.Place{Name: name, Database: u.String()}
}

// raw opens a database as it is.
func raw(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver, name := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, name = "sqlite", path
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func number(t *testing.T, db *sql.DB, text string) (n int64) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

var master = bytes.Repeat([]byte{7}, 32) // that of idptest

type keyPair struct {
	public  []age.Recipient
	private []age.Identity
}

func newKeyPair(t *testing.T) keyPair {
	t.Helper()
	private, public, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	r, err := backup.ParseRecipients(strings.NewReader(public))
	if err != nil {
		t.Fatal(err)
	}
	i, err := backup.ParseIdentities(strings.NewReader("# a comment\n" + private + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{r, i}
}

// saved makes a backup.
func (k keyPair) saved(t *testing.T, places ...backup.Place) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), &file, backup.Options{
		Tenants: places, MasterKey: master, Recipients: k.public, Program: "test", Now: time.Now,
	}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func (k keyPair) restore(ctx context.Context, file []byte, o backup.RestoreOptions) (backup.Report, error) {
	a, err := backup.Open(ctx, bytes.NewReader(file), k.private, master)
	if err != nil {
		return backup.Report{}, err
	}
	o.Now = time.Now
	return a.Restore(ctx, o)
}

// running is a server on a database of an engine, with somebody signed in.
type running struct {
	*idptest.Server
	place   backup.Place
	app     store.Client
	api     store.API
	browser *idptest.Browser
}

const email, password = "jsmith@example.com", "Correct-Horse-7-Battery"

func start(t *testing.T, engine string) *running {
	t.Helper()
	r := &running{place: place(t, engine, "test")}
	r.Server = idptest.New(t, r.on(r.place))
	r.app = r.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	r.api = r.API("https://api.example.com/")
	r.User(email, password, func(u *store.User) {
		u.Profile.UserMetadata = map[string]any{"text": "Zoë \" <&> \u2028 \\", "n": 12345678901234567, "f": 0.1, "nothing": nil}
	})
	r.browser = r.Browser()
	return r
}

// on is a change for idptest: the tenant's database is that of the place.
func (r *running) on(p backup.Place) func(*app.Options) {
	return func(o *app.Options) { o.Tenants[0].Database = p.Database }
}

// tokens sign the user in, silently where they are already.
func (r *running) tokens(t *testing.T, b *idptest.Browser) idptest.Answer {
	t.Helper()
	address := r.AuthorizeURL(r.app, "scope", "openid offline_access", "audience", r.api.Identifier)
	page := b.Get(address)
	if page.Location == "" {
		page = b.Login(address, email, password)
	}
	a := r.Exchange(r.app, page.Param("code"))
	if a.Status != 200 || a.Text("refresh_token") == "" {
		t.Fatalf("the exchange was answered %d %s", a.Status, a.Body)
	}
	return a
}

func (r *running) refresh(token string) idptest.Answer {
	return r.Token("grant_type", "refresh_token", "client_id", r.app.ID, "refresh_token", token)
}

// TestARestoredTenantGoesOn: on each engine, and from each to each other, tokens of before verify and refresh, the browser is
// still signed in, the password is the same, and documents are letter by letter what they were.
func TestARestoredTenantGoesOn(t *testing.T) {
	for _, from := range engines() {
		for _, to := range engines() {
			t.Run(from+" to "+to, func(t *testing.T) {
				r, keys := start(t, from), newKeyPair(t)
				before := r.tokens(t, r.browser)
				linked := r.User("second@example.com", password)
				linkTo := number(t, raw(t, r.place.Database), `SELECT count(*) FROM users`)
				if linkTo != 2 {
					t.Fatalf("there are %d users", linkTo)
				}
				if _, err := raw(t, r.place.Database).ExecContext(t.Context(),
					`UPDATE users SET linked_to = $1 WHERE email = $2`, linked.ID, email); err != nil {
					t.Fatal(err) // the row refers to one that comes after it
				}
				file := keys.saved(t, r.place)
				if _, err := raw(t, r.place.Database).ExecContext(t.Context(), `UPDATE users SET linked_to = NULL`); err != nil {
					t.Fatal(err)
				}
				target := place(t, to, "test")
				report, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{target}})
				if err != nil {
					t.Fatal(err)
				}
				if got := report.Tenants[0]; got.Engine != from || got.Sealed.Secrets < 3 || len(got.Sealed.Broken) != 0 || got.Rows() < 20 {
					t.Errorf("the report is %+v", got)
				}
				for _, c := range report.Tenants[0].Tables {
					if n := number(t, raw(t, target.Database), `SELECT count(*) FROM "`+c.Table+`"`); n != c.Rows {
						t.Errorf("%s has %d rows, want %d", c.Table, n, c.Rows)
					}
				}
				if _, err := raw(t, target.Database).ExecContext(t.Context(), `UPDATE users SET linked_to = NULL`); err != nil {
					t.Fatal(err)
				}
				r.Restart(r.on(target))

				provider, err := oidc.NewProvider(t.Context(), r.Issuer)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := provider.Verifier(&oidc.Config{ClientID: r.app.ID}).Verify(t.Context(), before.Text("id_token")); err != nil {
					t.Errorf("the ID token of before: %v", err)
				}
				if a := r.refresh(before.Text("refresh_token")); a.Status != 200 {
					t.Errorf("the refresh token of before was answered %d %s", a.Status, a.Body)
				}
				r.tokens(t, r.browser)
				if page := r.browser.Get(r.AuthorizeURL(r.app, "prompt", "none")); page.Param("code") == "" {
					t.Errorf("the session of before ended: %s", page.Location)
				}
				fresh := r.Browser()
				r.tokens(t, fresh)
				u, err := r.DB.UserByIdentifier(t.Context(), store.DefaultConnection, email)
				if m := u.Profile.UserMetadata; err != nil || m["text"] != "Zoë \" <&> \u2028 \\" || m["f"] != 0.1 || len(m) != 4 {
					t.Errorf("the metadata came back as %v, %v", m, err)
				}
			})
		}
	}
}

// TestABackupIsOfOneMoment: while people sign in and refresh, each backup has of a sign-in the code's mark and the refresh
// token, or neither.
func TestABackupIsOfOneMoment(t *testing.T) {
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			r, keys := start(t, engine), newKeyPair(t)
			r.tokens(t, r.browser)
			ctx, stop := context.WithCancel(t.Context())
			var people sync.WaitGroup
			for range 4 {
				b := r.Browser()
				r.tokens(t, b)
				people.Go(func() {
					for ctx.Err() == nil {
						r.refresh(r.tokens(t, b).Text("refresh_token"))
					}
				})
			}
			var files [][]byte
			for range 6 {
				files = append(files, keys.saved(t, r.place))
			}
			stop()
			people.Wait()
			grown := []int64{0}
			for _, file := range files {
				target := place(t, store.SQLite, "test")
				if _, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{target}}); err != nil {
					t.Fatal(err)
				}
				db := raw(t, target.Database)
				if n := number(t, db, `SELECT count(*) FROM spent_codes WHERE family_id NOT IN (SELECT id FROM refresh_tokens)`); n != 0 {
					t.Errorf("%d codes are spent whose refresh token is not there", n)
				}
				if n := number(t, db, `SELECT count(*) FROM refresh_tokens WHERE id NOT IN (SELECT family_id FROM spent_codes)`); n != 0 {
					t.Errorf("%d refresh tokens are there whose code is not spent", n)
				}
				if n := number(t, db, `SELECT count(*) FROM refresh_tokens WHERE counter <> (SELECT count(*) FROM events
					WHERE type = 'sertft' AND record ->> 'details' LIKE '%' || refresh_tokens.id || '%')`); n != 0 {
					t.Errorf("of %d refresh tokens the rotation and its event are not of one moment", n)
				}
				grown = append(grown, number(t, db, `SELECT count(*) FROM refresh_tokens`))
			}
			if !slices.IsSorted(grown) || grown[1] == grown[len(grown)-1] {
				t.Errorf("the backups have %v sign-ins: nobody signed in meanwhile", grown[1:])
			}
		})
	}
}

// TestWhatWasSpentAfterTheBackup: a device that refreshed since the backup is refused and signs in again, and its spent token,
// which the restored row takes for the living one, is worth nothing from then on.
func TestWhatWasSpentAfterTheBackup(t *testing.T) {
	r, keys := start(t, store.SQLite), newKeyPair(t)
	spent := r.tokens(t, r.browser).Text("refresh_token")
	other := r.tokens(t, r.browser).Text("refresh_token")
	file := keys.saved(t, r.place)
	newer := r.refresh(spent).Text("refresh_token")
	for _, signOut := range []bool{false, true} {
		target := place(t, store.SQLite, "test")
		if _, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{target}, SignOut: signOut}); err != nil {
			t.Fatal(err)
		}
		r.Restart(r.on(target))
		for _, token := range []string{newer, spent} {
			if a := r.refresh(token); a.Status != 403 {
				t.Errorf("signed out %v: a refresh token of the device that went on was answered %d %s", signOut, a.Status, a.Body)
			}
		}
		a := r.refresh(other)
		page := r.browser.Get(r.AuthorizeURL(r.app, "prompt", "none"))
		if alive := a.Status == 200; alive == signOut {
			t.Errorf("signed out %v: the refresh token of another device was answered %d %s", signOut, a.Status, a.Body)
		}
		if alive := page.Param("code") != ""; alive == signOut {
			t.Errorf("signed out %v: the session led to %s", signOut, page.Location)
		}
	}
}

// leftovers are the files of a folder, or the tables of a schema.
func leftovers(t *testing.T, p backup.Place) (all []string) {
	t.Helper()
	if path, ok := strings.CutPrefix(p.Database, "sqlite:"); ok {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	u, err := url.Parse(p.Database)
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	if n := number(t, raw(t, p.Database), `SELECT count(*) FROM information_schema.schemata WHERE schema_name = '`+schema+`'`); n != 0 {
		all = append(all, schema)
	}
	return all
}

// TestRefusals: whatever is wrong is said, and nothing is left behind.
func TestRefusals(t *testing.T) {
	r, keys := start(t, store.SQLite), newKeyPair(t)
	r.tokens(t, r.browser)
	system := backup.Place{Name: "system", Database: "sqlite:" + filepath.Join(filepath.Dir(strings.TrimPrefix(r.place.Database, "sqlite:")), "system.db")}
	file := keys.saved(t, r.place, system)
	changed := func(at int) []byte {
		b := slices.Clone(file)
		b[at] ^= 1
		return b
	}
	otherMaster := bytes.Repeat([]byte{8}, 32)
	plain := opened(t, keys, file)
	type refusal struct {
		file     []byte
		keys     keyPair
		master   []byte
		sentence string
	}
	cases := map[string]refusal{
		"another private key":      {file, newKeyPair(t), master, "sealed to another key"},
		"another master key":       {file, keys, otherMaster, "the master key is not that of the server"},
		"cut at the end":           {file[:len(file)-1], keys, master, "cut or changed"},
		"cut in the middle":        {file[:len(file)/2], keys, master, "cut or changed"},
		"cut in the header":        {file[:40], keys, master, "no backup"},
		"empty":                    {nil, keys, master, "no backup"},
		"not a backup":             {[]byte(strings.Repeat("hello ", 1000)), keys, master, "no backup"},
		"something behind it":      {append(slices.Clone(file), 'x'), keys, master, "cut or changed"},
		"first byte changed":       {changed(0), keys, master, "no backup"},
		"last byte changed":        {changed(len(file) - 1), keys, master, "cut or changed"},
		"sealed again, a row less": {resealed(t, keys, withoutARow(plain)), keys, master, "cut or changed"},
		"sealed again, a word more": {resealed(t, keys, bytes.Replace(plain, []byte(email), []byte("mallory@example.com"), 1)), keys, master,
			"MAC does not match"},
		"sealed again, no end":        {resealed(t, keys, plain[:bytes.LastIndexByte(plain[:len(plain)-1], '\n')+1]), keys, master, "cut or changed"},
		"sealed again, goes on":       {resealed(t, keys, append(slices.Clone(plain), plain...)), keys, master, "comes after its end"},
		"sealed again, another form":  {resealed(t, keys, bytes.Replace(plain, []byte("backup 1"), []byte("backup 2"), 1)), keys, master, "use the version that made it"},
		"sealed again, no backup":     {resealed(t, keys, []byte("{}\n")), keys, master, "no backup of proofkey"},
		"sealed again, not packed":    {sealedOnly(t, keys, plain), keys, master, "cut or changed"},
		"sealed again, a tenant less": {resealed(t, keys, withoutATenant(plain)), keys, master, "cut or changed"},
	}
	for i := 100; i < len(file); i += len(file) / 40 {
		cases[fmt.Sprintf("byte %d changed", i)] = refusal{changed(i), keys, master, ""}
	}
	for _, engine := range engines() {
		for name, c := range cases {
			target := place(t, engine, "test")
			a, err := backup.Open(t.Context(), bytes.NewReader(c.file), c.keys.private, c.master)
			if err == nil {
				_, err = a.Restore(t.Context(), backup.RestoreOptions{Places: []backup.Place{target}, Now: time.Now})
			}
			if err == nil || !strings.Contains(err.Error(), c.sentence) || strings.Contains(err.Error(), email) {
				t.Errorf("%s: %v, want %q", name, err, c.sentence)
			}
			if all := leftovers(t, target); len(all) > 0 {
				t.Errorf("%s: left behind: %v", name, all)
			}
		}
	}
	if _, err := backup.Write(t.Context(), io.Discard, backup.Options{
		Tenants: []backup.Place{r.place}, MasterKey: otherMaster, Recipients: keys.public, Now: time.Now,
	}); err == nil || !strings.Contains(err.Error(), "the master key is not the one this database was made with") {
		t.Errorf("a backup with another master key: %v", err)
	}
}
