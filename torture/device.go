package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// device is a phone with its user's browser. It is honest: it repeats what was not answered, as an SDK does, and never
// forgets what was. Now and then it plays somebody who is not.
type device struct {
	*run
	user   int
	jar    *cookiejar.Jar
	within bool // the browser was signed in, acknowledged
	// token is the refresh token that was acknowledged last; spent are its predecessors, the newest last.
	token string
	spent []string
}

func newDevice(r *run, user int) *device {
	d := &device{run: r, user: user}
	d.newBrowser()
	return d
}

func (d *device) newBrowser() {
	d.jar, _ = cookiejar.New(nil) // it fails for options only
	d.within = false
}

// operate does one thing after the other until ctx ends. Each is an error only because ctx ended.
func (d *device) operate(ctx context.Context) {
	for d.step(ctx) == nil {
		d.answered[d.user].Store(time.Now().UnixMilli())
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(rand.Int64N(int64(d.options.think) + 1))):
		}
	}
}

func (d *device) step(ctx context.Context) error {
	if d.token == "" {
		return d.signIn(ctx)
	}
	switch n := rand.IntN(100); {
	case n < 66:
		return d.refresh(ctx)
	case n < 74:
		return d.refreshTwice(ctx)
	case n < 80:
		return d.revoke(ctx)
	case n < 84:
		return d.logout(ctx)
	case n < 88:
		return d.steal(ctx)
	case n < 91:
		return d.replay(ctx)
	case n < 94:
		return d.race(ctx)
	case n < 96:
		return d.removeGrants(ctx)
	case n < 98:
		return d.block(ctx)
	}
	return d.quit(ctx)
}

// authorizePath asks for a code.
func (d *device) authorizePath(more ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {d.site.native.ID}, "redirect_uri": {callback}, "state": {"s"},
		"scope": {"openid offline_access"}, "audience": {audience}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/authorize?" + q.Encode()
}

// code signs the user in where they are not, and returns a code.
func (d *device) code(ctx context.Context) (string, error) {
	for {
		began := time.Now()
		a, _, err := d.ask(ctx, request{method: "GET", path: d.authorizePath(), jar: d.jar})
		if err != nil {
			return "", err
		}
		if code := a.redirect("code"); code != "" {
			return code, nil
		}
		page := a.header.Get("Location")
		state := a.redirect("state")
		if !strings.Contains(page, "/u/login") || state == "" {
			d.violated("the login of device %d began with %v to %q", d.user, a, page)
			return "", pause(ctx)
		}
		if d.within {
			d.violated("the browser of device %d was signed out by itself", d.user)
			d.within = false
		}
		path := strings.TrimPrefix(page, d.origin)
		if _, _, err = d.ask(ctx, request{method: "GET", path: path, jar: d.jar}); err != nil {
			return "", err
		}
		login := form("/u/login", "state", state, "username", email(d.user), "password", password, "action", "default")
		login.jar = d.jar
		a, lost, err := d.ask(ctx, login)
		if err != nil {
			return "", err
		}
		if code := a.redirect("code"); code != "" {
			d.within = true
			d.count("login")
			return code, nil
		}
		if lost == 0 && !d.clockMoved(began) {
			d.violated("the password of device %d was answered %v, leading to %q", d.user, a, a.header.Get("Location"))
		}
		if err := pause(ctx); err != nil {
			return "", err
		}
	}
}

// pause is a moment, or the error of ctx.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

func (d *device) exchange(code string) request {
	return form("/oauth/token", "grant_type", "authorization_code", "client_id", d.site.native.ID, "code", code,
		"code_verifier", verifier, "redirect_uri", callback)
}

func (d *device) renew(token string) request {
	return form("/oauth/token", "grant_type", "refresh_token", "client_id", d.site.native.ID, "refresh_token", token)
}

// newToken signs in and exchanges the code. It is empty, without an error, when the answer of the exchange was lost.
func (d *device) newToken(ctx context.Context) (code, token string, err error) {
	began := time.Now()
	if code, err = d.code(ctx); err != nil {
		return "", "", err
	}
	a, lost, err := d.ask(ctx, d.exchange(code))
	switch {
	case err != nil:
		return "", "", err
	case a.ok() && a.text("refresh_token") != "":
		d.count("exchange")
		return code, a.text("refresh_token"), nil
	case lost == 0 && !d.clockMoved(began):
		d.violated("a fresh code of device %d was answered %v", d.user, a)
	}
	return "", "", nil // it was redeemed, and the answer lost: the device begins again
}

