package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

const (
	// Workers is how many jobs of a tenant a node works on at a time.
	Workers = 2
	// look is how often an idle worker looks for a job.
	look = 500 * time.Millisecond
	// retries is how often a job may be taken up without getting on, and backoff how long it rests after the first time.
	retries = 10
	backoff = 5 * time.Second
)

// Work does the jobs that requests left, one at a time, until ctx ends. Every node may work: a job is one worker's as long
// as its lease is prolonged.
func Work(ctx context.Context, admin *management.Admin, log *slog.Logger) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for ctx.Err() == nil {
		worked, err := workOnce(ctx, admin, log)
		if err != nil && ctx.Err() == nil {
			log.Error("looking for jobs failed", "error", err)
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// workOnce takes a job up, if there is one, and works until it is over or something comes in between.
func workOnce(ctx context.Context, admin *management.Admin, log *slog.Logger) (worked bool, err error) {
	id, err := admin.DB.WaitingJob(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var job store.Job
	err = admin.DB.Write(ctx, func(tx *store.Tx) (err error) {
		job, err = tx.ClaimJob(ctx, id, store.RandomID(22), tx.Now().Add(management.JobLease))
		return err
	})
	if errors.Is(err, store.ErrJobLost) { // another was quicker
		return true, nil
	}
	if err != nil {
		return false, err
	}
	log = log.With("job", job.ID, "type", job.Type)
	if job.Attempts > retries {
		log.Error("a job is given up", "attempts", job.Attempts)
		return true, admin.FailJob(ctx, job, "The server could not finish the job. Its log says why.")
	}
	err = admin.RunJob(ctx, job)
	switch {
	case err == nil:
		log.Info("a job is over")
		return true, nil
	case errors.Is(err, store.ErrJobLost):
		log.Warn("another has taken up a job that was not worked on for a while")
		return true, nil
	case ctx.Err() != nil:
		return true, release(ctx, admin, job, 0)
	}
	log.Error("a job failed and is tried again", "error", err)
	return true, release(ctx, admin, job, time.Duration(job.Attempts)*backoff)
}

func release(ctx context.Context, admin *management.Admin, job store.Job, rest time.Duration) error {
	ctx = context.WithoutCancel(ctx)
	err := admin.DB.Write(ctx, func(tx *store.Tx) error { return tx.ReleaseJob(ctx, job.ID, job.Lease, tx.Now().Add(rest)) })
	if errors.Is(err, store.ErrJobLost) {
		return nil
	}
	return err
}
