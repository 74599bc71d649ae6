package dashboard

import (
	"io/fs"
	"net/http"
)

// NewApp serves a build of the single-page app.
func NewApp(files fs.FS) http.Handler { return newApp(files, "the policy") }

// Files are what this program has of it.
func Files() fs.FS { return files() }
