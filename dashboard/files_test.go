//go:build dashboard_ui

package dashboard_test

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/dashboard"
)

// The real build: its page has nothing that its content security policy refuses, nothing of another origin, and all that it
// names is there.
func TestEmbeddedBuild(t *testing.T) {
	h := open(t)
	d := &desk{Browser: h.Browser(), h: h}
	page := d.Do(http.MethodGet, h.Dashboard+"/", "", "")
	if page.Status != http.StatusOK || !strings.Contains(page.Body, `<div id="root">`) {
		t.Fatalf("%d %s", page.Status, page.Body)
	}
	for _, tag := range regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`).FindAllStringSubmatch(page.Body, -1) {
		if strings.TrimSpace(tag[1]) != "" || !strings.Contains(tag[0], ` src="/assets/`) {
			t.Errorf("the policy refuses %s", tag[0])
		}
	}
	named := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.Body, -1)
	if len(named) < 3 {
		t.Errorf("the page names only %v", named)
	}
	for _, m := range named {
		a := d.Do(http.MethodGet, h.Dashboard+m[1], "", "")
		if !strings.HasPrefix(m[1], "/assets/") || a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", m[1], a.Status, a.Header)
		}
	}
	err := fs.WalkDir(dashboard.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".map") {
			t.Errorf("the build has the source map %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
