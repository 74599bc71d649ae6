//go:build !dashboard_ui

package dashboard

import "io/fs"

// files is nil: this program is built without the single-page app.
func files() fs.FS { return nil }
