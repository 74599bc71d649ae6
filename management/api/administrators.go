package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Administrators are the users of another tenant who administer this one. A token that their tenant issued for this API says
// who calls and through which application; what they may do is what their roles say now.
type Administrators struct {
	Issuer string
	DB     *store.DB
	Keys   *keys.Ring
	API    string // id, among their APIs, of the one that stands for this tenant's Management API
}

// administrator is somebody who signed in as one.
type administrator struct{ id, name, email string }

// actor is the holder of a good token of the administrators' tenant.
func (a *Administrators) actor(ctx context.Context, b bearer) (actor, error) {
	who := actor{clientID: b.application()}
	client, err := a.DB.Client(ctx, who.clientID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (client.Settings.Disabled || client.Settings.ThirdParty):
		return who, unauthorized("Invalid token").Because(errors.New("the administrators' application is gone, disabled or a third party's"))
	case err != nil:
		return who, err
	}
	who.clientName = client.Name
	u, err := a.DB.User(ctx, b.Sub)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (u.Blocked || u.LinkedTo != ""):
		return who, unauthorized("Invalid token").Because(errors.New("the administrator is gone or blocked"))
	case err != nil:
		return who, err
	}
	who.administrator = &administrator{u.ID, u.Profile.Name, u.Email}
	held, err := a.DB.PermissionsFor(ctx, u.ID, "", a.API)
	who.scope = held
	return who, err
}

// onlyReads says whether an administrator has no permission but to read: then they start nothing either, such as a job, for
// which the service asks no other scope.
func (a actor) onlyReads() bool {
	return a.administrator != nil && !slices.ContainsFunc(a.scope, func(s string) bool { return !strings.HasPrefix(s, "read:") })
}

// mayHave refuses to let an administrator give an application more of this API than they have themselves: they would only
// have to ask for a token in its name.
func (c *call) mayHave(scope string) error {
	if missing := c.lacks(scope); missing != "" {
		return problem.New(http.StatusForbidden, insufficientScope,
			"You cannot give an application more of the Management API than your role has: "+missing+".")
	}
	return nil
}

// mayBe refuses to let an administrator get at the credentials of an application that has more of this API than they have.
func (c *call) mayBe(ctx context.Context, q store.Queries, clientID string) error {
	stronger, err := c.outdone(ctx, q, clientID)
	if err == nil && stronger {
		err = problem.New(http.StatusForbidden, insufficientScope,
			"This application may do more with the Management API than your role: only somebody who may do as much can change it.")
	}
	return err
}

// outdone says whether an application has more of this API than the administrator who calls.
func (c *call) outdone(ctx context.Context, q store.Queries, clientID string) (bool, error) {
	if c.actor.administrator == nil {
		return false, nil
	}
	g, err := q.ClientGrant(ctx, clientID, Audience(c.h.Domains[0]))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return c.lacks(g.Scope) != "", err
}

// lacks is the first of the scopes that the administrator who calls does not have; an application may give what it lacks.
func (c *call) lacks(scope string) string {
	if c.actor.administrator == nil {
		return ""
	}
	for s := range strings.FieldsSeq(scope) {
		if !c.actor.holds(s) {
			return s
		}
	}
	return ""
}

// shownAPI takes the signing secret out of an API for an administrator who may not change it: with it they could make the
// API's access tokens themselves.
func (c *call) shownAPI(d document) document {
	if c.actor.administrator != nil && !c.actor.holds("update:resource_servers") {
		delete(d, "signing_secret")
	}
	return d
}
