package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) jobs() []operation {
	return []operation{
		{"GET", "/jobs/{id}", "Get a job", "", h.getJob},
		{"GET", "/jobs/{id}/errors", "Get the errors of a job", "", h.getJobErrors},
		{"POST", "/jobs/users-imports", "Import users", rawBody, h.createUsersImport},
		{"POST", "/jobs/users-exports", "Export users", "job_users_export", h.createUsersExport},
		{"POST", "/jobs/verification-email", "Send a verification e-mail", "job_verification_email", h.createVerificationEmail},
	}
}

var noJob = notFound("inexistent_job", "The job does not exist.")

func (h *Handler) findJob(ctx context.Context, id string) (store.Job, error) {
	j, err := h.DB.Job(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return j, noJob
	}
	return j, err
}

// showJob is a job as it is answered, with how far it is.
func (h *Handler) showJob(j store.Job) document {
	out := maps.Clone(document(j.Body))
	fill(out, document{"id": j.ID, "type": j.Type, "status": j.Status, "created_at": stamp(j.CreatedAt)})
	if j.Status == store.JobProcessing && j.Size > 0 {
		out["percentage_done"] = min(100, j.Place*100/j.Size)
		if j.Place > 0 {
			out["time_left_seconds"] = int64(h.DB.Now().Sub(j.StartedAt).Seconds() * float64(max(0, j.Size-j.Place)) / float64(j.Place))
		}
	}
	if over := j.Status == store.JobCompleted || j.Status == store.JobFailed; over && j.Type == store.JobUsersImport {
		out["summary"] = document{"total": j.Total, "inserted": j.Inserted, "updated": j.Updated, "failed": j.Failed}
	}
	if j.Status == store.JobCompleted && j.Type == store.JobUsersExport {
		out["percentage_done"], out["location"] = 100, h.exportLink(j)
	}
	return out
}

func (h *Handler) getJob(ctx context.Context, c *call) (any, error) {
	j, err := h.findJob(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return h.showJob(j), nil
}

// errorPage is how many errors of a job are in memory at once.
const errorPage = 200

// getJobErrors answers the job itself where it failed as a whole, and nothing where nothing failed.
func (h *Handler) getJobErrors(ctx context.Context, c *call) (any, error) {
	j, err := h.findJob(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	if j.Status == store.JobFailed {
		return h.showJob(j), nil
	}
	first, err := h.DB.JobErrors(ctx, j.ID, 0, errorPage)
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		c.Status = http.StatusNoContent
		return nil, nil
	}
	return stream(func(w io.Writer) error {
		separator := "["
		for page := first; len(page) > 0; {
			for _, e := range page {
				raw, err := json.Marshal(e.Body)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "%s%s", separator, raw); err != nil {
					return err
				}
				separator = ","
			}
			var err error
			if page, err = h.DB.JobErrors(ctx, j.ID, page[len(page)-1].Position, errorPage); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, "]")
		return err
	}), nil
}

