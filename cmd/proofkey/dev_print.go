package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"
)

// processStart is the time the kernel says the process began, so that startup_ms counts all of it; the time of the call
// where the system does not tell.
func processStart() time.Time {
	self, err := os.Stat("/proc/self")
	if err != nil {
		return time.Now()
	}
	return self.ModTime()
}

// printDev tells a person what they can try, with the command as they called it.
func printDev(w io.Writer, l devLine) {
	fmt.Fprintf(w, `
  Proofkey dev answers after %d ms. Everything below is for this machine only.

  Issuer            %s
  Issuer with TLS   %s
  Authority (CA)    %s

  Dashboard         %s
  Administrator     %s   password  %s

  User              %s   password  %s
  Native app        %s
  Single page app   %s
  Web app           %s
                    secret  %s
  Machine           %s
                    secret  %s
  API               %s   (allows offline access)

  Sign in, in a browser:
    %s

  Sign in as a native app, in a terminal:
    %s login --issuer %s --client-id %s --audience %s

  Ctrl-C ends it.
`, l.StartupMS, l.Issuer, l.HTTPSIssuer, l.CAFile, l.Dashboard, l.Admin.Email, l.Admin.Password, l.User.Email, l.User.Password, l.Native.ClientID, l.SPA.ClientID,
		l.Web.ClientID, l.Web.ClientSecret, l.M2M.ClientID, l.M2M.ClientSecret, l.API.Identifier,
		signInURL(l), os.Args[0], l.Issuer, l.Native.ClientID, l.API.Identifier)
}

// signInURL signs the user in to the native application and ends at /mobile. Its challenge belongs to the verifier of
// RFC 7636 appendix B, so that the code can be exchanged by hand.
func signInURL(l devLine) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {l.Native.ClientID}, "redirect_uri": {l.Issuer + "mobile"},
		"scope": {"openid profile email offline_access"}, "audience": {l.API.Identifier}, "state": {"dev"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		"login_hint": {l.User.Email},
	}
	return l.Issuer + "authorize?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
