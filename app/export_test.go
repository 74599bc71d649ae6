package app

import (
	"github.com/proofkey/proofkey/web"
)

// Routes are those of every domain, by host.
func (a *App) Routes() map[string][]web.Route {
	all := map[string][]web.Route{}
	for host, mux := range a.routes {
		all[host] = mux.Routes()
	}
	return all
}
