package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// child is what the process does that a test starts of itself.
func child(role, dsn string) {
	db, err := store.Open(context.Background(), dsn, store.Options{MasterKey: masterKey()})
	if err == nil {
		switch role {
		case "write until killed":
			err = writeUntilKilled(db)
		case "write on a full disk":
			err = writeOnAFullDisk(db, strings.TrimPrefix(dsn, "sqlite:"))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// start runs this program again in a role.
func start(t *testing.T, role, dsn string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "PROOFKEY_STORE_CHILD="+role, "PROOFKEY_STORE_DATABASE="+dsn)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return c, lines
}

// addUser is one write of two rows, a user and their identity: half of it would show.
func addUser(db *store.DB, id string) error { return addLongUser(db, id, 2000) }

func addLongUser(db *store.DB, id string, length int) error {
	u := store.User{ID: "auth0|" + id, Connection: "c", Email: id + "@example.com"}
	u.Profile.UserMetadata = map[string]any{"filler": strings.Repeat("x", length)}
	return db.Write(context.Background(), func(tx *store.Tx) error { return tx.CreateUser(context.Background(), &u) })
}

// writeUntilKilled prints the id of each user whose write was answered.
func writeUntilKilled(db *store.DB) error {
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("w%dn%d", worker, i)
				if err := addUser(db, id); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				os.Stdout.WriteString(id + "\n")
			}
		})
	}
	wg.Wait()
	return errors.New("the writers ended by themselves")
}

// fullDisk is what the child found out about a full disk.
type fullDisk struct {
	Answered, Refused []string // ids of users
	Read, After       string   // the errors of a read while the disk was full, and of a write once there was room again
}

// writeOnAFullDisk lets the files grow by a little only, fills that up from many goroutines, and makes room again. A limit
// on the size of files is what a full disk looks like to one process.
func writeOnAFullDisk(db *store.DB, path string) error {
	signal.Ignore(syscall.SIGXFSZ) // so that a write fails instead of ending the process
	var r fullDisk
	var mu sync.Mutex
	note := func(id string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			r.Refused = append(r.Refused, id)
			return
		}
		r.Answered = append(r.Answered, id)
	}
	for i := range 10 {
		id := fmt.Sprint("before", i)
		note(id, addUser(db, id))
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil {
		return err
	}
	if err := limitFiles(uint64(wal.Size()) + 600<<10); err != nil {
		return err
	}
	var wg sync.WaitGroup
	var failed atomic.Int64
	for worker := range 16 {
		wg.Go(func() {
			for i := 0; failed.Load() < 100; i++ {
				id := fmt.Sprintf("w%dn%d", worker, i)
				length := 2000
				if i > 2 && worker%2 == 1 {
					length = 1 << 20 // so that a group is more than SQLite's cache, and fails before its commit
				}
				err := addLongUser(db, id, length)
				if note(id, err); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	_, err = db.User(context.Background(), "auth0|before0")
	r.Read = fmt.Sprint(err)
	if err := limitFiles(1 << 40); err != nil {
		return err
	}
	err = addUser(db, "last")
	note("last", err)
	r.After = fmt.Sprint(err)
	if err := db.Close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func limitFiles(bytes uint64) error {
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = min(bytes, limit.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}
