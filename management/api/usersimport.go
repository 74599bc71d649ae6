package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// UsersImports is the path whose bodies are bounded here, by [Handler.MaxImport].
const UsersImports = Base + "jobs/users-imports"

const (
	// defaultMaxImport is the service's bound of a file with its form.
	defaultMaxImport = 512000
	// maxImportField bounds each of the fields beside the file, maxImportFields their number.
	maxImportField, maxImportFields = 4096, 20
	// pieceTime is how long the next piece of a long body may take.
	pieceTime = 30 * time.Second
)

// createUsersImport stores the file that is sent, a piece at a time, and leaves the work to a job.
func (h *Handler) createUsersImport(ctx context.Context, c *call) (any, error) {
	limit := h.MaxImport
	if limit == 0 {
		limit = defaultMaxImport
	}
	if c.r.ContentLength > limit {
		return nil, tooLong(limit)
	}
	c.r.Body = http.MaxBytesReader(nil, c.r.Body, limit)
	form, err := c.r.MultipartReader()
	if err != nil {
		return nil, badBody("The body must be multipart/form-data.").Because(err)
	}
	in := &intake{h: h, c: c, job: store.Job{Type: store.JobUsersImport, Status: store.JobReceiving, Queued: true, Body: document{}}}
	err = in.read(ctx, form)
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		err = tooLong(limit).Because(err)
	}
	if err == nil {
		err = in.submit(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, in.drop(context.WithoutCancel(ctx)))
	}
	return h.showJob(in.job), nil
}

func tooLong(limit int64) *problem.Error {
	return problem.New(http.StatusRequestEntityTooLarge, "", fmt.Sprintf("Payload content length greater than maximum allowed: %d.", limit))
}

// intake is a job whose file comes in.
type intake struct {
	h      *Handler
	c      *call
	job    store.Job
	fields map[string]string
}

func (in *intake) read(ctx context.Context, form *multipart.Reader) error {
	in.fields = map[string]string{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unread(err)
		}
		if name := part.FormName(); name == "users" && in.job.ID == "" {
			err = in.file(ctx, part)
		} else if name == "users" || len(in.fields) == maxImportFields {
			err = badBody("The form has a field twice, or too many of them.")
		} else {
			err = in.field(name, part)
		}
		if err != nil {
			return err
		}
	}
}

// unread is a form that cannot be read; where it is too long, createUsersImport says so.
func unread(err error) error {
	return badBody("The form could not be read to its end.").Because(err)
}

func (in *intake) field(name string, part io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(part, maxImportField+1))
	switch {
	case err != nil:
		return unread(err)
	case len(text) > maxImportField:
		return payloadError(fmt.Sprintf("String is too long (%d chars), maximum %d", len(text), maxImportField), cut(name, 64))
	}
	if _, twice := in.fields[name]; twice {
		return badBody("The form has a field twice, or too many of them.")
	}
	in.fields[name] = string(text)
	return nil
}

// file stores what comes, in pieces of one length.
func (in *intake) file(ctx context.Context, part io.Reader) error {
	err := in.h.DB.Write(ctx, func(tx *store.Tx) error {
		in.job.ID = ""
		return tooManyJobs(tx.CreateJob(ctx, &in.job, maxImports), maxImports, "import")
	})
	if err != nil {
		in.job.ID = ""
		return err
	}
	piece := make([]byte, store.JobChunk)
	for position := int64(0); ; position++ {
		n, err := readWhole(piece, part)
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return unread(err)
		}
		in.job.Size += int64(n)
		if n > 0 {
			err := in.h.DB.Write(ctx, func(tx *store.Tx) error {
				return tx.ReceiveJob(ctx, in.job.ID, store.JobPiece{Position: position, Data: bytes.Clone(piece[:n])})
			})
			if err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		in.c.patience()
	}
}

// readWhole reads until p is full or in ends. Unlike io.ReadFull it tells a form that was cut from the end of its part.
func readWhole(p []byte, in io.Reader) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = in.Read(p[n:])
		n += m
	}
	return n, err
}

// submit checks the fields, which may come behind the file, and hands the job over.
func (in *intake) submit(ctx context.Context) error {
	if in.job.ID == "" || in.job.Size == 0 {
		return payloadError("Missing required property: users", "")
	}
	sent := document{"users": "", "connection_id": in.fields["connection_id"]}
	if sent["connection_id"] == "" {
		delete(sent, "connection_id")
	}
	shown := document{"upsert": false, "send_completion_email": true}
	for _, name := range []string{"upsert", "send_completion_email"} {
		switch v := in.fields[name]; v {
		case "":
		case "true", "false":
			shown[name] = v == "true"
		default:
			return payloadError("Expected type boolean but found type string", name)
		}
	}
	if v, ok := in.fields["external_id"]; ok {
		sent["external_id"], shown["external_id"] = v, v
	}
	if err := in.c.validate("job_users_import", sent, ""); err != nil {
		return err
	}
	conn, err := in.h.connectionByID(ctx, text(sent, "connection_id"))
	if err != nil {
		return err
	}
	if conn.Strategy != store.DatabaseStrategy {
		return problem.New(http.StatusBadRequest, "operation_not_supported", "Connection must be a database connection")
	}
	shown["connection_id"], shown["connection"] = conn.ID, conn.Name
	in.job.Body, in.c.target = shown, in.job.ID
	return in.c.change(ctx, func(tx *store.Tx) error { return tx.SubmitJob(ctx, &in.job) })
}

// drop forgets a job that was not submitted.
func (in *intake) drop(ctx context.Context) error {
	if in.job.ID == "" {
		return nil
	}
	err := in.h.DB.Write(ctx, func(tx *store.Tx) error { return tx.DeleteJob(ctx, in.job.ID) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
