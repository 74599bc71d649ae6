package store_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// TestWhatWasAnsweredSurvivesAKill: after SIGKILL in the middle of a storm of writes, everything that was answered is
// there, and nothing is there by half.
func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	dsn := fresh(t)
	c, lines := start(t, "write until killed", dsn)
	answered := map[string]bool{}
	for lines.Scan() {
		answered[lines.Text()] = true
		if len(answered) == 300 {
			if err := c.Process.Kill(); err != nil { // and read on: what it printed before it died was answered too
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err == nil || len(answered) < 300 {
		t.Fatalf("the child ended with %v after %d answers, want it killed after 300", err, len(answered))
	}
	db := openAt(t, dsn, time.Now)
	for id := range answered {
		if _, err := db.User(t.Context(), "auth0|"+id); err != nil {
			t.Fatalf("the write of %s was answered, but its user: %v", id, err)
		}
	}
	wholeUsers(t, db)
	if err := addUser(db, "afterwards"); err != nil {
		t.Errorf("a write after the kill: %v", err)
	}
}

// wholeUsers checks that each user has the identity that was written with them.
func wholeUsers(t *testing.T, db *store.DB) (ids map[string]bool) {
	t.Helper()
	users, err := db.Users(t.Context(), "", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	ids = map[string]bool{}
	for _, u := range users {
		ids[strings.TrimPrefix(u.ID, "auth0|")] = true
		if all, err := db.Identities(t.Context(), u.ID); err != nil || len(all) != 1 {
			t.Fatalf("%s has %d identities, %v; want the one of its write", u.ID, len(all), err)
		}
	}
	return ids
}

// TestFullDisk: while there is no room every write is refused whole, reads go on, and once there is room so do writes.
func TestFullDisk(t *testing.T) {
	dsn := file(t) // a PostgreSQL server has its own disk
	c, lines := start(t, "write on a full disk", dsn)
	var r fullDisk
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &r) != nil {
		t.Fatalf("the child said %q", lines.Text())
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(r.Answered) < 10 || len(r.Refused) < 100 || r.Read != "<nil>" || r.After != "<nil>" {
		t.Errorf("%d answered, %d refused, reading %s, then writing %s; want at least 10 and 100, and no errors",
			len(r.Answered), len(r.Refused), r.Read, r.After)
	}
	ids := wholeUsers(t, openAt(t, dsn, time.Now))
	for _, id := range r.Answered {
		if !ids[id] {
			t.Errorf("the write of %s was answered, but is not there", id)
		}
	}
	for _, id := range r.Refused {
		if ids[id] {
			t.Errorf("the write of %s was refused, but is there", id)
		}
	}
	if want := len(r.Answered); len(ids) != want {
		t.Errorf("%d users, want the %d that were answered", len(ids), want)
	}
}

// TestWaitingWritesShareACommit: writes that wait for the writer go to disk together, and a commit waits for the disk.
func TestWaitingWritesShareACommit(t *testing.T) {
	dsn := file(t)
	db := openAt(t, dsn, time.Now)
	if level, err := store.Pragma(t.Context(), db, "synchronous"); err != nil || level != 2 {
		t.Errorf("synchronous is %d, %v; want 2, which is FULL", level, err)
	}
	before := commits(t, dsn)
	countedWrites, countedCommits := db.Counts()
	const waiting = 100
	var wg sync.WaitGroup
	running, release := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		if err := db.Write(context.Background(), func(*store.Tx) error { close(running); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-running
	for i := range waiting {
		wg.Go(func() {
			if err := addUser(db, fmt.Sprint("n", i)); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(100 * time.Millisecond) // so that all of them wait
	close(release)
	wg.Wait()
	n := commits(t, dsn) - before
	if n < 1 || n > waiting/10 {
		t.Errorf("%d writes that waited took %d commits, want them to share a few", waiting, n)
	}
	afterWrites, afterCommits := db.Counts()
	if afterWrites-countedWrites != waiting+1 || afterCommits-countedCommits < int64(n) || afterCommits-countedCommits > int64(n)+1 {
		t.Errorf("%d writes and %d commits were counted, want %d and %d, or one more for the write without a change",
			afterWrites-countedWrites, afterCommits-countedCommits, waiting+1, n)
	}
}

// TestAFailedWriteTakesNobodyAlong: of writes that share a commit those that fail, by an error or a panic, in front or in the
// middle, leave nothing, and the others are there.
func TestAFailedWriteTakesNobodyAlong(t *testing.T) {
	for _, first := range []bool{true, false} {
		db := openAt(t, file(t), time.Now)
		broken := errors.New("broken")
		running, release := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				close(running)
				<-release
				if err := tx.CreateUser(context.Background(), &store.User{ID: "auth0|first", Connection: store.DefaultConnection}); err != nil || first {
					return err
				}
				return broken
			})
			if first != (err == nil) {
				t.Errorf("the first write: %v", err)
			}
		})
		<-running
		const waiting = 30
		for i := range waiting {
			wg.Go(func() {
				defer func() {
					if got := recover(); (got != nil) != (i%3 == 2) {
						t.Errorf("write %d panicked with %v", i, got)
					}
				}()
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					u := store.User{ID: fmt.Sprintf("auth0|%d", i), Connection: store.DefaultConnection}
					if err := tx.CreateUser(context.Background(), &u); err != nil {
						return err
					}
					switch i % 3 {
					case 1:
						return broken
					case 2:
						panic("broken")
					}
					return nil
				})
				if want := i%3 == 1; errors.Is(err, broken) != want || !want && err != nil {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		time.Sleep(50 * time.Millisecond) // so that all of them wait
		close(release)
		wg.Wait()
		for i := range waiting {
			if _, err := db.User(t.Context(), fmt.Sprintf("auth0|%d", i)); (err == nil) != (i%3 == 0) {
				t.Errorf("user %d: %v", i, err)
			}
		}
		if _, err := db.User(t.Context(), "auth0|first"); (err == nil) != first {
			t.Errorf("the first user: %v", err)
		}
	}
}

// TestManyTexts: a connection that forgets its prepared statements goes on, also below rows that are being read.
func TestManyTexts(t *testing.T) {
	db := openAt(t, file(t), time.Now)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return store.Nested(ctx, tx, 600)
	})
	if err := store.Nested(t.Context(), &store.Tx{Queries: db.Queries}, 600); err != nil {
		t.Error(err)
	}
}

// commits counts the commits in a write-ahead log: the frames that name the size of the database after them.
func commits(t *testing.T, dsn string) (n int) {
	t.Helper()
	log, err := os.ReadFile(strings.TrimPrefix(dsn, "sqlite:") + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	const header, frameHeader = 32, 24
	if len(log) < header {
		return 0
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	for at := header; at+frameHeader+page <= len(log); at += frameHeader + page {
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			n++
		}
	}
	return n
}