func (d *device) signIn(ctx context.Context) (err error) {
	d.spent = nil
	_, d.token, err = d.newToken(ctx)
	return err
}

func (d *device) refresh(ctx context.Context) error {
	a, lost, err := d.ask(ctx, d.renew(d.token))
	if err != nil {
		return err
	}
	d.renewed(a, lost)
	return nil
}

// renewed takes the answer to a refresh with the device's own token.
func (d *device) renewed(a answer, lost int) {
	next := a.text("refresh_token")
	if !a.ok() || next == "" {
		d.violated("device %d, honest, was signed out after %d refreshes (%d lost answers before): %v", d.user, len(d.spent), lost, a)
		d.token = ""
		return
	}
	d.spent, d.token = append(d.spent, d.token), next
	d.count("refresh")
}

// refreshTwice is an application that sends its token from two threads: both get the same successor.
func (d *device) refreshTwice(ctx context.Context) error {
	first, second, err := d.both(ctx, d.renew(d.token))
	if err != nil {
		return err
	}
	if one, two := first.text("refresh_token"), second.text("refresh_token"); one != two {
		d.violated("device %d sent its token twice and was answered %v and %v", d.user, first, second)
	}
	d.renewed(first, 0)
	return nil
}

// both asks twice at the same time.
func (d *device) both(ctx context.Context, q request) (first, second answer, err error) {
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { first, _, errs[0] = d.ask(ctx, q) })
	wg.Go(func() { second, _, errs[1] = d.ask(ctx, q) })
	wg.Wait()
	if errs[0] != nil {
		return first, second, errs[0]
	}
	return first, second, errs[1]
}

// dead is the fact that refresh tokens are refused.
func (d *device) dead(why string, tokens ...string) {
	for _, token := range tokens {
		d.note(func(ctx context.Context) (string, error) {
			a, _, err := d.ask(ctx, d.renew(token))
			if a.status/100 != 4 && err == nil {
				return "a refresh token of device " + email(d.user) + " is alive, but " + why + ": " + a.String(), nil
			}
			return "", err
		})
	}
}

// bury notes that the device's tokens are dead, asks at once, and begins anew.
func (d *device) bury(ctx context.Context, why string) error {
	a, _, err := d.ask(ctx, d.renew(d.token))
	if err != nil {
		return err
	}
	if a.status/100 != 4 {
		d.violated("the refresh token of device %d is alive, but %s: %v", d.user, why, a)
	}
	d.dead(why, d.token)
	if n := len(d.spent); n > 0 {
		d.dead(why, d.spent[rand.IntN(n)])
	}
	d.token, d.spent = "", nil
	return nil
}

// revoke ends the device's family.
func (d *device) revoke(ctx context.Context) error {
	a, _, err := d.ask(ctx, form("/oauth/revoke", "client_id", d.site.native.ID, "token", d.token))
	if err != nil {
		return err
	}
	if !a.ok() {
		d.violated("the revocation of device %d was answered %v", d.user, a)
		return nil
	}
	d.count("revoke")
	return d.bury(ctx, "was revoked")
}

// logout ends the browser's session; the refresh token lives on.
func (d *device) logout(ctx context.Context) error {
	if !d.within {
		return nil
	}
	u, err := url.Parse(d.origin)
	if err != nil {
		return err
	}
	cookies := d.jar.Cookies(u)
	a, _, err := d.ask(ctx, request{method: "GET", path: "/v2/logout?client_id=" + d.site.native.ID + "&returnTo=" + url.QueryEscape(signedOut), cookies: cookies})
	if err != nil {
		return err
	}
	if a.status != http.StatusFound || a.header.Get("Location") != signedOut {
		d.violated("the logout of device %d was answered %v to %q", d.user, a, a.header.Get("Location"))
		return nil
	}
	d.count("logout")
	d.newBrowser()
	silent := request{method: "GET", path: d.authorizePath("prompt", "none"), cookies: cookies}
	d.note(func(ctx context.Context) (string, error) {
		a, _, err := d.ask(ctx, silent)
		if err == nil && a.redirect("error") != "login_required" {
			return "a session of " + email(d.user) + " that was ended is answered " + a.String() + " to " + a.header.Get("Location"), nil
		}
		return "", err
	})
	return nil
}

