package logout

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// confirmLife is how long the confirmation page can be answered.
const confirmLife = 10 * time.Minute

// oidc is /oidc/logout, by GET or POST.
func (l *Logout) oidc(w http.ResponseWriter, r *http.Request) error {
	p, err := params(r)
	if err != nil {
		return err
	}
	e := ending{protocol: "oidc", federated: p.Has("federated")}
	proof, err := l.proof(r.Context(), p)
	if err != nil {
		return l.judged(r, e, err)
	}
	clientID := p.Get("client_id")
	if clientID == "" {
		clientID = proof.clientID
	}
	allowed, err := l.allowed(r.Context(), clientID, &e.client)
	if err != nil {
		return err
	}
	if e.allowed = p.Get("post_logout_redirect_uri"); e.allowed == "" {
		e.allowed = first(allowed, e.client)
	} else if !oauth.MatchLogout(allowed, e.allowed, true) {
		return l.refuse(r, e, e.allowed, errReturn)
	}
	if e.target = e.allowed; e.target != "" && p.Get("state") != "" {
		e.target = oauth.WithQuery(e.target, "state", p.Get("state"))
	}
	current, err := l.Sessions.Current(r)
	if err != nil {
		return err
	}
	if current != nil && current.ID != proof.sid {
		ask, err := l.asks(r.Context())
		if err != nil {
			return err
		}
		if ask {
			return l.confirm(w, r, current, e, p.Get("ui_locales"))
		}
	}
	return l.end(w, r, current, e)
}

var (
	errReturn = problem.Explain(http.StatusBadRequest, "invalid_request",
		`The post_logout_redirect_uri is not defined as a valid URL in "Allowed Logout URLs": add it there exactly as it is sent.`).OnPage()
	errInconsistent = problem.Explain(http.StatusBadRequest, "invalid_request",
		"The id_token_hint, logout_hint and client_id belong to different sessions or applications: send those of one login, or only one of them.").OnPage()
)

func (l *Logout) judged(r *http.Request, e ending, err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return l.refuse(r, e, "", p)
	}
	return err
}

func params(r *http.Request) (oauth.Params, error) {
	if r.Method != http.MethodPost {
		return oauth.ParseQuery(r.URL.RawQuery)
	}
	body, err := web.ReadBody(r)
	if err != nil || len(body) == 0 {
		return oauth.Params{}, err
	}
	return oauth.ParseBody(r.Header.Get("Content-Type"), body)
}

// proof is what the request knows of a session: its sid, and the application it was told to.
type proof struct{ sid, clientID string }

// proof reads the hints. One that cannot be verified proves nothing and is no error, so that a lost key or an old token
// still leads to a confirmation. Hints that contradict each other are refused.
func (l *Logout) proof(ctx context.Context, p oauth.Params) (proof, error) {
	known := proof{sid: p.Get("logout_hint")}
	hint, err := l.openHint(ctx, p.Get("id_token_hint"))
	if err != nil || hint == nil {
		return known, err
	}
	if id := p.Get("client_id"); id != "" && !slices.Contains(hint.Audience, id) || known.sid != "" && known.sid != hint.SID {
		return proof{}, errInconsistent
	}
	return proof{hint.SID, hint.Audience[0]}, nil
}

// hint is what counts in an ID token; when it expired does not.
type hint struct {
	Issuer   string   `json:"iss"`
	Audience audience `json:"aud"`
	SID      string   `json:"sid"`
}

// audience is one name or a list of names (RFC 7519 section 4.1.3).
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(a))
	}
	var one string
	err := json.Unmarshal(b, &one)
	*a = audience{one}
	return err
}

