package app

import (
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// everything is the pattern of what no other route takes.
const everything = "/"

// forPrograms are the beginnings of paths whose readers are programs, which want JSON where a person gets a page.
var forPrograms = []string{"/oauth/", "/api/", "/userinfo", "/.well-known/"}

// taken are the beginnings of paths that the Dashboard's app has not for its own, beside those.
var taken = []string{"/u/", "/dashboard/"}

// unserved answers what no route takes: 405 with the methods that the path has, or 404. On the Dashboard's domain all other
// addresses are the app's.
func unserved(mux *web.Mux, pages *login.Handlers, app http.Handler) http.Handler {
	refuse := func(w http.ResponseWriter, r *http.Request) error {
		allowed := methodsOf(mux, r)
		if len(allowed) == 0 {
			return problem.Explain(http.StatusNotFound, "not_found", "There is nothing at this address.")
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return problem.Explain(http.StatusMethodNotAllowed, "invalid_request",
			"This address does not take the method "+web.Clip(r.Method, 16)+", but "+strings.Join(allowed, ", ")+".")
	}
	page, program := web.Handle(pages.RenderError, refuse), web.Handle(web.RenderOAuth, refuse)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begins := func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case slices.ContainsFunc(forPrograms, begins):
			program.ServeHTTP(w, r)
		case app != nil && reads && !slices.ContainsFunc(taken, begins) && len(methodsOf(mux, r)) == 0:
			app.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// methodsOf asks the routes themselves, so that no list can fall behind them.
func methodsOf(mux *web.Mux, r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
		asked := *r
		asked.Method = method
		if mux.Pattern(&asked) != everything {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
