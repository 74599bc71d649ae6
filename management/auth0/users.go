package auth0

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// Users says how files of users are imported.
type Users struct {
	Apply bool // otherwise it is a dry run
	// Connection is that of users whose record names none; empty: the tenant's default, or the database of a fresh tenant.
	Connection string
	// Expected are the connections that the configuration makes.
	Expected []string
	// Progress is told how far a file is, in bytes of what it holds; size is 0 where nobody knows it.
	Progress func(file string, p management.ImportProgress)
	// Failed is told of each user who is refused.
	Failed func(file string, f management.UserFailure)
}

// UserReport says what became of the users of a file, or would.
type UserReport struct {
	File string
	management.ImportSummary
	// Dropped are properties that users had and do not keep, with how many had them.
	Dropped map[string]int
}

// Left is how many were there already.
func (r UserReport) Left() int64 { return r.Total - r.Inserted - r.Updated - r.Failed }

// Connections are the names of those that the export has.
func (e *Export) Connections() (names []string) {
	for _, kind := range []string{"databases", "connections"} {
		for _, it := range e.of(kind) {
			names = append(names, it.Name)
		}
	}
	return names
}

// ImportUsers imports files of users, those with profiles first: password hashes come in a file of their own, and who is
// there gets theirs. Who exists is left alone otherwise, so what was interrupted is continued by importing again.
func ImportUsers(ctx context.Context, db *store.DB, files []string, o Users) (all []UserReport, err error) {
	if o.Connection, err = defaultConnection(ctx, db, o); err != nil {
		return nil, err
	}
	hashes := map[string]bool{}
	for _, name := range files {
		if hashes[name], err = holdsHashes(name); err != nil {
			return nil, err
		}
	}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b string) int {
		switch {
		case hashes[a] == hashes[b]:
			return 0
		case hashes[a]:
			return 1
		}
		return -1
	})
	made := management.Made{}
	for _, name := range files {
		r, err := importFile(ctx, db, name, o, made)
		if all = append(all, r); err != nil {
			return all, err
		}
	}
	return all, nil
}

func defaultConnection(ctx context.Context, db *store.DB, o Users) (string, error) {
	if o.Connection != "" {
		if slices.Contains(o.Expected, o.Connection) {
			return o.Connection, nil
		}
		_, err := management.FindConnection(ctx, db.Queries, o.Connection)
		return o.Connection, err
	}
	t, err := db.Tenant(ctx)
	if err == nil && t.Settings.DefaultDirectory != "" {
		return t.Settings.DefaultDirectory, nil
	}
	return store.DefaultConnection, err
}

func importFile(ctx context.Context, db *store.DB, name string, o Users, made management.Made) (r UserReport, err error) {
	r = UserReport{File: name, Dropped: map[string]int{}}
	in, err := management.OpenUsersFile(name)
	if err != nil {
		return r, err
	}
	defer in.Close()
	connection, err := db.Connection(ctx, o.Connection)
	if errors.Is(err, store.ErrNotFound) { // that of a dry run
		connection = store.Connection{Name: o.Connection}
	} else if err != nil {
		return r, err
	}
	admin := &management.Admin{DB: db, Channel: "import"}
	r.ImportSummary, err = management.ImportUsers(ctx, admin, in, management.ImportOptions{
		Connection: connection, Exported: true, Keep: true, DryRun: !o.Apply, Expected: o.Expected, Made: made, Size: in.Size, File: in.Name,
		Dropped: func(property string) { r.Dropped[property]++ },
		Failed: func(f management.UserFailure) {
			if o.Failed != nil {
				o.Failed(name, f)
			}
		},
	}, func(p management.ImportProgress) {
		if o.Progress != nil {
			o.Progress(name, p)
		}
	})
	return r, inLines(name, err)
}

// holdsHashes says whether a file begins with a record of the password hashes.
func holdsHashes(name string) (bool, error) {
	in, err := management.OpenUsersFile(name)
	if err != nil {
		return false, err
	}
	defer in.Close()
	first, err := bufio.NewReaderSize(in, 16<<10).Peek(16 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	return bytes.Contains(first, []byte(`"passwordHash"`)), nil
}

var atByte = regexp.MustCompile(`at byte (\d+)`)

// inLines adds the line to what is wrong with a file at a byte.
func inLines(name string, err error) error {
	if !errors.Is(err, management.ErrUserFile) {
		return err
	}
	place := Place{File: name}
	if m := atByte.FindStringSubmatch(err.Error()); m != nil {
		at, _ := strconv.ParseInt(m[1], 10, 64) // digits
		place.Line = lineOf(name, at)
	}
	return fmt.Errorf("%s: mend it, or export again: %w", place, err)
}

// lineOf is the line of a byte, or 0 where the file cannot be read again.
func lineOf(name string, at int64) int {
	in, err := management.OpenUsersFile(name)
	if err != nil {
		return 0
	}
	defer in.Close()
	line, block := 1, make([]byte, 64<<10)
	for rest := io.LimitReader(in, max(at-1, 0)); ; {
		n, err := rest.Read(block)
		line += bytes.Count(block[:n], []byte("\n"))
		if err != nil {
			return line
		}
	}
}
