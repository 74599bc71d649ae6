package management

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/proofkey/proofkey/store"
)

// ImportOptions say how the users of a file are stored.
type ImportOptions struct {
	// Connection is of new users whose record does not name one.
	Connection store.Connection
	// Upsert changes users who exist in what an import may change, in place of refusing them.
	Upsert bool
	// Exported also takes what only exports have: ids with their provider, identities, dates and counters, and the form in
	// which Auth0 hands out password hashes. Dropped is told of each property of a user that is not kept; without Exported,
	// such a property refuses the user.
	Exported bool
	Dropped  func(name string)
	// Keep leaves users who exist as they are, but for a password hash that they lack.
	Keep bool
	// Expected are the names of connections that a dry run takes for made. It notes in Made whom it would make, and whether
	// with a password, for the dry runs of other files.
	Expected []string
	Made     Made
	// DryRun says what would become of the users, and stores nothing.
	DryRun bool
	// Failed is told of each user who was refused. It is called after the batch that the user was in.
	Failed func(UserFailure)
	// File names the file, so that an import of it that was interrupted is continued; empty: there is nothing to continue.
	File string
	// Size is that of the file in bytes, where it is known.
	Size int64

	connections map[string]bool // names of all
}

// ImportProgress is how far an import is.
type ImportProgress struct {
	Place, Size int64 // in bytes of the file; Size is 0 where it is not known
	ImportSummary
}

// ImportSummary counts users.
type ImportSummary struct {
	Total    int64 `json:"total"`
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	Failed   int64 `json:"failed"`
}

// UserFailure is a user who was refused, with nothing secret in it.
type UserFailure struct {
	Number int64          `json:"-"` // in the file, from 1
	User   map[string]any `json:"user"`
	Errors []UserError    `json:"errors"`
}

const (
	// batchUsers and batchBytes bound what one transaction stores, since all writers of an SQLite tenant wait for it.
	batchUsers = 128
	batchBytes = 1 << 20
	// keptFailures bounds the error report that a job keeps.
	keptFailures = 10000
	// JobLease is how long a worker may be silent until another takes its job up.
	JobLease = 2 * time.Second
)

// errUndo ends the transaction of a dry run.
var errUndo = errors.New("management: a dry run stores nothing")

// ImportUsers stores the users of a file: a JSON array or NDJSON, in the form of Auth0's users-import schema. What is wrong
// with a user refuses that user; what is wrong with the file as a whole is an [ErrUserFile]. Where in is an io.Seeker the
// form of the whole file is checked before anything is stored. Memory does not depend on the length of the file.
//
// The import is a job, which a batch of users and the progress are written to in one transaction: one that was interrupted
// is continued by calling ImportUsers again with the same File, and stores no user twice.
func ImportUsers(ctx context.Context, a *Admin, in io.Reader, o ImportOptions, progress func(ImportProgress)) (ImportSummary, error) {
	if s, ok := in.(io.Seeker); ok {
		if err := checkUserFile(ctx, in, func() error { return nil }); err != nil {
			return ImportSummary{}, err
		}
		if _, err := s.Seek(0, io.SeekStart); err != nil {
			return ImportSummary{}, err
		}
	}
	job, err := a.shellImport(ctx, o)
	if err != nil {
		return ImportSummary{}, err
	}
	if job.Place > 0 {
		if _, err := io.CopyN(io.Discard, in, job.Place); err != nil {
			return ImportSummary{}, fmt.Errorf("find the place where the import was interrupted: %w", err)
		}
	}
	err = a.runImport(ctx, &job, in, &o, progress)
	summary := ImportSummary{job.Total, job.Inserted, job.Updated, job.Failed}
	switch {
	case errors.Is(err, ErrUserFile):
		job.Body["status_details"] = err.Error()
		return summary, errors.Join(err, a.finishJob(ctx, job, store.JobFailed))
	case err != nil && !o.DryRun:
		ctx := context.WithoutCancel(ctx)
		return summary, errors.Join(err, a.DB.Write(ctx, func(tx *store.Tx) error { return tx.ReleaseJob(ctx, job.ID, job.Lease, tx.Now()) }))
	case err != nil:
		return summary, err
	}
	return summary, a.finishJob(ctx, job, store.JobCompleted)
}

