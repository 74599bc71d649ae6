package store

import (
	"context"
	"errors"
	"time"
)

// Job is work that outlives its request. It is worked on in steps, by whoever holds its lease; a step and the job's
// progress are one transaction, so no step is lost or done twice when its worker ends in the middle.
type Job struct {
	ID     string
	Type   string
	Status string
	Queued bool // a server may take it up; otherwise a shell has it
	// Body is what was asked for and what the job is shown with, under the names of the Management API.
	Body     map[string]any
	Size     int64  // of the work, in what Place counts; 0: not known
	Place    int64  // how far the work is: bytes read of a file, users written
	Mark     string // the last user that was exported
	Total    int64
	Inserted int64
	Updated  int64
	Failed   int64
	// Lease names who works on the job until LeaseUntil.
	Lease      string
	LeaseUntil time.Time
	Attempts   int64 // how often the job was taken up since its last step
	CreatedAt  time.Time
	StartedAt  time.Time
	ExpiresAt  time.Time
}

// Words of a job's status. A job that is being received is nobody's business yet.
const (
	JobReceiving  = "receiving"
	JobPending    = "pending"
	JobProcessing = "processing"
	JobCompleted  = "completed"
	JobFailed     = "failed"
)

// Types of jobs.
const (
	JobUsersImport       = "users_import"
	JobUsersExport       = "users_export"
	JobVerificationEmail = "verification_email"
)

const (
	// JobKept is how long a job and its files are kept after the last step.
	JobKept = 24 * time.Hour
	// JobReceived is how long the next piece of a file may take to come. A file whose server was killed keeps others from
	// coming for so long.
	JobReceived = time.Minute
	// longestLease bounds a lease, and the rest of a job. One that ends later was taken before the clock was put back, and
	// holds nobody off.
	longestLease = 2 * time.Minute
	// JobChunk is the length of the pieces of an import's file, except the last, so that a place is in the piece place / JobChunk.
	JobChunk = 64 << 10
)

// ErrJobLost is returned when somebody else has taken a job up, or it is over.
var ErrJobLost = errors.New("store: another has the job")

// ErrJobs is returned when there are as many open jobs as there may be.
var ErrJobs = errors.New("store: too many jobs are open")

const jobColumns = `id, type, status, queued, doc, size, place, mark, total, inserted, updated, failed, lease, lease_until,
	attempts, created_at, started_at, expires_at`

func scanJob(r scanner) (j Job, err error) {
	return j, r.Scan(&j.ID, &j.Type, &j.Status, &j.Queued, docInto{&j.Body}, &j.Size, &j.Place, &j.Mark, &j.Total, &j.Inserted,
		&j.Updated, &j.Failed, &j.Lease, msInto{&j.LeaseUntil}, &j.Attempts, msInto{&j.CreatedAt}, msInto{&j.StartedAt}, msInto{&j.ExpiresAt})
}

// Job reads a job that was received whole and is kept still.
func (q Queries) Job(ctx context.Context, id string) (Job, error) {
	return one(ctx, q, scanJob, `SELECT `+jobColumns+` FROM jobs WHERE id = $1 AND status <> 'receiving' AND expires_at > $2`, id, ms(q.Now()))
}

// WaitingJob is the oldest job of the queue that nobody works on.
func (q Queries) WaitingJob(ctx context.Context) (string, error) {
	return one(ctx, q, scanString, `SELECT id FROM jobs WHERE status IN ('receiving', 'pending', 'processing') AND status <> 'receiving'
		AND queued AND (lease_until <= $1 OR lease_until > $2) ORDER BY created_at, id LIMIT 1`, ms(q.Now()), ms(q.Now().Add(longestLease)))
}

// OpenJobs lists the jobs that are not over, the oldest first.
func (q Queries) OpenJobs(ctx context.Context) ([]Job, error) {
	return many(ctx, q, scanJob, `SELECT `+jobColumns+` FROM jobs WHERE status IN ('receiving', 'pending', 'processing')
		ORDER BY created_at, id LIMIT 100`)
}

