//go:build dashboard_ui

package dashboard

import (
	"embed"
	"io/fs"
)

//go:embed all:ui/dist
var dist embed.FS

// files are what the build of dashboard/ui made.
func files() fs.FS {
	sub, err := fs.Sub(dist, "ui/dist")
	if err != nil {
		panic("dashboard: " + err.Error()) // the name is a constant
	}
	return sub
}
