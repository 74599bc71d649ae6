package api

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/proofkey/proofkey/oauth"
)

// forms are the formats that are a form of letters. The ids are those of the contract's table.
var forms = map[string]*regexp.Regexp{
	"client-id":                 regexp.MustCompile(`^(tpc_)?[A-Za-z0-9_-]{1,64}$`),
	"connection-id":             regexp.MustCompile(`^con_[A-Za-z0-9]{16}$`),
	"organization-id":           regexp.MustCompile(`^org_[A-Za-z0-9]{16}$`),
	"organization-name":         regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,49}$`),
	"role-id":                   regexp.MustCompile(`^rol_[A-Za-z0-9]{16}$`),
	"client-grant-id":           regexp.MustCompile(`^cgr_[A-Za-z0-9]{16}$`),
	"user-invitation-id":        regexp.MustCompile(`^uinv_[A-Za-z0-9]{16}$`),
	"token-exchange-profile-id": regexp.MustCompile(`^tep_[A-Za-z0-9]{16}$`),
	"log-stream-id":             regexp.MustCompile(`^lst_[0-9]{16}$`),
	"credential-id":             regexp.MustCompile(`^cred_[A-Za-z0-9]{16,32}$`),
	"user-attribute-profile-id": regexp.MustCompile(`^uap_[A-Za-z0-9]{16,32}$`),
	"connection-profile-id":     regexp.MustCompile(`^cop_[A-Za-z0-9]{16,32}$`),
	"event-stream-id":           regexp.MustCompile(`^est_[A-Za-z0-9]{16,32}$`),
	"ticket-id":                 regexp.MustCompile(`^[A-Za-z0-9]{32}$`),
	"uuid":                      regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`),
	"hexadecimal":               regexp.MustCompile(`^[0-9a-fA-F]+$`),
	"html-color":                regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`),
	"html-color-or-null":        regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`),
}

// matchesFormat says whether a text has a format; of formats that are not known here every text passes.
func matchesFormat(format, v string) bool {
	if form := forms[format]; form != nil {
		return form.MatchString(v)
	}
	switch format {
	case "email":
		return isEmail(v)
	case "email-or-empty":
		return v == "" || isEmail(v)
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, v)
		return err == nil
	case "hostname":
		return isHost(v)
	case "user-id":
		return v != "" && !strings.ContainsAny(v, " \t\r\n")
	case "callback-url":
		return v == "" || oauth.CheckCallback(v) == nil
	case "url-with-placeholders":
		return isURL(withoutPlaceholders(v), "")
	case "uri", "url", "strict-uri":
		return isURL(v, "")
	case "absolute-uri-or-empty":
		return v == "" || isURL(v, "")
	case "absolute-https-uri-or-empty":
		return v == "" || isURL(v, "https")
	case "absolute-https-uri-with-placeholders-or-empty":
		return v == "" || isURL(withoutPlaceholders(v), "https")
	case "strict-https-uri", "strict-https-uri-or-null":
		return isURL(v, "https")
	}
	return true
}

func isEmail(v string) bool {
	a, err := mail.ParseAddress(v)
	return err == nil && a.Address == v && a.Name == ""
}

func isHost(v string) bool {
	if len(v) > 253 || v == "" || net.ParseIP(v) != nil {
		return v != "" && len(v) <= 253
	}
	for label := range strings.SplitSeq(v, ".") {
		if !label1.MatchString(label) {
			return false
		}
	}
	return true
}

var (
	label1       = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$`)
	placeholders = regexp.MustCompile(`\{[a-z_.]+\}|\*`)
)

// withoutPlaceholders puts a word where a URL has {organization_name} or *.
func withoutPlaceholders(v string) string { return placeholders.ReplaceAllString(v, "x") }

// uriLetters are the characters of RFC 3986; others would have to be percent-encoded.
var uriLetters = regexp.MustCompile(`^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*$`)

// isURL says whether a text is an absolute URL; where a scheme is given, of that scheme and with a host.
func isURL(v, scheme string) bool {
	u, err := url.Parse(v)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return false
	}
	return scheme == "" || u.Scheme == scheme && u.Host != "" && uriLetters.MatchString(v)
}