// CreateJob stores a job; an empty ID is filled. Where most is not 0, ErrJobs when there are as many open ones of its type
// in the servers' queue.
func (tx *Tx) CreateJob(ctx context.Context, j *Job, most int) error {
	if j.ID == "" {
		j.ID = "job_" + RandomID(16)
	}
	j.CreatedAt, j.ExpiresAt = tx.Now(), tx.Now().Add(JobKept)
	if j.Status == JobReceiving {
		j.ExpiresAt = tx.Now().Add(JobReceived)
	}
	if most > 0 {
		n, err := one(ctx, tx.Queries, scanInt, `SELECT count(*) FROM jobs WHERE status IN ('receiving', 'pending', 'processing')
			AND type = $1 AND queued AND expires_at > $2 AND (status <> 'receiving' OR expires_at <= $3)`,
			j.Type, ms(tx.Now()), ms(tx.Now().Add(JobReceived)))
		if err != nil {
			return err
		}
		if n >= int64(most) {
			return ErrJobs
		}
	}
	return tx.exec1(ctx, ErrConflict, `INSERT INTO jobs (`+jobColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, 0, '', 0, 0, 0, 0, $7, $8, 0, $9, $10, $11) ON CONFLICT DO NOTHING`,
		j.ID, j.Type, j.Status, j.Queued, doc(j.Body), j.Size, j.Lease, j.LeaseUntil.UnixMilli(), ms(j.CreatedAt), ms(j.StartedAt), ms(j.ExpiresAt))
}

// SubmitJob hands a job that was received to the workers.
func (tx *Tx) SubmitJob(ctx context.Context, j *Job) error {
	j.Status, j.ExpiresAt = JobPending, tx.Now().Add(JobKept)
	return tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET status = 'pending', doc = $2, size = $3, expires_at = $4
		WHERE id = $1 AND status = 'receiving'`, j.ID, doc(j.Body), j.Size, ms(j.ExpiresAt))
}

// ClaimJob takes up a job that nobody works on, until the given time; ErrJobLost when somebody was quicker.
func (tx *Tx) ClaimJob(ctx context.Context, id, lease string, until time.Time) (Job, error) {
	j, err := one(ctx, tx.Queries, scanJob, `UPDATE jobs SET status = 'processing', lease = $2, lease_until = $3, attempts = attempts + 1,
			started_at = COALESCE(started_at, $4)
		WHERE id = $1 AND status IN ('pending', 'processing') AND (lease_until <= $4 OR lease_until > $5) RETURNING `+jobColumns,
		id, lease, tx.leased(until), ms(tx.Now()), ms(tx.Now().Add(longestLease)))
	if errors.Is(err, ErrNotFound) {
		return j, ErrJobLost
	}
	return j, err
}

// HoldJob prolongs a lease. It comes first in the transaction of a step: whoever waits to take the job up finds it held.
func (tx *Tx) HoldJob(ctx context.Context, id, lease string, until time.Time) error {
	return tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease = $2 AND status = 'processing'`,
		id, lease, tx.leased(until))
}

// leased is the end of a lease as it is stored.
func (tx *Tx) leased(until time.Time) any {
	if last := tx.Now().Add(longestLease); until.After(last) {
		until = last
	}
	return ms(until)
}

// AdvanceJob writes how far the holder of its lease has come.
func (tx *Tx) AdvanceJob(ctx context.Context, j Job) error {
	return tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET place = $3, mark = $4, total = $5, inserted = $6, updated = $7, failed = $8,
			size = $9, attempts = 0, expires_at = $10
		WHERE id = $1 AND lease = $2 AND status = 'processing'`,
		j.ID, j.Lease, j.Place, j.Mark, j.Total, j.Inserted, j.Updated, j.Failed, j.Size, ms(tx.Now().Add(JobKept)))
}