func (h *Handler) createUsersExport(ctx context.Context, c *call) (any, error) {
	body := c.object()
	fill(body, document{"format": "json"})
	if id := text(body, "connection_id"); id != "" {
		conn, err := h.connectionByID(ctx, id)
		if err != nil {
			return nil, err
		}
		body["connection"] = conn.Name
	}
	var o management.ExportOptions
	if err := through(body["fields"], &o.Fields); err != nil {
		return nil, err
	}
	for i, f := range o.Fields {
		if f.Name == "" {
			return nil, payloadError("Missing required property: name", fmt.Sprintf("fields[%d]", i))
		}
	}
	o.CSV = body["format"] == "csv"
	if err := o.Check(); err != nil {
		return nil, badBody("%v.", err)
	}
	if len(o.Fields) > maxExportFields {
		return nil, payloadError(fmt.Sprintf("Array is too long (%d), maximum %d", len(o.Fields), maxExportFields), "fields")
	}
	job := store.Job{Type: store.JobUsersExport, Status: store.JobPending, Queued: true, Body: body}
	err := c.change(ctx, func(tx *store.Tx) error {
		job.ID = ""
		if err := tx.CreateJob(ctx, &job, maxExports); err != nil {
			return tooManyJobs(err, maxExports, "export")
		}
		c.target = job.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h.showJob(job), nil
}

const (
	maxImports      = 2 // at a time, as in the service
	maxExports      = 10
	maxExportFields = 200
)

func tooManyJobs(err error, most int, what string) error {
	if !errors.Is(err, store.ErrJobs) {
		return err
	}
	p := problem.New(http.StatusTooManyRequests, "too_many_requests",
		fmt.Sprintf("There are %d active %s users jobs, please wait until some of them are finished and try again", most, what))
	p.RetryAfter = 5 * time.Second
	return p
}

func (h *Handler) connectionByID(ctx context.Context, id string) (store.Connection, error) {
	conn, err := h.DB.ConnectionByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return conn, problem.New(http.StatusBadRequest, "inexistent_connection", "The connection does not exist.")
	}
	return conn, err
}

const (
	exportBox = "users export"
	// linkLife is how long a link to an export works; another one comes with the job.
	linkLife = time.Minute
)

// exportLink is where the file of an export is. It is an authorization by itself, so it is sealed, for a short time and this job.
func (h *Handler) exportLink(j store.Job) string {
	until := strconv.FormatInt(h.DB.Now().Add(linkLife).UnixMilli(), 10)
	form := "json"
	if j.Body["format"] == "csv" {
		form = "csv"
	}
	return h.Issuer + Base[1:] + "jobs/" + j.ID + "/file/" + h.Tenant + "." + form + ".gz?token=" + h.DB.Box(exportBox).SealText([]byte(until), j.ID)
}

// download answers a link to an export.
func (h *Handler) download(w http.ResponseWriter, r *http.Request) error {
	id, name := r.PathValue("id"), r.PathValue("name")
	refused := problem.New(http.StatusForbidden, "", "The link is not valid or has expired. Get the job again for a new one.")
	raw, err := h.DB.Box(exportBox).OpenText(r.URL.Query().Get("token"), id)
	if err != nil {
		return refused.Because(err)
	}
	if until, err := strconv.ParseInt(string(raw), 10, 64); err != nil || h.DB.Now().UnixMilli() > until {
		return refused.Because(err)
	}
	j, err := h.findJob(r.Context(), id)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "application/gzip")
	header.Set("Content-Disposition", "attachment; filename="+strconv.Quote(name))
	header.Set("Cache-Control", "no-store")
	patience := http.NewResponseController(w)
	for from := int64(0); ; {
		piece, err := h.DB.JobFile(r.Context(), j.ID, from)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		// A long file may take longer than an answer usually does, but not to stand still.
		_ = patience.SetWriteDeadline(time.Now().Add(pieceTime))
		if _, err := w.Write(piece.Data); err != nil {
			return err
		}
		from = piece.Position + 1
	}
}

// createVerificationEmail makes a job that says that nothing was sent: this server does not send mail.
func (h *Handler) createVerificationEmail(ctx context.Context, c *call) (any, error) {
	body := c.object()
	job := store.Job{Type: store.JobVerificationEmail, Status: store.JobFailed, Body: document{
		"status_details": "This server has no e-mail provider. Nothing was sent.",
	}}
	err := c.change(ctx, func(tx *store.Tx) error {
		if _, err := tx.User(ctx, text(body, "user_id")); errors.Is(err, store.ErrNotFound) {
			return noUser
		} else if err != nil {
			return err
		}
		if id := text(body, "client_id"); id != "" {
			if err := knownClients(ctx, tx, []string{id}); err != nil {
				return err
			}
		}
		job.ID = ""
		if err := tx.CreateJob(ctx, &job, 0); err != nil {
			return err
		}
		c.target = job.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h.showJob(job), nil
}

// stream is an answer that is written as it is read.
type stream func(w io.Writer) error

func (s stream) write(w http.ResponseWriter, status int) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := s(w); err != nil {
		return fmt.Errorf("write an answer that has begun: %w", err)
	}
	return nil
}
