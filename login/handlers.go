package login

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Handlers are the pages of one domain. Each form ends in the flow, which decides what comes next.
type Handlers struct {
	Issuer   string
	Views    *Views
	DB       *store.DB
	Flow     *flow.Flow
	Users    *identity.Users
	Sessions *session.Manager
	Events   *events.Log
}

// Routes mounts the pages. Forms are refused when another site sent them, whatever cookies the browser adds.
func (h *Handlers) Routes(mux *web.Mux) {
	guard := h.guard()
	for pattern, handler := range map[string]web.HandlerFunc{
		"GET /u/login":           h.showLogin,
		"POST /u/login":          h.login,
		"GET /u/login/password":  h.showLogin,
		"POST /u/login/password": h.login,
		"GET /u/signup":          h.showSignup,
		"POST /u/signup":         h.signup,
		"GET /u/select":          h.showSelect,
		"POST /u/select":         h.answerSelect,
		"GET /u/consent":         h.showConsent,
		"POST /u/consent":        h.answerConsent,
		"GET /u/confirm":         h.showConfirm,
		"POST /u/confirm":        h.answerConfirm,

		"GET /u/organization":         h.showOrganization,
		"POST /u/organization":        h.answerOrganization,
		"GET /u/organization-picker":  h.showPicker,
		"POST /u/organization-picker": h.answerPicker,

		"GET " + identity.ResetPath:   h.showReset,
		"POST " + identity.ResetPath:  h.reset,
		"GET " + resetVerifyPath:      h.showReset,
		"GET " + identity.VerifyPath:  h.showVerify,
		"POST " + identity.VerifyPath: h.verify,
	} {
		mux.Handle(pattern, web.Form, guard.Handler(h.page(handler)))
	}
	for _, pattern := range []string{"GET /mobile", "GET /android/{package}/callback", "GET /ios/{bundle}/callback", "GET /macos/{bundle}/callback"} {
		mux.Handle(pattern, web.Everyone, h.page(h.callbackLanding))
	}
	mux.Handle("GET "+AssetPrefix, web.Everyone, h.Views.Assets())
}

// guard lets only forms of this origin through.
func (h *Handlers) guard() *http.CrossOriginProtection {
	guard := http.NewCrossOriginProtection()
	// Behind a proxy that takes TLS off, the request's host is right but its scheme is not: the issuer is what we trust.
	if err := guard.AddTrustedOrigin(strings.TrimSuffix(h.Issuer, "/")); err != nil {
		panic("login: issuer " + h.Issuer + ": " + err.Error()) // app has parsed it as an origin
	}
	guard.SetDenyHandler(h.page(func(http.ResponseWriter, *http.Request) error { return errCrossOrigin }))
	return guard
}

var errCrossOrigin = problem.Explain(http.StatusForbidden, "invalid_request", "The form was sent by another site. Open the page again and send it from there.")

func (h *Handlers) page(f web.HandlerFunc) http.Handler { return web.Handle(h.RenderError, f) }

// Show answers with a page. formTarget is the redirect_uri that the page's form leads to in the end, if any.
func (h *Handlers) Show(w http.ResponseWriter, r *http.Request, status int, uiLocales, formTarget string, p Page) error {
	return h.renderWith(w, r, status, uiLocales, pagePolicy(FormTarget(formTarget)), p)
}

func (h *Handlers) renderWith(w http.ResponseWriter, r *http.Request, status int, uiLocales string, csp policy, p Page, drafts ...func(*store.Look)) error {
	loc, d, err := h.dressed(r, uiLocales, p, drafts...)
	if err != nil {
		return err
	}
	nonce := rand.Text()
	var body bytes.Buffer
	err = h.Views.Render(&body, loc, d, nonce, p)
	if _, fault := errors.AsType[*FaultError](err); fault {
		web.MetaOf(r.Context()).Err = err // the page stands; the log tells the tenant's administrator
	} else if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", csp.header(nonce, d))
	if _, ok := p.(interface{ postsHere() }); ok {
		// Under no-referrer a browser sends its form with "Origin: null", and one that knows no Sec-Fetch-Site, or has plain
		// http before it, could not show the guard that the form is ours.
		header.Set("Referrer-Policy", "same-origin")
	}
	header.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader may have gone
	return nil
}

// dressed chooses the language of a page, and reads what the tenant says about it. A page that says the database is gone
// needs nothing from it. Drafts change what the tenant says, for a preview.
func (h *Handlers) dressed(r *http.Request, uiLocales string, p Page, drafts ...func(*store.Look)) (Locale, Dress, error) {
	t, err := h.DB.Tenant(r.Context())
	enabled := t.Settings.EnabledLocales
	loc := h.Views.Negotiate(enabled, uiLocales, r.Header.Get("Accept-Language"))
	if err != nil {
		return loc, Dress{}, nil
	}
	prompts, languages := promptsOf(p), loc.variants(enabled)
	look, err := h.DB.Look(r.Context(), prompts, languages)
	if err != nil {
		return loc, Dress{}, err
	}
	for _, change := range drafts {
		change(&look)
	}
	d := dress(worn(look, p.frame().Branding))
	d.Texts, d.Wrap, d.Still = customTexts(p, look.Texts), wrap(p, look, t.Settings), len(drafts) > 0
	return loc, d, nil
}

// frame is what surrounds the pages of a transaction.
func (h *Handlers) frame(s *flow.Situation) Frame {
	f := Frame{
		AppName:       s.Client.Name,
		AppID:         s.Client.ID,
		LogoURI:       s.Client.Settings.LogoURI,
		TenantName:    h.tenantName(s.Tenant),
		TransactionID: s.Transaction.ID,
		Handover:      oauth.CustomScheme(s.Transaction.RedirectURI),
	}
	if o := s.Organization; o != nil {
		f.OrgName, f.Branding = o.Title(), o.Settings.Branding
	}
	return f
}

// Frame is what surrounds the pages outside of transactions. It is never an error: a page that says the database is gone
// shows the domain.
func (h *Handlers) Frame(ctx context.Context) Frame {
	t, _ := h.DB.Tenant(ctx)
	return Frame{TenantName: h.tenantName(t.Settings)}
}

// tenantName is what people know the server by: the name its owner gave it, or else its domain.
func (h *Handlers) tenantName(s store.TenantSettings) string {
	if s.FriendlyName != "" {
		return s.FriendlyName
	}
	_, domain, _ := strings.Cut(h.Issuer, "://")
	return strings.TrimSuffix(domain, "/")
}

// show renders a page of a transaction.
func (h *Handlers) show(w http.ResponseWriter, r *http.Request, status int, s *flow.Situation, p Page) error {
	return h.Show(w, r, status, s.Transaction.UILocales, s.Transaction.RedirectURI, p)
}

// opened reads the step's transaction from the query of a GET.
func (h *Handlers) opened(r *http.Request, step flow.Step) (*flow.Situation, error) {
	return h.Flow.Page(r, r.URL.Query().Get("state"), step)
}

// answered reads the form of a POST and its transaction.
func (h *Handlers) answered(r *http.Request, step flow.Step) (*flow.Situation, oauth.Params, error) {
	form, err := readForm(r)
	if err != nil {
		return nil, form, err
	}
	s, err := h.Flow.Page(r, form.Get("state"), step)
	return s, form, err
}

func readForm(r *http.Request) (oauth.Params, error) {
	body, err := web.ReadBody(r)
	if err != nil {
		return oauth.Params{}, err
	}
	return oauth.ParseBody(r.Header.Get("Content-Type"), body)
}

// account is the signed-in person as pages show them.
func account(s *flow.Situation) Account {
	if s.User == nil {
		return Account{}
	}
	return Account{Name: s.User.Profile.Name, Email: s.User.Email}
}

// again builds the address of another page of the same step.
func (h *Handlers) again(s *flow.Situation, path string) string {
	return h.Flow.URL(s.Transaction, flow.StepLogin, path)
}

// HandedOver implements flow.Answers.
func (h *Handlers) HandedOver(w http.ResponseWriter, transactionID string) {
	c := HandedOver(transactionID)
	c.Secure = strings.HasPrefix(h.Issuer, "https://")
	http.SetCookie(w, c)
}