// shellImport makes the job of an import that no server runs, or finds the one to be continued.
func (a *Admin) shellImport(ctx context.Context, o ImportOptions) (store.Job, error) {
	body := map[string]any{"connection_id": o.Connection.ID, "connection": o.Connection.Name, "upsert": o.Upsert}
	if o.File != "" {
		body["file"] = o.File
	}
	job := store.Job{Type: store.JobUsersImport, Status: store.JobProcessing, Body: body, Size: o.Size, Lease: store.RandomID(22)}
	if o.DryRun {
		return job, nil
	}
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		open, err := tx.OpenJobs(ctx)
		if err != nil {
			return err
		}
		for _, j := range open {
			if !j.Queued && o.File != "" && maps.Equal(j.Body, body) && j.Size == o.Size {
				job, err = tx.ClaimJob(ctx, j.ID, job.Lease, tx.Now().Add(JobLease))
				if errors.Is(err, store.ErrJobLost) {
					return fmt.Errorf("the file is being imported: see the job %s, or try again in %s", j.ID, JobLease)
				}
				return err
			}
		}
		job.StartedAt, job.LeaseUntil = tx.Now(), tx.Now().Add(JobLease)
		if err := tx.CreateJob(ctx, &job, 0); err != nil {
			return err
		}
		return a.Record(ctx, tx, store.Event{Description: "Import users", Connection: o.Connection.Name, Details: map[string]any{"id": job.ID}})
	})
	return job, err
}

// finishJob ends a job; its event is in the same transaction.
func (a *Admin) finishJob(ctx context.Context, job store.Job, status string) error {
	if job.ID == "" { // a dry run
		return nil
	}
	job.Status = status
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.FinishJob(ctx, job); err != nil {
			return err
		}
		e := store.Event{Description: "The job " + job.Type + " " + status, Details: map[string]any{
			"id": job.ID, "total": job.Total, "inserted": job.Inserted, "updated": job.Updated, "failed": job.Failed,
		}}
		e.Connection, _ = job.Body["connection"].(string)
		return a.Record(ctx, tx, e)
	})
}

// checkUserFile reads a file to its end and stores nothing; alive is called now and then.
func checkUserFile(ctx context.Context, in io.Reader, alive func() error) error {
	f, err := readUserFile(in, 0)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if _, _, err := f.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if n%batchUsers == 0 {
			if err := errors.Join(ctx.Err(), alive()); err != nil {
				return err
			}
		}
	}
}

// runImport stores the users of a file from the job's place on. in begins there.
func (a *Admin) runImport(ctx context.Context, job *store.Job, in io.Reader, o *ImportOptions, progress func(ImportProgress)) error {
	all, err := a.DB.Connections(ctx)
	if err != nil {
		return err
	}
	o.connections = map[string]bool{}
	for _, c := range all {
		o.connections[c.Name] = true
	}
	for _, name := range o.Expected {
		o.connections[name] = true
	}
	f, err := readUserFile(in, job.Place)
	if err != nil {
		return err
	}
	for ended := false; !ended; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := &batch{o: o, job: job, taken: map[string]bool{}}
		for n := int64(0); b.count < batchUsers && n < batchBytes && !ended; {
			raw, place, err := f.next()
			switch {
			case errors.Is(err, io.EOF):
				ended = true
			case err != nil:
				return err
			default:
				b.add(raw)
				b.place, n = place, n+int64(len(raw))
			}
		}
		if b.count == 0 {
			continue
		}
		if err := b.store(ctx, a); err != nil {
			return err
		}
		*job = b.done
		if progress != nil {
			progress(ImportProgress{job.Place, job.Size, ImportSummary{job.Total, job.Inserted, job.Updated, job.Failed}})
		}
		if o.Failed != nil {
			for _, failure := range b.failures {
				o.Failed(failure)
			}
		}
	}
	return nil
}

// batch is what one transaction stores.
type batch struct {
	o     *ImportOptions
	job   *store.Job
	place int64
	count int
	users []importedUser
	// numbers are the places of users in the file, refused what was wrong before anything was stored.
	numbers []int64
	refused []UserFailure
	taken   map[string]bool

	// What the transaction comes to.
	done     store.Job
	failures []UserFailure
	made     Made
}

func (b *batch) add(raw json.RawMessage) {
	b.count++
	number := b.job.Total + int64(b.count)
	u, wrong := b.o.readUser(raw)
	if len(wrong) == 0 {
		wrong = b.twice(u)
	}
	if len(wrong) > 0 {
		b.refused = append(b.refused, failureOf(number, u.sent, wrong))
		return
	}
	b.users, b.numbers = append(b.users, u), append(b.numbers, number)
}

// twice says whether the batch has a user with the same id, e-mail address or user name already.
func (b *batch) twice(u importedUser) []UserError {
	for _, by := range [][2]string{{"user_id", u.ID}, {"email", u.Email}, {"username", u.Username}} {
		if key := by[0] + " " + u.Connection + " " + by[1]; by[1] != "" {
			if b.taken[key] {
				return []UserError{providedTwice(by[0])}
			}
			b.taken[key] = true
		}
	}
	return nil
}

func providedTwice(by string) UserError {
	return UserError{Code: codeDuplicate, Message: "A user with this " + by + " was already provided."}
}

