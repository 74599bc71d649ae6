package dashboard_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/management"
)

// Two administrators edit the same application: the second is told, and what the first wrote is there.
func TestTwoAdministrators(t *testing.T) {
	h := open(t)
	h.Administrator("editor@example.com", password, management.RoleEditor)
	jane, john := h.signIn(email), h.signIn("editor@example.com")
	id := jane.fetch(http.MethodPost, clients, `{"name":"A","app_type":"native"}`).Text("client_id")
	path := clients + "/" + id
	seenByJane, seenByJohn := jane.fetch(http.MethodGet, path, "").Header.Get("ETag"), john.fetch(http.MethodGet, path, "").Header.Get("ETag")
	first := jane.fetch(http.MethodPatch, path, `{"name":"Jane's"}`, "If-Match", seenByJane)
	if first.Status != http.StatusOK {
		t.Fatalf("the first: %d %s", first.Status, first.Body)
	}
	if a := john.fetch(http.MethodPatch, path, `{"description":"John's"}`, "If-Match", seenByJohn); a.Status != http.StatusPreconditionFailed || a.Text("errorCode") != "precondition_failed" {
		t.Errorf("the second: %d %s", a.Status, a.Body)
	}
	now := john.fetch(http.MethodGet, path, "")
	if now.Text("name") != "Jane's" || now.Text("description") != "" {
		t.Errorf("the application is %s", now.Body)
	}
	if a := john.fetch(http.MethodPatch, path, `{"description":"John's"}`, "If-Match", now.Header.Get("ETag")); a.Status != http.StatusOK || a.Text("name") != "Jane's" {
		t.Errorf("the second, again: %d %s", a.Status, a.Body)
	}
}

// However Admins go about it, one who can sign in stays.
func TestTheLastAdmin(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	own := "/dashboard/api/system/users/" + url.PathEscape(h.admin.ID)
	const roles = `{"roles":["rol_DashboardAdmin00"]}`
	last := func(method, path, body string) {
		t.Helper()
		if a := d.fetch(method, path, body); a.Status != http.StatusConflict || a.Text("errorCode") != "last_admin" {
			t.Errorf("%s %s %s: %d %s", method, path, body, a.Status, a.Body)
		}
	}
	last(http.MethodDelete, own, "")
	last(http.MethodPatch, own, `{"blocked":true}`)
	last(http.MethodDelete, own+"/roles", roles)
	second := h.Administrator("second@example.com", password, management.RoleAdmin)
	other := h.signIn("second@example.com")
	// Each takes the role from the other at the same time.
	var wg sync.WaitGroup
	var answers [2]int
	wg.Go(func() {
		answers[0] = d.fetch(http.MethodDelete, "/dashboard/api/system/users/"+url.PathEscape(second.ID)+"/roles", roles).Status
	})
	wg.Go(func() { answers[1] = other.fetch(http.MethodDelete, own+"/roles", roles).Status })
	wg.Wait()
	there, err := management.HasAdmin(t.Context(), h.App.System.DB.Queries)
	if err != nil || !there || answers[0] == http.StatusNoContent && answers[1] == http.StatusNoContent {
		t.Errorf("the answers are %v, and there is an Admin: %v %v", answers, there, err)
	}
	if a := d.fetch(http.MethodGet, "/dashboard/api/system/users?search_engine=v3", ""); strings.Contains(a.Body, "password") {
		t.Errorf("administrators are shown with passwords: %s", a.Body)
	}
}
