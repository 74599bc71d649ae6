package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// TestJobsHaveOneWorker: whoever was silent for too long has lost the job, and nothing that they do to it counts any more.
func TestJobsHaveOneWorker(t *testing.T) {
	at := time.Now()
	db := openAt(t, fresh(t), func() time.Time { return at })
	ctx := t.Context()
	do := func(fn func(tx *store.Tx) error) error { return db.Write(ctx, fn) }
	must := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := do(fn); err != nil {
			t.Fatal(err)
		}
	}
	must(func(tx *store.Tx) error {
		return tx.CreateJob(ctx, &store.Job{ID: "job", Type: "x", Status: store.JobPending, Queued: true, Body: map[string]any{}}, 0)
	})
	if id, err := db.WaitingJob(ctx); err != nil || id != "job" {
		t.Fatalf("waiting is %q, %v", id, err)
	}
	var first, second store.Job
	must(func(tx *store.Tx) (err error) {
		first, err = tx.ClaimJob(ctx, "job", "first", at.Add(time.Second))
		return err
	})
	if id, err := db.WaitingJob(ctx); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a job with a worker waits: %q, %v", id, err)
	}
	at = at.Add(900 * time.Millisecond)
	must(func(tx *store.Tx) error { return tx.HoldJob(ctx, "job", "first", at.Add(time.Second)) })
	at = at.Add(900 * time.Millisecond)
	if err := do(func(tx *store.Tx) error { _, err := tx.ClaimJob(ctx, "job", "second", at); return err }); !errors.Is(err, store.ErrJobLost) {
		t.Errorf("a job that is held was taken up: %v", err)
	}
	at = at.Add(200 * time.Millisecond)
	must(func(tx *store.Tx) (err error) {
		second, err = tx.ClaimJob(ctx, "job", "second", at.Add(time.Second))
		return err
	})
	if second.Attempts != 2 || !second.StartedAt.Equal(first.StartedAt) {
		t.Errorf("the second worker has %+v", second)
	}
	first.Place, first.Status = 7, store.JobFailed
	for name, step := range map[string]func(tx *store.Tx) error{
		"hold":    func(tx *store.Tx) error { return tx.HoldJob(ctx, "job", "first", at.Add(time.Hour)) },
		"advance": func(tx *store.Tx) error { return tx.AdvanceJob(ctx, first) },
		"release": func(tx *store.Tx) error { return tx.ReleaseJob(ctx, "job", "first", at) },
		"finish":  func(tx *store.Tx) error { return tx.FinishJob(ctx, first) },
	} {
		if err := do(step); !errors.Is(err, store.ErrJobLost) {
			t.Errorf("the first worker may %s: %v", name, err)
		}
	}
	second.Place = 9
	must(func(tx *store.Tx) error { return tx.AdvanceJob(ctx, second) })
	must(func(tx *store.Tx) error { return tx.ReleaseJob(ctx, "job", "second", at.Add(time.Minute)) })
	if id, err := db.WaitingJob(ctx); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a job that rests is offered: %q, %v", id, err)
	}
	at = at.Add(time.Minute)
	var third store.Job
	must(func(tx *store.Tx) (err error) {
		third, err = tx.ClaimJob(ctx, "job", "third", at.Add(time.Second))
		return err
	})
	if third.Place != 9 || third.Attempts != 1 {
		t.Errorf("the third worker has %+v", third)
	}
	third.Status = store.JobCompleted
	must(func(tx *store.Tx) error { return tx.FinishJob(ctx, third) })
	at = at.Add(time.Hour)
	if err := do(func(tx *store.Tx) error { _, err := tx.ClaimJob(ctx, "job", "fourth", at); return err }); !errors.Is(err, store.ErrJobLost) {
		t.Errorf("a job that is over was taken up: %v", err)
	}
}

