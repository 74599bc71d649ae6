package app

import (
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// everything is the pattern of what no other route takes.
const everything = "/"

// forPrograms are the beginnings of paths whose readers are programs, which want JSON where a person gets a page.
var forPrograms = []string{"/oauth/", "/api/", "/userinfo", "/.well-known/"}

// unserved answers what no route takes: 405 with the methods that the path has, or 404.
func unserved(mux *http.ServeMux, pages *login.Handlers) http.Handler {
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
		for _, prefix := range forPrograms {
			if strings.HasPrefix(r.URL.Path, prefix) {
				program.ServeHTTP(w, r)
				return
			}
		}
		page.ServeHTTP(w, r)
	})
}

// methodsOf asks the routes themselves, so that no list can fall behind them.
func methodsOf(mux *http.ServeMux, r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
		asked := *r
		asked.Method = method
		if _, pattern := mux.Handler(&asked); pattern != everything {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
