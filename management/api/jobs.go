package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) jobs() []operation {
	return []operation{
		{"GET", "/jobs/{id}", "Get a job", "", h.getJob},
		{"GET", "/jobs/{id}/errors", "Get the errors of a job", "", h.getJobErrors},
		{"POST", "/jobs/verification-email", "Send a verification e-mail", "job_verification_email", h.createVerificationEmail},
	}
}

const jobKind = "job"

// Words of a job's status.
const jobFailed = "failed"

var noJob = notFound("inexistent_job", "The job does not exist.")

func (h *Handler) findJob(ctx context.Context, id string) (document, error) {
	d, err := h.DB.Document(ctx, jobKind, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noJob
	}
	return d.Body, err
}

func (h *Handler) getJob(ctx context.Context, c *call) (any, error) {
	return h.findJob(ctx, c.vars["id"])
}

// getJobErrors answers the job itself where it failed as a whole, and nothing where nothing failed.
func (h *Handler) getJobErrors(ctx context.Context, c *call) (any, error) {
	job, err := h.findJob(ctx, c.vars["id"])
	if err != nil || job["status"] == jobFailed {
		return job, err
	}
	c.Status = http.StatusNoContent
	return nil, nil
}

// createVerificationEmail makes a job that says that nothing was sent: this server does not send mail.
func (h *Handler) createVerificationEmail(ctx context.Context, c *call) (any, error) {
	body := c.object()
	job := document{
		"id": "job_" + store.RandomID(16), "type": "verification_email", "status": jobFailed, "created_at": stamp(h.DB.Now()),
		"status_details": "This server has no e-mail provider. Nothing was sent.",
	}
	c.target = text(job, "id")
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
		return tx.CreateDocument(ctx, &store.Document{Kind: jobKind, ID: c.target, Body: job})
	})
	return job, err
}