// ReleaseJob lets others take a job up from the given time on.
func (tx *Tx) ReleaseJob(ctx context.Context, id, lease string, from time.Time) error {
	return tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET lease = '', lease_until = $3 WHERE id = $1 AND lease = $2 AND status = 'processing'`,
		id, lease, tx.leased(from))
}

// FinishJob ends a job as completed or failed.
func (tx *Tx) FinishJob(ctx context.Context, j Job) error {
	return tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET status = $3, doc = $4, lease = '', expires_at = $5
		WHERE id = $1 AND lease = $2 AND status = 'processing'`, j.ID, j.Lease, j.Status, doc(j.Body), ms(tx.Now().Add(JobKept)))
}

// ReceiveJob stores a piece of the file that comes with a job.
func (tx *Tx) ReceiveJob(ctx context.Context, id string, p JobPiece) error {
	if err := tx.exec1(ctx, ErrJobLost, `UPDATE jobs SET expires_at = $2 WHERE id = $1 AND status = 'receiving' AND expires_at > $3`,
		id, ms(tx.Now().Add(JobReceived)), ms(tx.Now())); err != nil {
		return err
	}
	return tx.AddJobFile(ctx, id, p)
}

// AddJobFile stores a piece of a job's file.
func (tx *Tx) AddJobFile(ctx context.Context, id string, p JobPiece) error {
	return tx.exec1(ctx, ErrConflict, `INSERT INTO job_files (job_id, position, data) VALUES ($1, $2, $3)`, id, p.Position, p.Data)
}

// JobPiece is a piece of a job's file.
type JobPiece struct {
	Position int64
	Data     []byte
}

// JobFile reads the first piece of a job's file that stands at a position or behind it; ErrNotFound behind the last.
func (q Queries) JobFile(ctx context.Context, id string, from int64) (JobPiece, error) {
	return one(ctx, q, func(r scanner) (p JobPiece, err error) { return p, r.Scan(&p.Position, &p.Data) },
		`SELECT position, data FROM job_files WHERE job_id = $1 AND position >= $2 ORDER BY position LIMIT 1`, id, from)
}

// DropJobFile removes the pieces of a job's file that stand before a position.
func (tx *Tx) DropJobFile(ctx context.Context, id string, before int64) error {
	_, err := tx.exec(ctx, `DELETE FROM job_files WHERE job_id = $1 AND position < $2`, id, before)
	return err
}

// DeleteJob removes a job with all that is its own.
func (tx *Tx) DeleteJob(ctx context.Context, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM jobs WHERE id = $1`, id)
}

// JobError is what was wrong with one user of an import; Position orders them.
type JobError struct {
	Position int64
	Body     map[string]any
}

// AddJobErrors stores what was wrong with users.
func (tx *Tx) AddJobErrors(ctx context.Context, id string, all []JobError) error {
	rows := make([][]any, len(all))
	for i, e := range all {
		rows[i] = []any{id, e.Position, doc(e.Body)}
	}
	return tx.insert(ctx, `INSERT INTO job_errors (job_id, position, doc) VALUES `, "", rows)
}

// JobErrors lists what was wrong with users, after a position.
func (q Queries) JobErrors(ctx context.Context, id string, after int64, limit int) ([]JobError, error) {
	return many(ctx, q, func(r scanner) (e JobError, err error) {
		return e, r.Scan(&e.Position, docInto{&e.Body})
	}, `SELECT position, doc FROM job_errors WHERE job_id = $1 AND position > $2 ORDER BY position LIMIT $3`, id, after, limit)
}

// MarkJobUsers notes the users that a job has made or changed; ErrConflict when one of them was noted before.
func (tx *Tx) MarkJobUsers(ctx context.Context, id string, users ...string) error {
	rows := make([][]any, len(users))
	for i, u := range users {
		rows[i] = []any{id, u}
	}
	n, err := tx.insertCount(ctx, `INSERT INTO job_users (job_id, user_id) VALUES `, ` ON CONFLICT DO NOTHING`, rows)
	if err == nil && n < len(users) {
		return ErrConflict
	}
	return err
}