// steal presents a token whose successor was used: it is refused, and whoever holds the living one is cut off too.
func (d *device) steal(ctx context.Context) error {
	if len(d.spent) < 2 {
		return d.refresh(ctx)
	}
	stolen := d.spent[rand.IntN(len(d.spent)-1)]
	a, _, err := d.ask(ctx, d.renew(stolen))
	if err != nil {
		return err
	}
	if a.status/100 != 4 {
		d.violated("a spent token of device %d, whose successor was used, was answered %v", d.user, a)
	}
	d.count("theft refused")
	d.dead("was spent", stolen)
	return d.bury(ctx, "a predecessor was presented after its use")
}

// replay redeems a code a second time: that is refused, and what it issued ends.
func (d *device) replay(ctx context.Context) error {
	began := time.Now()
	code, token, err := d.newToken(ctx)
	if err != nil || token == "" {
		return err
	}
	a, _, err := d.ask(ctx, d.exchange(code))
	if err != nil {
		return err
	}
	if a.status/100 != 4 {
		d.violated("a code of device %d was redeemed twice: %v", d.user, a)
	}
	if d.clockMoved(began) {
		return nil // the code may have been refused for its age, which ends nothing
	}
	d.count("replay refused")
	d.spentCode(code)
	d.dead("its code was replayed", token)
	return nil
}

// spentCode is the fact that a code is refused.
func (d *device) spentCode(code string) {
	d.note(func(ctx context.Context) (string, error) {
		a, _, err := d.ask(ctx, d.exchange(code))
		if err == nil && a.status/100 != 4 {
			return "a code of " + email(d.user) + " was redeemed twice: " + a.String(), nil
		}
		return "", err
	})
}

// race redeems a code twice at the same time: one wins at most, and what it got ends since the code came again.
func (d *device) race(ctx context.Context) error {
	began := time.Now()
	code, err := d.code(ctx)
	if err != nil || code == "" {
		return err
	}
	first, second, err := d.both(ctx, d.exchange(code))
	if err != nil {
		return err
	}
	if first.ok() && second.ok() {
		d.violated("a code of device %d was redeemed twice at the same time: %v and %v", d.user, first, second)
	}
	if d.clockMoved(began) {
		return nil
	}
	d.count("race")
	for _, a := range []answer{first, second} {
		if token := a.text("refresh_token"); token != "" {
			d.spentCode(code)
			d.dead("its code was redeemed twice", token)
		}
	}
	return nil
}

// removeGrants takes back what the user agreed to: all their refresh tokens end.
func (d *device) removeGrants(ctx context.Context) error {
	done, err := d.administration.do(ctx, "DELETE", "/grants?user_id="+url.QueryEscape(userID(d.user)), "", http.StatusNoContent)
	if err != nil || !done {
		return err
	}
	d.count("grant removal")
	return d.bury(ctx, "its grant was removed")
}

// block keeps the user out until they are let in again.
func (d *device) block(ctx context.Context) error {
	path := "/users/" + url.PathEscape(userID(d.user))
	done, err := d.administration.do(ctx, "PATCH", path, `{"blocked":true}`, http.StatusOK)
	if err != nil || !done {
		return err
	}
	a, _, err := d.ask(ctx, d.renew(d.token))
	if err != nil {
		return err
	}
	if a.status/100 != 4 {
		d.violated("the user of device %d is blocked, but was answered %v", d.user, a)
	}
	done, err = d.administration.do(ctx, "PATCH", path, `{"blocked":false}`, http.StatusOK)
	if err != nil || !done {
		return err
	}
	d.count("block")
	return d.refresh(ctx)
}

// quit revokes the family and never says whether it was answered before it goes on: the other half of a revocation.
func (d *device) quit(ctx context.Context) error {
	_, _ = d.once(ctx, form("/oauth/revoke", "client_id", d.site.native.ID, "token", d.token))
	d.token, d.spent = "", nil
	return ctx.Err()
}
