package web

import "net/http"

// Access says by what a route lets somebody in. It is declared where the route is mounted, and a test walks all routes and
// tries each without it.
type Access string

// The kinds of access.
const (
	// Everyone gets the same: it asks for nothing and changes nothing.
	Everyone Access = "everyone"
	// Preflight says which requests a page of another origin may make, before there is one.
	Preflight Access = "preflight"
	// Browser is a request that other sites send people with: what it says is checked against what an application has
	// registered, and who is asking is the session's cookie.
	Browser Access = "browser"
	// Form is a page with a form. The page is shown for a sealed or single-use state; the form is taken from this origin only.
	Form Access = "form"
	// Client is an application that authenticates (RFC 6749 section 2.3), or that is public and says so.
	Client Access = "client"
	// Bearer is an access token (RFC 6750); which scopes it needs, the handler's own table says.
	Bearer Access = "bearer"
	// Link is a sealed address with an end.
	Link Access = "link"
	// Session is the console's cookie; a change needs a request of this origin and the session's token against forgery.
	Session Access = "session"
)

// Route is a pattern with its access.
type Route struct {
	Pattern string
	Access  Access
}

// Mux is an [http.ServeMux] in which no route is without its access.
type Mux struct {
	mux    http.ServeMux
	routes []Route
}

// Handle mounts a handler.
func (m *Mux) Handle(pattern string, by Access, h http.Handler) {
	m.mux.Handle(pattern, h)
	m.routes = append(m.routes, Route{pattern, by})
}

// Routes are all that were mounted.
func (m *Mux) Routes() []Route { return m.routes }

// Pattern is the one that takes a request; empty: none does.
func (m *Mux) Pattern(r *http.Request) string {
	_, pattern := m.mux.Handler(r)
	return pattern
}

func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }
