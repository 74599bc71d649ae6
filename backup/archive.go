package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"

	"github.com/proofkey/proofkey/store"
)

// maxLine bounds a row: no body that a server takes comes near it.
const maxLine = 256 << 20

// errDamaged is what is said of a file that is not as it was written.
var errDamaged = errors.New("the backup was cut or changed")

// Archive is a backup that was read to its end and found whole.
type Archive struct {
	Report
	file       io.ReadSeeker
	identities []age.Identity
	master     []byte
}

// Open checks a backup from its first byte to its last; nothing is written.
func Open(ctx context.Context, file io.ReadSeeker, identities []age.Identity, master []byte) (*Archive, error) {
	a := &Archive{file: file, identities: identities, master: master}
	report, err := a.walk(ctx, nil)
	a.Report = report
	return a, err
}

// visitor is what a walk through a backup calls. The rows that fill does not read are read over.
type visitor interface {
	begin(ctx context.Context, t tenant, p Place) error
	fill(ctx context.Context, t store.Table, next func() ([]any, error)) error
}

// walk reads the whole backup. Only its nil error says that what the visitor was shown is genuine.
func (a *Archive) walk(ctx context.Context, v visitor) (report Report, err error) {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return report, fmt.Errorf("a backup is read twice, so it must be a file: %w", err)
	}
	opened, err := age.Decrypt(bufio.NewReaderSize(a.file, 1<<16), a.identities...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return report, errors.New("the backup is sealed to another key: none of the private keys that were given opens it")
	}
	if err != nil {
		return report, fmt.Errorf("this is no backup, or one whose beginning was changed: %w", err)
	}
	r := &reader{in: bufio.NewReaderSize(nil, 1<<16)}
	packed, err := gzip.NewReader(opened)
	if err != nil {
		return report, fmt.Errorf("%w: %w", errDamaged, err)
	}
	r.in.Reset(packed)
	h, err := r.header(a.master)
	if err != nil {
		return report, err
	}
	report = Report{ID: h.ID, MadeAt: h.MadeAt, Program: h.Program}
	for {
		m, err := r.mark()
		if err != nil {
			return report, err
		}
		switch {
		case m.MAC != nil:
			return report, r.end(m.MAC)
		case m.Tenant != nil && len(report.Tenants) < len(h.Tenants):
			p := h.Tenants[len(report.Tenants)]
			report.Tenants = append(report.Tenants, Tenant{
				Name: p.Name, Domains: p.Domains, ID: m.Tenant.ID, Engine: m.Tenant.Engine, At: m.Tenant.At, Schema: last(m.Tenant.Schema),
			})
			if v != nil {
				err = v.begin(ctx, *m.Tenant, p)
			}
		case m.Table != nil && len(report.Tenants) > 0:
			t := &report.Tenants[len(report.Tenants)-1]
			var n int64
			n, err = r.table(ctx, *m.Table, v)
			t.Tables = append(t.Tables, Count{m.Table.Name, n})
		default:
			err = fmt.Errorf("%w: a line is out of its place", errDamaged)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return report, err
		}
	}
}

// reader reads the lines. Only what was read before the mark of the end counts for the MAC.
type reader struct {
	in     *bufio.Reader
	mac    hash.Hash
	buffer []byte
}

// line reads a line with its end, which is good until the next one is read.
func (r *reader) line() ([]byte, error) {
	r.buffer = r.buffer[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		if err == nil && len(r.buffer) == 0 {
			return part, nil
		}
		r.buffer = append(r.buffer, part...)
		switch {
		case err == nil:
			return r.buffer, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		case len(r.buffer) > maxLine:
			return nil, fmt.Errorf("%w: a line is too long", errDamaged)
		}
	}
}

func (r *reader) header(master []byte) (h header, err error) {
	line, err := r.line()
	if err != nil {
		return h, err
	}
	if json.Unmarshal(line, &h) != nil || h.Format == "" {
		return h, errors.New("this is no backup of proofkey")
	}
	if h.Format != format {
		return h, fmt.Errorf("the backup has the form %q, this version reads %q: use the version that made it (%s)", h.Format, format, h.Program)
	}
	key, err := macKey(master, h.ID)
	if err != nil {
		return h, err
	}
	if !hmac.Equal(h.KeyCheck, keyCheck(key)) {
		return h, errors.New("the master key is not that of the server that the backup was made of: without it the secrets in the backup stay sealed")
	}
	r.mac = hmac.New(sha256.New, key)
	r.mac.Write(line)
	return h, nil
}

func (r *reader) mark() (m mark, err error) {
	line, err := r.line()
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if m.MAC == nil {
		r.mac.Write(line)
	}
	return m, nil
}

// end checks the MAC, and that nothing comes after it.
func (r *reader) end(mac []byte) error {
	if !hmac.Equal(mac, r.mac.Sum(nil)) {
		return fmt.Errorf("%w: its MAC does not match", errDamaged)
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something comes after its end (%v)", errDamaged, err)
	}
	return nil
}

// table reads the rows of a table and the mark behind them.
func (r *reader) table(ctx context.Context, t store.Table, v visitor) (n int64, err error) {
	rows := &rowReader{reader: r, columns: t.Columns, row: make([]any, len(t.Columns))}
	if v != nil {
		if err := v.fill(ctx, t, rows.next); err != nil {
			return 0, err
		}
	}
	for err == nil {
		_, err = rows.raw()
		if rows.count%1024 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return rows.count, nil
}

// rowReader reads rows until the mark behind them.
type rowReader struct {
	*reader
	columns []store.Column
	row     []any
	count   int64
	over    bool
}

// raw reads one line of a row; io.EOF at the mark.
func (r *rowReader) raw() ([]byte, error) {
	if r.over {
		return nil, io.EOF
	}
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	r.mac.Write(line)
	if line[0] == '[' {
		r.count++
		return line, nil
	}
	r.over = true // at the mark of its end; what else it may be, the MAC tells
	return nil, io.EOF
}

// next reads one row as the store wants it, which is good until the next one is read.
func (r *rowReader) next() ([]any, error) {
	line, err := r.raw()
	if err != nil {
		return nil, err
	}
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil || len(cells) != len(r.columns) {
		return nil, fmt.Errorf("%w: a row has not the columns of its table", errDamaged)
	}
	for i, c := range r.columns {
		if r.row[i], err = value(c.Type, cells[i]); err != nil {
			return nil, fmt.Errorf("%w: column %s: %w", errDamaged, c.Name, err)
		}
	}
	return r.row, nil
}

func value(kind string, text json.RawMessage) (any, error) {
	if bytes.Equal(text, []byte("null")) {
		return nil, nil
	}
	switch kind {
	case "BIGINT":
		return into[int64](text)
	case "BOOLEAN":
		return into[bool](text)
	case "BYTEA":
		return into[[]byte](text)
	}
	return into[string](text)
}

func into[T any](text json.RawMessage) (v T, err error) {
	return v, json.Unmarshal(text, &v)
}
