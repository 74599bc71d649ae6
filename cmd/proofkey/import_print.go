package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/auth0"
)

// shownFailures is how many refused users are shown.
const shownFailures = 10

// importView is what an import has to say.
type importView struct {
	*auth0.Report
	Users []auth0.UserReport
	apply bool

	failures []failedUser
}

type failedUser struct {
	file string
	management.UserFailure
}

// verdict is the error of an import that was not done as a whole.
func (v *importView) verdict() error {
	would := map[bool]string{true: "was", false: "would be"}[v.apply]
	if v.Refused() {
		return fmt.Errorf("nothing %s applied: see the %d refusals above", would, v.Count(auth0.Refuse))
	}
	var refused int64
	for _, u := range v.Users {
		refused += u.Failed
	}
	if refused > 0 {
		return fmt.Errorf("%d users %s refused, see above; all others %s imported", refused, strings.Replace(would, "was", "were", 1), strings.Replace(would, "was", "were", 1))
	}
	return nil
}

func (v *importView) print(s *shell) error {
	if s.json {
		return s.encode(v.wire())
	}
	p := &importPrinter{w: s.out}
	switch {
	case v.Applied:
		p.line("Applied.")
	case v.Refused():
		p.line("Nothing was changed: nothing can be applied before what is refused is mended.")
	default:
		p.line("A dry run: nothing was changed. With --apply, this happens:")
	}
	p.entries(v.Report)
	p.notices(v.Unsupported)
	p.missing(v.Missing)
	p.secrets(v.Secrets)
	p.users(v)
	return p.err
}

// importPrinter writes lines until one fails.
type importPrinter struct {
	w   io.Writer
	err error
}

func (p *importPrinter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, printable(fmt.Sprintf(format, args...)))
	}
}

// title begins a part, after an empty line.
func (p *importPrinter) title(format string, args ...any) {
	p.line("")
	p.line(format, args...)
}

func (p *importPrinter) entries(r *auth0.Report) {
	for _, part := range []struct{ action, title string }{{auth0.Create, "Created"}, {auth0.Change, "Changed"}, {auth0.Refuse, "Refused"}} {
		if n := r.Count(part.action); n > 0 {
			p.title("%s (%d)", part.title, n)
		}
		for _, e := range r.Entries {
			switch {
			case e.Action != part.action:
			case e.Action == auth0.Refuse:
				p.line("  %s%s: %s", placed(e.At), words(e.Kind, e.Name), e.Reason)
			default:
				p.line("  %s", words(e.Kind, e.Name, e.ID))
				for _, f := range e.Fields {
					p.line("      %s: %s → %s", f.Name, orText(f.From, "nothing"), orText(f.To, "nothing"))
				}
			}
		}
	}
	if n := r.Count(auth0.Leave); n > 0 {
		p.title("Left as they are: %d", n)
	}
}

// words are those that are not empty, with space between.
func words(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), "  ")
}

func placed(at auth0.Place) string {
	if at.File == "" {
		return ""
	}
	return at.String() + ": "
}

func (p *importPrinter) notices(all []auth0.Notice) {
	if len(all) > 0 {
		p.title("Not taken over, or not in force (%d)", len(all))
	}
	for _, n := range all {
		p.line("  %s%s: %s", placed(n.At), words(n.Kind, n.Name, n.Field), n.Reason)
	}
}

func (p *importPrinter) missing(all []auth0.Missing) {
	if len(all) > 0 {
		p.title("Without a value (%d): give it with --mapping or in the environment, or set it afterwards", len(all))
	}
	for _, m := range all {
		keyword := ""
		if m.Keyword != "" {
			keyword = "##" + m.Keyword + "##"
		}
		p.line("  %s%s", placed(m.At), words(m.Kind, m.Name, m.Field, keyword))
	}
}

