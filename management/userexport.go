package management

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"

	"github.com/proofkey/proofkey/store"
)

// ExportUsers writes users, ordered by id and a batch at a time, and tells progress how many there are so far.
func ExportUsers(ctx context.Context, db *store.DB, out io.Writer, o ExportOptions, progress func(written int64)) (written int64, err error) {
	e := newExporter(o)
	begin, end := "", ""
	if o.Array {
		begin, end = "[", "\n]\n"
	}
	if _, err := io.WriteString(out, begin); err != nil {
		return 0, err
	}
	for mark := ""; ; {
		text, after, n, err := e.next(ctx, db.Queries, mark, written)
		if err != nil {
			return written, err
		}
		if _, err := out.Write(text); err != nil {
			return written, err
		}
		if n == 0 {
			_, err := io.WriteString(out, end)
			return written, err
		}
		mark, written = after, written+n
		if progress != nil {
			progress(written)
		}
		if err := ctx.Err(); err != nil {
			return written, err
		}
	}
}

// runExport writes the file of an export from where the job is on. Each batch is a member of the gzip file, so that a file
// that grew under several workers is whole.
func (a *Admin) runExport(ctx context.Context, job *store.Job) error {
	o, err := exportOptionsOf(job.Body)
	if err != nil {
		return err
	}
	if job.Place == 0 {
		job.Size, err = a.DB.CountUsersOf(ctx, o.Connection)
		if err != nil {
			return err
		}
		if o.Limit > 0 {
			job.Size = min(job.Size, o.Limit)
		}
	}
	e := newExporter(o)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, mark, n, err := e.next(ctx, a.DB.Queries, job.Mark, job.Place)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(text) // into memory
		_ = z.Close()
		done := *job
		done.Mark, done.Place = mark, job.Place+n
		err = a.DB.Write(ctx, func(tx *store.Tx) error {
			if err := tx.HoldJob(ctx, job.ID, job.Lease, tx.Now().Add(JobLease)); err != nil {
				return err
			}
			if n > 0 || job.Place == 0 {
				if err := tx.AddJobFile(ctx, job.ID, store.JobPiece{Position: job.Place, Data: packed.Bytes()}); err != nil {
					return err
				}
			}
			return tx.AdvanceJob(ctx, done)
		})
		if err != nil {
			return err
		}
		*job = done
		if n == 0 {
			return nil
		}
	}
}

func exportOptionsOf(body map[string]any) (o ExportOptions, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return o, err
	}
	var asked struct {
		Connection, Format string
		Fields             []ExportField
		Limit              int64
	}
	err = json.Unmarshal(raw, &asked)
	return ExportOptions{Connection: asked.Connection, CSV: asked.Format == "csv", Fields: asked.Fields, Limit: asked.Limit}, err
}
