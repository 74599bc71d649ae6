package store

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxEventText    = 512
	maxEventEntries = 50
	maxEventDepth   = 4

	// redacted stands where a secret stood.
	redacted = "***"
)

// secretNames are keys of details whose texts are never kept. What is public under such a name is an object, as in Auth0's
// own events (refresh_token.session_id), or has another name (access_token_jti).
var secretNames = map[string]bool{
	"password": true, "new_password": true, "old_password": true, "passwd": true, "secret": true, "client_secret": true,
	"signing_secret": true, "client_assertion": true, "assertion": true, "code": true, "code_verifier": true,
	"access_token": true, "refresh_token": true, "id_token": true, "id_token_hint": true, "token": true, "ticket": true,
	"authorization": true, "cookie": true, "set-cookie": true, "api_key": true, "private_key": true, "state": true, "otp": true,
}

// tokenForm finds what is a token wherever it stands: a JWT or JWE, a refresh token, a sealed blob, credentials of a header,
// a password hash.
var tokenForm = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]*|v1\.[A-Za-z0-9_-]{40,}|[A-Za-z0-9_-]{64,}|(?i:basic|bearer) [A-Za-z0-9+/=._~-]{12,}|\$(argon2id|2[aby])\$\S+`)

// parameterForm finds secret parameters in a query, fragment or form.
var parameterForm = regexp.MustCompile(`(?i)\b((?:new_|old_)?password|client_secret|code|code_verifier|access_token|refresh_token|id_token|id_token_hint|token|ticket|state|client_assertion)=[^&\s"]+`)

// recordable returns the event as it may be written: every text bounded, valid in both databases, and without what looks
// like a secret. It is the net under callers who must not hand over secrets in the first place.
func (e Event) recordable() Event {
	for _, s := range []*string{&e.Description, &e.TransactionID, &e.CorrelationID, &e.ClientID, &e.ClientName, &e.UserID, &e.UserName, &e.Connection,
		&e.Strategy, &e.Audience, &e.Scope, &e.IP, &e.Hostname} {
		*s = eventText(*s)
	}
	e.UserAgent = clipText(e.UserAgent, maxEventText)
	e.Auth0Client = clipText(e.Auth0Client, 2*maxEventText)
	if e.Details != nil {
		e.Details, _ = eventValue(e.Details, 0).(map[string]any)
	}
	return e
}

func eventValue(v any, depth int) any {
	switch v := v.(type) {
	case nil, bool, int, int64, float64:
		return v
	case string:
		return eventText(v)
	case []any:
		return eventList(v, depth)
	case map[string]any:
		return eventObject(v, depth)
	}
	// Anything else is seen as its JSON is.
	var plain any
	b, err := json.Marshal(v)
	if err != nil || len(b) > 16<<10 || json.Unmarshal(b, &plain) != nil {
		return redacted
	}
	return eventValue(plain, depth)
}

func eventList(v []any, depth int) any {
	if depth >= maxEventDepth {
		return redacted
	}
	out := make([]any, min(len(v), maxEventEntries))
	for i := range out {
		out[i] = eventValue(v[i], depth+1)
	}
	return out
}

func eventObject(v map[string]any, depth int) any {
	if depth >= maxEventDepth {
		return redacted
	}
	out := make(map[string]any, min(len(v), maxEventEntries))
	for name, entry := range v {
		if len(out) == maxEventEntries {
			break
		}
		text, isText := entry.(string)
		switch {
		case isText && text != "" && secretNames[strings.ToLower(name)] && !machineWord(name, text):
			out[clipText(name, 100)] = redacted
		default:
			out[clipText(name, 100)] = eventValue(entry, depth+1)
		}
	}
	return out
}

// machineWord lets error codes through, which share the name code with authorization codes: invalid_grant.
func machineWord(name, text string) bool {
	return name == "code" && len(text) <= 40 && strings.IndexFunc(text, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') }) < 0
}

// eventText is clipped before it is searched, so that the cost of a text does not depend on who sent it.
func eventText(s string) string {
	s = clipText(s, maxEventText)
	if len(s) < 6 {
		return s
	}
	if strings.IndexByte(s, '=') >= 0 {
		s = parameterForm.ReplaceAllString(s, "$1="+redacted)
	}
	if mayHoldToken(s) {
		return tokenForm.ReplaceAllString(s, redacted)
	}
	return s
}

// mayHoldToken spares nearly every text the search: a token is a long word, or follows a mark.
func mayHoldToken(s string) bool {
	word := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '$' || c == ' ' && word >= 5 && (strings.EqualFold(s[i-5:i], "basic") || word >= 6 && strings.EqualFold(s[i-6:i], "bearer")):
			return true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_':
			if word++; word >= 40 {
				return true
			}
		case c == '.' && strings.Contains(s[i-word:i], "eyJ"):
			return true
		default:
			word = 0
		}
	}
	return false
}

// clipText returns at most most bytes of s as UTF-8 that PostgreSQL takes too.
func clipText(s string, most int) string {
	if len(s) > most {
		for most > 0 && !utf8.RuneStart(s[most]) {
			most--
		}
		s = s[:most]
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "?")
}