func (p *importPrinter) secrets(all []auth0.Secret) {
	if len(all) > 0 {
		p.title("Applications that need their secret set (%d): the export has none, so a new one is made unless --secrets has the former", len(all))
	}
	for _, a := range all {
		p.line("  %s: proofkey admin app show %s --show-secret", a.Name, a.ClientID)
	}
}

func (p *importPrinter) users(v *importView) {
	if len(v.Users) > 0 {
		p.title("Users")
	}
	for _, u := range v.Users {
		p.line("  %s: %d users: %d new, %d get the password that they lack, %d left as they are, %d refused",
			u.File, u.Total, u.Inserted, u.Updated, u.Left(), u.Failed)
		for _, name := range slices.Sorted(maps.Keys(u.Dropped)) {
			p.line("      not kept: %s, of %d users", name, u.Dropped[name])
		}
	}
	for _, f := range v.failures {
		for _, e := range f.Errors {
			p.line("      refused: %s, user %d%s: %s", f.file, f.Number, called(f.User), e.Message)
		}
	}
}

// called is how a refused user is known.
func called(user map[string]any) string {
	for _, name := range []string{"user_id", "email", "username"} {
		if s, ok := user[name].(string); ok && s != "" {
			return " (" + s + ")"
		}
	}
	return ""
}

// The answer in JSON.
type (
	importWire struct {
		Applied     bool                `json:"applied"`
		Entries     []importEntryWire   `json:"entries"`
		Unsupported []importNoticeWire  `json:"unsupported"`
		Missing     []importNoticeWire  `json:"missing"`
		Secrets     []map[string]string `json:"secrets"`
		Users       []importUsersWire   `json:"users"`
	}
	importEntryWire struct {
		Action string              `json:"action"`
		Kind   string              `json:"kind"`
		Name   string              `json:"name,omitempty"`
		ID     string              `json:"id,omitempty"`
		Fields []map[string]string `json:"fields,omitempty"`
		Reason string              `json:"reason,omitempty"`
		At     string              `json:"at,omitempty"`
	}
	importNoticeWire struct {
		Kind    string `json:"kind"`
		Name    string `json:"name,omitempty"`
		Field   string `json:"field,omitempty"`
		Reason  string `json:"reason,omitempty"`
		Keyword string `json:"keyword,omitempty"`
		At      string `json:"at,omitempty"`
	}
	importUsersWire struct {
		File string `json:"file"`
		management.ImportSummary
		Left    int64          `json:"left"`
		Dropped map[string]int `json:"dropped,omitempty"`
	}
)

func (v *importView) wire() importWire {
	out := importWire{Applied: v.Applied, Entries: []importEntryWire{}, Unsupported: []importNoticeWire{},
		Missing: []importNoticeWire{}, Secrets: []map[string]string{}, Users: []importUsersWire{}}
	for _, e := range v.Entries {
		w := importEntryWire{Action: e.Action, Kind: e.Kind, Name: e.Name, ID: e.ID, Reason: e.Reason, At: e.At.String()}
		for _, f := range e.Fields {
			w.Fields = append(w.Fields, map[string]string{"name": f.Name, "from": f.From, "to": f.To})
		}
		out.Entries = append(out.Entries, w)
	}
	for _, n := range v.Unsupported {
		out.Unsupported = append(out.Unsupported, importNoticeWire{Kind: n.Kind, Name: n.Name, Field: n.Field, Reason: n.Reason, At: n.At.String()})
	}
	for _, m := range v.Missing {
		out.Missing = append(out.Missing, importNoticeWire{Kind: m.Kind, Name: m.Name, Field: m.Field, Keyword: m.Keyword, At: m.At.String()})
	}
	for _, a := range v.Secrets {
		out.Secrets = append(out.Secrets, map[string]string{"client_id": a.ClientID, "name": a.Name})
	}
	for _, u := range v.Users {
		out.Users = append(out.Users, importUsersWire{u.File, u.ImportSummary, u.Left(), u.Dropped})
	}
	return out
}