// store writes the batch and the progress of the job.
func (b *batch) store(ctx context.Context, a *Admin) error {
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		b.done, b.failures, b.made = *b.job, append([]UserFailure(nil), b.refused...), Made{} // the function may run again
		if !b.o.DryRun {
			if err := tx.HoldJob(ctx, b.job.ID, b.job.Lease, tx.Now().Add(JobLease)); err != nil {
				return err
			}
		}
		if err := b.write(ctx, tx); err != nil {
			return err
		}
		b.done.Place, b.done.Total = b.place, b.job.Total+int64(b.count)
		b.done.Failed += int64(len(b.failures))
		if b.o.DryRun {
			return errUndo
		}
		if b.job.Queued {
			if err := tx.DropJobFile(ctx, b.job.ID, b.place/store.JobChunk); err != nil {
				return err
			}
		}
		if err := b.report(ctx, tx); err != nil {
			return err
		}
		return tx.AdvanceJob(ctx, b.done)
	})
	if errors.Is(err, errUndo) {
		if b.o.Made != nil {
			maps.Copy(b.o.Made, b.made)
		}
		return nil
	}
	return err
}

// report keeps the first failures of the job.
func (b *batch) report(ctx context.Context, tx *store.Tx) error {
	room := max(0, keptFailures-b.job.Failed)
	var rows []store.JobError
	for _, f := range b.failures[:min(int64(len(b.failures)), room)] {
		rows = append(rows, store.JobError{Position: f.Number, Body: map[string]any{"user": f.User, "errors": f.Errors}})
	}
	return tx.AddJobErrors(ctx, b.job.ID, rows)
}

// write stores the users who are new, then looks at those who are not.
func (b *batch) write(ctx context.Context, tx *store.Tx) error {
	rows := make([]store.User, len(b.users))
	for i, u := range b.users {
		rows[i] = u.User
	}
	stored, err := tx.InsertUsers(ctx, rows)
	if err != nil {
		return err
	}
	var linked []store.User
	for _, u := range b.users {
		if stored[u.ID] {
			linked = append(linked, u.linked...)
		}
	}
	accounts, err := tx.InsertUsers(ctx, linked)
	if err != nil {
		return err
	}
	var made []string
	for i, u := range b.users {
		var wrong []UserError
		switch {
		case !stored[u.ID] && b.o.Keep:
			wrong, err = b.keep(ctx, tx, u)
		case !stored[u.ID] && !b.o.Upsert:
			wrong = []UserError{{Code: codeDuplicate, Message: "The user already exist and upsert parameter is false"}}
		case !stored[u.ID]:
			wrong, err = b.change(ctx, tx, u)
		case b.o.DryRun && b.makesAgain(u):
		default:
			if wrong, err = b.settle(ctx, tx, u, accounts); len(wrong) == 0 {
				made = append(made, u.ID)
				b.done.Inserted++
			}
		}
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			b.failures = append(b.failures, failureOf(b.numbers[i], u.sent, wrong))
		}
	}
	if !b.o.Upsert || b.o.DryRun {
		return nil
	}
	return tx.MarkJobUsers(ctx, b.job.ID, made...)
}

// settle takes a new user back where an account that should be linked to them is somebody else's.
func (b *batch) settle(ctx context.Context, tx *store.Tx, u importedUser, accounts map[string]bool) ([]UserError, error) {
	for i, account := range u.linked {
		if !accounts[account.ID] {
			return []UserError{{codeConflict, "The account, or its e-mail address or user name, is somebody else's", fmt.Sprintf("identities[%d]", i+1)}},
				tx.DeleteUser(ctx, u.ID)
		}
	}
	return nil, nil
}

// failureOf is what is kept of a refused user; what is secret in it is masked.
func failureOf(number int64, sent map[string]any, errors []UserError) UserFailure {
	return UserFailure{number, masked(sent), errors}
}

const mask = "*****"

// masked is a copy without secrets, and of the identifiers only where the whole is long or cannot be stored.
func masked(sent map[string]any) map[string]any {
	shown := maps.Clone(sent)
	for _, name := range []string{"password_hash", "mfa_factors"} {
		if shown[name] != nil {
			shown[name] = mask
		}
	}
	if custom, ok := shown["custom_password_hash"].(map[string]any); ok {
		shown["custom_password_hash"] = maskedHash(custom)
	} else if shown["custom_password_hash"] != nil {
		shown["custom_password_hash"] = mask
	}
	if text, err := json.Marshal(shown); err != nil || len(text) > 16<<10 || !holdable(shown, 0) {
		short := map[string]any{}
		for _, name := range []string{"user_id", "email", "username", "phone_number"} {
			if s, ok := shown[name].(string); ok && len(s) <= 512 && !strings.Contains(s, "\x00") {
				short[name] = s
			}
		}
		return short
	}
	return shown
}

func maskedHash(custom map[string]any) map[string]any {
	shown := maps.Clone(custom)
	for _, name := range []string{"hash", "salt"} {
		part, ok := shown[name].(map[string]any)
		if !ok {
			if shown[name] != nil {
				shown[name] = mask
			}
			continue
		}
		part = maps.Clone(part)
		for _, secret := range []string{"value", "key"} {
			if part[secret] != nil {
				part[secret] = mask
			}
		}
		shown[name] = part
	}
	return shown
}
