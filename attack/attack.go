// Package attack tries on a running OpenID provider what hit its peers: each case is a class of a published advisory, sent
// over HTTP to an issuer's URL, so that any provider can be scored by the same list.
//
// A case passes when the attack does not work. It is not applicable where the target was given without what it needs (a
// user, a second application) or does not have the feature. Nothing here measures by a fixed time, floods, or leaves the
// host of the issuer; every request is bounded.
package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// App is an application that is registered at the target.
type App struct {
	ID          string
	Secret      string // empty: public, with PKCE
	RedirectURI string
}

// Target is what is attacked. Only Issuer is required; what is missing makes cases not applicable.
type Target struct {
	Issuer   string // with its trailing slash
	Native   App
	Web      App
	Username string
	Password string
	Audience string // an API that allows offline access
	// Victim is a user whose account may end up blocked.
	Victim string
	Client *http.Client // nil: the default transport
}

// Outcome of a case.
type Outcome string

// The outcomes.
const (
	Passed        Outcome = "passed"
	Failed        Outcome = "failed"
	NotApplicable Outcome = "not applicable"
)

// Result is one case as it went.
type Result struct {
	Class   string  `json:"class"`
	Name    string  `json:"name"`
	Source  string  `json:"source"` // an advisory of a peer, or the section that forbids it
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
}

// attempt is one case: run returns nil where the attack was refused.
type attempt struct {
	class, name, source string
	run                 func(*run) error
}

// absent is the reason why a case does not apply.
type absent string

func (a absent) Error() string { return string(a) }

// works is an attack that worked.
func works(format string, args ...any) error { return fmt.Errorf(format, args...) }

// caseTime bounds a case as a whole.
const caseTime = 60 * time.Second

// Run tries every case on the target, one after the other, and tells each result as it comes.
func Run(ctx context.Context, t Target, tell func(Result)) ([]Result, error) {
	u, err := url.Parse(t.Issuer)
	if err != nil || u.Host == "" || !strings.HasSuffix(t.Issuer, "/") {
		return nil, fmt.Errorf("the issuer %q is not a URL with a slash at its end", t.Issuer)
	}
	meta, err := discover(ctx, &t)
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, a := range slices.Concat(redirectCases(), authorizeCases(), codeCases(), refreshCases(), tokenCases(), pageCases(), hostileCases(), accountCases()) {
		bounded, cancel := context.WithTimeout(ctx, caseTime)
		r := Result{Class: a.class, Name: a.name, Source: a.source, Outcome: Passed}
		err := a.run(&run{Target: &t, ctx: bounded, meta: meta, host: u.Host})
		cancel()
		if why, is := errors.AsType[absent](err); is {
			r.Outcome, r.Detail = NotApplicable, string(why)
		} else if err != nil {
			r.Outcome, r.Detail = Failed, err.Error()
		}
		tell(r)
		all = append(all, r)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
	return all, nil
}

// Report writes the results as a table with the counts at its end.
func Report(w io.Writer, all []Result) error {
	counts := map[Outcome]int{}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range all {
		counts[r.Outcome]++
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.Outcome, r.Class, r.Name, strings.ReplaceAll(r.Detail, "\n", " "))
	}
	fmt.Fprintf(tw, "\n%d passed, %d failed, %d not applicable\n", counts[Passed], counts[Failed], counts[NotApplicable])
	return tw.Flush()
}

// metadata is what of the discovery document is used (OpenID Connect Discovery section 3).
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	UserInfo      string `json:"userinfo_endpoint"`
	JWKS          string `json:"jwks_uri"`
	Revocation    string `json:"revocation_endpoint"`
	EndSession    string `json:"end_session_endpoint"`
	NamesIssuer   bool   `json:"authorization_response_iss_parameter_supported"`
}

func discover(ctx context.Context, t *Target) (m metadata, err error) {
	r := &run{Target: t, ctx: ctx}
	a, err := r.send(http.MethodGet, t.Issuer+".well-known/openid-configuration", nil, "")
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(a.body), &m); err != nil || a.status != http.StatusOK || m.Token == "" {
		return m, fmt.Errorf("%s has no discovery document: %d %.100s", t.Issuer, a.status, a.body)
	}
	if m.Issuer != t.Issuer {
		return m, fmt.Errorf("the discovery document is of %s", m.Issuer)
	}
	return m, nil
}
