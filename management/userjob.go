package management

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/proofkey/proofkey/store"
)

// errJob is why a job cannot be done, in words for whoever asked for it.
type errJob string

func (e errJob) Error() string { return string(e) }

// RunJob does what is left of a job that was taken up, to its end. An error means that the job is not over: another may take
// it up, and begins where this one was.
func (a *Admin) RunJob(ctx context.Context, job store.Job) error {
	var err error
	switch job.Type {
	case store.JobUsersImport:
		err = a.runUpload(ctx, &job)
	case store.JobUsersExport:
		err = a.runExport(ctx, &job)
	default:
		err = errJob("This server does not know such jobs.")
	}
	why, hopeless := errors.AsType[errJob](err)
	if errors.Is(err, ErrUserFile) {
		why, hopeless = errJob(fmt.Sprintf("Failed to parse users file JSON when importing users. Make sure it is valid JSON. (%s)", err)), true
	}
	switch {
	case hopeless:
		return a.FailJob(ctx, job, string(why))
	case err != nil:
		return err
	}
	return a.finishJob(ctx, job, store.JobCompleted)
}

// FailJob ends a job and says why.
func (a *Admin) FailJob(ctx context.Context, job store.Job, why string) error {
	job.Body["status_details"] = why
	return a.finishJob(ctx, job, store.JobFailed)
}

// runUpload imports the file that came with a job. Before the first user is stored the form of the whole file is checked.
func (a *Admin) runUpload(ctx context.Context, job *store.Job) error {
	var o ImportOptions
	var err error
	id, _ := job.Body["connection_id"].(string)
	if o.Connection, err = a.DB.ConnectionByID(ctx, id); errors.Is(err, store.ErrNotFound) {
		return errJob("The connection does not exist.")
	} else if err != nil {
		return err
	}
	o.Upsert, _ = job.Body["upsert"].(bool)
	if job.Place == 0 {
		err := checkUserFile(ctx, &upload{ctx: ctx, q: a.DB.Queries, job: job.ID}, func() error {
			return a.DB.Write(ctx, func(tx *store.Tx) error { return tx.HoldJob(ctx, job.ID, job.Lease, tx.Now().Add(JobLease)) })
		})
		if err != nil {
			return err
		}
	}
	return a.runImport(ctx, job, &upload{ctx: ctx, q: a.DB.Queries, job: job.ID, place: job.Place}, &o, nil)
}

// upload reads the file of a job, a piece at a time.
type upload struct {
	ctx   context.Context
	q     store.Queries
	job   string
	place int64
	piece []byte
}

func (u *upload) Read(p []byte) (int, error) {
	for len(u.piece) == 0 {
		piece, err := u.q.JobFile(u.ctx, u.job, u.place/store.JobChunk)
		skip := int(u.place % store.JobChunk)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && piece.Position == u.place/store.JobChunk && skip == len(piece.Data):
			return 0, io.EOF
		case err != nil:
			return 0, err
		case piece.Position != u.place/store.JobChunk || skip > len(piece.Data):
			return 0, fmt.Errorf("the file of the job %s has no byte %d", u.job, u.place)
		}
		u.piece = piece.Data[skip:]
	}
	n := copy(p, u.piece)
	u.piece, u.place = u.piece[n:], u.place+int64(n)
	return n, nil
}
