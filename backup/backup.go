// Package backup writes all tenants of a server into one file that only the holder of a private key can read, and fills
// empty databases from it.
//
// The file is age (age-encryption.org/v1) around gzip around lines of JSON, so that it can be read without this program:
// a header, then for each tenant its tables with their rows as of one moment, then a MAC of all lines before it. The master
// key is not in it: secrets stay sealed by it, and the MAC is made with a key derived from it. So a file that was cut,
// changed, or made by somebody else is refused, and refused before anything is written: it is read to its end once to be
// checked and a second time to be restored. The form knows no engine, so a tenant moves between SQLite and PostgreSQL.
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"filippo.io/age"

	"github.com/proofkey/proofkey/store"
)

// format names the lines; what a later version cannot say in them gets another name.
const format = "proofkey backup 1"

// header is the first line.
type header struct {
	Format   string    `json:"format"`
	ID       string    `json:"id"`
	MadeAt   time.Time `json:"made_at"`
	Program  string    `json:"program"`
	KeyCheck []byte    `json:"key_check"` // by which another master key is told from a change
	Tenants  []Place   `json:"tenants"`
}

// Place is a tenant with its database; the name of that is not in a backup, for it may hold a password.
type Place struct {
	Name     string   `json:"name"`
	Database string   `json:"-"` // see store.Open
	Domains  []string `json:"domains"`
}

// mark is every other line that is no row: the beginning of a tenant or a table, the end of a table, the end.
type mark struct {
	Tenant *tenant      `json:"tenant,omitempty"`
	Table  *store.Table `json:"table,omitempty"`
	Rows   *int64       `json:"rows,omitempty"`
	MAC    []byte       `json:"mac,omitempty"`
}

// tenant is what is said of a tenant before its rows.
type tenant struct {
	Name   string    `json:"name"`
	ID     string    `json:"id"`
	Engine string    `json:"engine"`
	At     time.Time `json:"at"`
	Schema []string  `json:"schema"` // the steps that were applied
}

// Report says what a backup holds, or what was restored of it.
type Report struct {
	ID      string    `json:"id"`
	MadeAt  time.Time `json:"made_at"`
	Program string    `json:"program"`
	Tenants []Tenant  `json:"tenants"`
}

// Tenant is one tenant of a report.
type Tenant struct {
	Name    string        `json:"name"`
	ID      string        `json:"id"`
	Engine  string        `json:"engine"` // of the database that the backup was made of
	At      time.Time     `json:"at"`     // the moment that its rows are of
	Schema  string        `json:"schema"` // the last step that was applied there
	Domains []string      `json:"domains"`
	Tables  []Count       `json:"tables"`
	Sealed  *store.Sealed `json:"sealed,omitempty"` // of a restore
}

// Count is how many rows a table has.
type Count struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Rows is how many rows all tables have.
func (t Tenant) Rows() (n int64) {
	for _, c := range t.Tables {
		n += c.Rows
	}
	return n
}

// Options are what a backup is made of.
type Options struct {
	Tenants    []Place
	MasterKey  []byte
	Recipients []age.Recipient
	Program    string // its version
	Now        func() time.Time
}

// macKey is the key of a backup's MAC.
func macKey(master []byte, id string) ([]byte, error) {
	return hkdf.Key(sha256.New, master, []byte(id), format, 32)
}

// keyCheck is the same for the same key, and says nothing of it.
func keyCheck(key []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("key check"))
	return h.Sum(nil)
}

// writer writes the lines.
type writer struct {
	out *bufio.Writer
	mac hash.Hash
	enc *json.Encoder
}

// Write writes a backup of all tenants beside whatever runs. The rows of a tenant are those of one moment; a file whose
// writing failed is refused by every reader.
func Write(ctx context.Context, w io.Writer, o Options) (Report, error) {
	h := header{Format: format, ID: rand.Text(), MadeAt: o.Now().UTC(), Program: o.Program, Tenants: o.Tenants}
	report := Report{ID: h.ID, MadeAt: h.MadeAt, Program: h.Program}
	key, err := macKey(o.MasterKey, h.ID)
	if err != nil {
		return report, err
	}
	h.KeyCheck = keyCheck(key)
	sealed, err := age.Encrypt(w, o.Recipients...)
	if err != nil {
		return report, err
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return report, err
	}
	out := &writer{out: bufio.NewWriterSize(packed, 1<<16), mac: hmac.New(sha256.New, key)}
	out.enc = json.NewEncoder(io.MultiWriter(out.out, out.mac))
	out.enc.SetEscapeHTML(false)
	if err := out.enc.Encode(h); err != nil {
		return report, err
	}
	for _, p := range o.Tenants {
		t := Tenant{Name: p.Name, Domains: p.Domains}
		err := store.Read(ctx, p.Database, o.MasterKey, func(s *store.Snapshot) error {
			t.At = o.Now().UTC()
			return out.tenant(ctx, &t, s)
		})
		if err != nil {
			return report, fmt.Errorf("tenant %s: %w", p.Name, err)
		}
		report.Tenants = append(report.Tenants, t)
	}
	// The MAC is of the lines before it.
	if err := out.enc.Encode(mark{MAC: out.mac.Sum(nil)}); err != nil {
		return report, err
	}
	return report, errors.Join(out.out.Flush(), packed.Close(), sealed.Close())
}

func (w *writer) tenant(ctx context.Context, t *Tenant, s *store.Snapshot) error {
	t.ID, t.Engine, t.Schema = s.Tenant, s.Engine, last(s.Steps)
	if err := w.enc.Encode(mark{Tenant: &tenant{Name: t.Name, ID: t.ID, Engine: t.Engine, At: t.At, Schema: s.Steps}}); err != nil {
		return err
	}
	for _, table := range s.Tables {
		if err := w.enc.Encode(mark{Table: &table}); err != nil {
			return err
		}
		count := Count{Table: table.Name}
		err := s.Rows(ctx, table, func(row []any) error {
			count.Rows++
			return w.enc.Encode(row)
		})
		if err == nil {
			err = w.enc.Encode(mark{Rows: &count.Rows})
		}
		if err != nil {
			return err
		}
		t.Tables = append(t.Tables, count)
	}
	return nil
}

func last(steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	return steps[len(steps)-1]
}