// openHint verifies an ID token of this tenant; nil when it is none.
func (l *Logout) openHint(ctx context.Context, token string) (*hint, error) {
	if token == "" {
		return nil, nil
	}
	typ, raw, err := l.Keys.Verify(ctx, token)
	if errors.Is(err, keys.ErrInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var h hint
	if !strings.EqualFold(typ, "JWT") || json.Unmarshal(raw, &h) != nil || h.SID == "" || len(h.Audience) == 0 {
		return nil, nil
	}
	domains, err := l.DB.Domains(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(domains, func(d store.Domain) bool { return d.Issuer() == h.Issuer }) {
		return nil, nil
	}
	// An access token is signed alike, but its audience is an API.
	_, err = l.DB.Client(ctx, h.Audience[0])
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &h, err
}

// asks reads the tenant's switch of the confirmation; it is on unless turned off.
func (l *Logout) asks(ctx context.Context) (bool, error) {
	t, err := l.DB.Tenant(ctx)
	on := t.Settings.OIDCLogout.EndUserConfirmation
	return on == nil || *on, err
}

// question is a confirmation that was asked, sealed into its page: an answer counts for this session and this address only.
type question struct {
	SessionID string `json:"s"`
	ClientID  string `json:"c,omitempty"`
	Target    string `json:"t,omitempty"`
	Allowed   string `json:"a,omitempty"`
	Federated bool   `json:"f,omitempty"`
	ExpiresAt int64  `json:"z"` // milliseconds
}

const questionPurpose = "logout"

func (l *Logout) confirm(w http.ResponseWriter, r *http.Request, current *store.Session, e ending, uiLocales string) error {
	user, err := l.DB.User(r.Context(), current.UserID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	text, err := json.Marshal(question{current.ID, e.client.ID, e.target, e.allowed, e.federated, l.DB.Now().Add(confirmLife).UnixMilli()})
	if err != nil {
		return err
	}
	return l.Pages.Confirm(w, r, ConfirmPage{
		PostTo:    confirmPath,
		State:     l.DB.Box(questionPurpose).SealText(text, l.Issuer),
		Client:    e.client,
		User:      user,
		ReturnTo:  e.target,
		UILocales: uiLocales,
	})
}

var (
	errExpired = problem.Explain(http.StatusBadRequest, "invalid_request", "This question is too old or was not asked here. Start the logout again in your application.").OnPage()
	errAction  = problem.Explain(http.StatusBadRequest, "invalid_request", "The form was sent without one of its buttons. Go back and choose one.").OnPage()
)

// confirmed takes the answer. Whoever says no goes back too, still signed in: their application waits for them.
func (l *Logout) confirmed(w http.ResponseWriter, r *http.Request) error {
	form, err := params(r)
	if err != nil {
		return err
	}
	q, err := l.openQuestion(form.Get("state"))
	if err != nil {
		return err
	}
	e := ending{protocol: "oidc", target: q.Target, allowed: q.Allowed, federated: q.Federated}
	// The application is looked up for the event only; it may have been deleted since.
	if _, err := l.allowed(r.Context(), q.ClientID, &e.client); err != nil && q.ClientID != "" && problem.From(err).Status >= http.StatusInternalServerError {
		return err
	}
	switch form.Get("action") {
	case "accept":
	case "deny":
		return l.stay(w, r, q.Target)
	default:
		return errAction
	}
	current, err := l.Sessions.Current(r)
	if err != nil {
		return err
	}
	if current != nil && current.ID != q.SessionID {
		return errExpired // somebody else has signed in since the question was asked
	}
	return l.end(w, r, current, e)
}

func (l *Logout) openQuestion(sealed string) (q question, err error) {
	text, err := l.DB.Box(questionPurpose).OpenText(sealed, l.Issuer)
	if err == nil {
		err = json.Unmarshal(text, &q)
	}
	if err != nil {
		return q, errExpired.Because(err)
	}
	if l.DB.Now().UnixMilli() >= q.ExpiresAt {
		return q, errExpired
	}
	return q, nil
}

// stay sends a person who stays signed in to where they came from, or to the root page.
func (l *Logout) stay(w http.ResponseWriter, r *http.Request, target string) error {
	if target == "" {
		target = "/"
	}
	return l.leave(w, r, target)
}
