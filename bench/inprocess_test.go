package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

func newBed(t testing.TB, s *idptest.Server) *bed {
	t.Helper()
	hash, err := idptest.QuickHasher().Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{site: &site{address: strings.TrimPrefix(s.URL, "http://"), origin: s.URL}}
	if err := b.fill(t.Context(), s.DB, hash); err != nil {
		t.Fatal(err)
	}
	if err := b.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// BenchmarkOperations runs the operations against a server in this process, with a durable database on disk: so go test
// can profile the server, which the command cannot.
//
//	go test ./bench -bench 'Operations/refresh' -cpuprofile cpu.out
//	go tool pprof -focus 'conn..serve|sqliteEngine..run|Log..run' -top -cum cpu.out
func BenchmarkOperations(b *testing.B) {
	s := idptest.New(b, func(o *app.Options) {
		o.Tenants[0].Database = "sqlite:" + filepath.Join(b.TempDir(), "tenant.db")
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	})
	bed := newBed(b, s)
	for _, op := range operations {
		b.Run(op.name, func(b *testing.B) {
			w := bed.workers(1)[0]
			defer w.conn.close()
			if op.prepare != nil {
				if err := op.prepare(w, b.N); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if err := op.do(w); err != nil {
					b.Fatal(err)
				}
				w.n++
			}
		})
	}
}

// TestOperations holds the operations to the server: each must succeed, for one client and for several.
func TestOperations(t *testing.T) {
	s := idptest.New(t)
	bed := newBed(t, s)
	for _, op := range operations {
		for _, clients := range []int{1, 5} {
			workers := bed.workers(clients)
			err := together(workers, func(w *worker) error {
				for ; w.n < 3; w.n++ {
					if op.prepare != nil {
						if err := op.prepare(w, 1); err != nil {
							return err
						}
					}
					if err := op.do(w); err != nil {
						return err
					}
				}
				return nil
			})
			closeAll(workers)
			if err != nil {
				t.Errorf("%s, %d clients: %v", op.name, clients, err)
			}
		}
	}
}

// TestReadsOfUsers holds the reads to the server: each answers, and finds somebody.
func TestReadsOfUsers(t *testing.T) {
	s := idptest.New(t, idptest.File(t))
	bed := newBed(t, s)
	const many = 500
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		var all []store.User
		for n := range many {
			all = append(all, someUser(n))
		}
		_, err := tx.InsertUsers(t.Context(), all)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	workers := bed.workers(1)
	defer closeAll(workers)
	token, err := bed.managementToken(workers[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range manyOperations(token, many) {
		for range 3 {
			if err := op.do(workers[0]); err != nil {
				t.Errorf("%s: %v", op.name, err)
			}
		}
	}
}