// TestJobsAreCleanedUp: files go when nobody needs them, few at a time, and the job itself a day after its last step.
func TestJobsAreCleanedUp(t *testing.T) {
	at := time.Now()
	db := openAt(t, fresh(t), func() time.Time { return at })
	ctx := t.Context()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		errs := []error{
			tx.CreateJob(ctx, &store.Job{ID: "import", Type: store.JobUsersImport, Status: store.JobProcessing, Lease: "x", Queued: true}, 0),
			tx.CreateJob(ctx, &store.Job{ID: "export", Type: store.JobUsersExport, Status: store.JobProcessing, Lease: "x", Queued: true}, 0),
			tx.CreateJob(ctx, &store.Job{ID: "half", Type: store.JobUsersImport, Status: store.JobReceiving, Queued: true}, 0),
		}
		for _, id := range []string{"import", "export", "half"} {
			for i := range int64(25) {
				errs = append(errs, tx.AddJobFile(ctx, id, store.JobPiece{Position: i, Data: []byte{1}}))
			}
		}
		errs = append(errs, tx.MarkJobUsers(ctx, "import", "a", "b"))
		return errors.Join(errs...)
	})
	if n := cleanUp(t, db, 10); n != 0 {
		t.Errorf("%d rows of living jobs were removed", n)
	}
	for _, id := range []string{"import", "export"} {
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.FinishJob(ctx, store.Job{ID: id, Lease: "x", Status: store.JobCompleted})
		})
	}
	for i, want := range []int64{12, 10, 5, 0} { // the first round has the two users too
		if n := cleanUp(t, db, 10); n != want {
			t.Errorf("round %d after the import removed %d rows, want %d", i, n, want)
		}
	}
	if _, err := db.JobFile(ctx, "export", 0); err != nil {
		t.Errorf("the export's file is gone: %v", err)
	}
	at = at.Add(11 * time.Minute)
	if n := cleanUp(t, db, 100); n != 26 {
		t.Errorf("of a file that did not come whole %d rows went, want 25 pieces and the job", n)
	}
	if _, err := db.Job(ctx, "import"); err != nil {
		t.Errorf("the job is gone already: %v", err)
	}
	at = at.Add(24 * time.Hour)
	for range 3 {
		cleanUp(t, db, 100)
	}
	for _, id := range []string{"import", "export"} {
		if _, err := db.Job(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the %s is kept: %v", id, err)
		}
	}
	if _, err := db.JobFile(ctx, "export", 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the export's file is kept: %v", err)
	}
}

// TestAJobOutlivesAClockThatWasWrong: a server took the job up by a clock that was an hour fast, and was killed. By the right
// clock the job is taken up at once, not in an hour.
func TestAJobOutlivesAClockThatWasWrong(t *testing.T) {
	right := time.Now()
	at := right.Add(time.Hour)
	db := openAt(t, fresh(t), func() time.Time { return at })
	claim := func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ClaimJob(ctx, "job", "lease", at.Add(time.Second))
		return err
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.CreateJob(ctx, &store.Job{ID: "job", Type: "x", Status: store.JobPending, Queued: true, Body: map[string]any{}}, 0), claim(ctx, tx))
	})
	at = right
	if id, err := db.WaitingJob(t.Context()); err != nil || id != "job" {
		t.Errorf("waiting is %q, %v", id, err)
	}
	write(t, db, claim)
	if id, err := db.WaitingJob(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the job is offered twice: %q, %v", id, err)
	}
}

// TestFilesThatNobodySendsOn: files whose server was killed while they came in keep no others out for long, whatever the
// clock said then.
func TestFilesThatNobodySendsOn(t *testing.T) {
	at := time.Now()
	db := openAt(t, fresh(t), func() time.Time { return at })
	receive := func() error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			return tx.CreateJob(t.Context(), &store.Job{Type: store.JobUsersImport, Status: store.JobReceiving, Queued: true, Body: map[string]any{}}, 1)
		})
	}
	for _, later := range []time.Duration{0, time.Minute + time.Millisecond, -time.Hour, 2 * time.Hour} {
		at = at.Add(later)
		if err := receive(); err != nil {
			t.Errorf("a file %v later: %v", later, err)
		}
		if err := receive(); !errors.Is(err, store.ErrJobs) {
			t.Errorf("a second file at the same time: %v", err)
		}
	}
}