// FormPost implements flow.Answers.
func (h *Handlers) FormPost(w http.ResponseWriter, r *http.Request, redirectURI string, params []string) error {
	p := FormPost{RedirectURI: redirectURI}
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			p.Params = append(p.Params, Param{params[i], params[i+1]})
		}
	}
	return h.renderWith(w, r, http.StatusOK, "", formPostPolicy(), p)
}

// WebMessage implements flow.Answers.
func (h *Handlers) WebMessage(w http.ResponseWriter, r *http.Request, origin string, params []string) error {
	p := WebMessage{Origin: origin, Response: map[string]string{}}
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			p.Response[params[i]] = params[i+1]
		}
	}
	return h.renderWith(w, r, http.StatusOK, "", webMessagePolicy(origin), p)
}

// RenderError shows a refusal as a page with the transaction id. It is the web.Renderer of everything a browser opens.
func (h *Handlers) RenderError(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	m := web.MetaOf(r.Context())
	p := Error{Frame: h.Frame(r.Context()), Kind: kindOf(e), Detail: e.Message}
	p.TransactionID = m.ID
	if e.Status >= 500 || h.Views.says(p.Kind, p.Detail) {
		p.Detail = ""
	}
	p.ContinueURL = h.startAnew(r.Context(), m.ClientID)
	web.ErrorHeaders(w.Header(), e)
	if err := h.Show(w, r, e.Status, "", "", p); err != nil {
		http.Error(w, "An internal error occurred. ("+m.ID+")", http.StatusInternalServerError)
	}
}

func kindOf(e *problem.Error) ErrorKind {
	switch {
	case e.Status >= 500:
		return ErrorServer
	case e.Status == http.StatusTooManyRequests:
		return ErrorTooMany
	case e.Status == http.StatusNotFound:
		return ErrorNotFound
	case flow.IsExpired(e):
		return ErrorExpired
	case e.Message == errTicket.Message, errors.Is(e, identity.ErrTicket):
		return ErrorLink
	case e.Message == oauth.CallbackMismatch("").Message:
		return ErrorCallback
	case e.Code == "access_denied" || e.Code == "unauthorized":
		return ErrorDenied
	}
	return ErrorRequest
}

// startAnew is where the application or the tenant begins a login (spec section 3, default login route); more are further
// parameters.
func (h *Handlers) startAnew(ctx context.Context, clientID string, more ...string) string {
	target := ""
	if c, err := h.DB.Client(ctx, clientID); err == nil {
		target = c.Settings.InitiateLoginURI
	}
	if t, err := h.DB.Tenant(ctx); err == nil && target == "" {
		target = t.Settings.DefaultRedirectionURI
	}
	if target == "" {
		return ""
	}
	return oauth.WithQuery(target, append([]string{"iss", h.Issuer}, more...)...)
}

// Index is the page at the root of a domain where nothing else is.
func (h *Handlers) Index() http.Handler { return h.guard().Handler(h.page(h.index)) }

func (h *Handlers) index(w http.ResponseWriter, r *http.Request) error {
	return h.Show(w, r, http.StatusOK, "", "", Index{h.Frame(r.Context())})
}

// callbackLanding is what a browser finds at an app's callback when the system did not hand it to the app. It offers the
// same answer on the app's own scheme, if the application that owns the path has one registered.
func (h *Handlers) callbackLanding(w http.ResponseWriter, r *http.Request) error {
	p := MobileCallback{Frame: h.Frame(r.Context())}
	id := r.PathValue("package") + r.PathValue("bundle")
	if id != "" && r.URL.RawQuery != "" {
		clients, err := h.DB.Clients(r.Context())
		if err != nil {
			return err
		}
		p.OpenURL = ownScheme(clients, id, r.URL)
	}
	return h.Show(w, r, http.StatusOK, "", "", p)
}

// ownScheme finds a registered custom-scheme callback with the same path, of the application whose phone app has the id.
func ownScheme(clients []store.Client, id string, u *url.URL) string {
	for _, c := range clients {
		m := c.Settings.Mobile
		if m.Android.AppPackageName != id && m.IOS.AppBundleIdentifier != id {
			continue
		}
		for _, callback := range c.Settings.Callbacks {
			if oauth.CustomScheme(callback) && strings.HasSuffix(callback, u.Path) {
				return callback + "?" + u.RawQuery
			}
		}
	}
	return ""
}
