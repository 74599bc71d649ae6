package oauth_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/web/problem"
)

func wantRefusal(t *testing.T, err error, code string, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %s about %q", code, words)
		return
	}
	e := problem.From(err)
	if e.Status != 400 || e.Code != code {
		t.Errorf("got %d %s (%s), want 400 %s", e.Status, e.Code, e.Message, code)
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("message %q does not say %q", e.Message, w)
		}
	}
}

func TestParseQuery(t *testing.T) {
	p, err := oauth.ParseQuery("client_id=abc&&redirect_uri=com.app://x/y:z&scope=openid+a%20b&state=%3D%C3%A9%26&flag&empty=&x=a;b")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"client_id": "abc", "redirect_uri": "com.app://x/y:z", "scope": "openid a b", "state": "=é&", "flag": "", "empty": "", "x": "a;b", "absent": "",
	} {
		if got := p.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !p.Has("flag") || !p.Has("empty") || p.Has("absent") {
		t.Error("Has does not tell empty from absent")
	}
	if got, want := p.Names(), []string{"client_id", "redirect_uri", "scope", "state", "flag", "empty", "x"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if q := p.With("state", "new"); q.Get("state") != "new" || p.Get("state") != "=é&" || q.Len() != p.Len() {
		t.Errorf("With changed its receiver or the count: %q", q.Names())
	}
	if got := maps.Collect(p.All())["scope"]; got != "openid a b" {
		t.Errorf("All yields scope %q", got)
	}
}

func TestParseQueryRefuses(t *testing.T) {
	hundredOne := make([]string, 101)
	for i := range hundredOne {
		hundredOne[i] = fmt.Sprintf("p%d=1", i)
	}
	for _, tt := range []struct{ name, raw, word string }{
		{"duplicate", "state=a&code=x&state=b", "Duplicate parameter: state"},
		{"duplicate in another spelling", "state=a&st%61te=a", "Duplicate parameter: state"},
		{"duplicate empty", "a=&a=", "Duplicate parameter: a"},
		{"percent at the end", "a=%", "parameter a has a %"},
		{"half an escape", "a=%4", "parameter a has a %"},
		{"no hexadecimal", "a=%zz", "parameter a has a %"},
		{"escape in the name", "%zz=a", "name has a %"},
		{"encoded invalid UTF-8", "a=%ff", "not valid UTF-8"},
		{"raw invalid UTF-8", "a=\xff", "not valid UTF-8"},
		{"overlong UTF-8", "a=%c0%af", "not valid UTF-8"},
		{"surrogate", "a=%ed%a0%80", "not valid UTF-8"},
		{"encoded NUL", "a=x%00", "NUL"},
		{"raw NUL", "a\x00=x", "NUL"},
		{"too many", strings.Join(hundredOne, "&"), "more than 100"},
		{"long name", strings.Repeat("n", 129) + "=1", "128"},
		{"long value", "v=" + strings.Repeat("v", 64<<10+1), "65536"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := oauth.ParseQuery(tt.raw)
			wantRefusal(t, err, "invalid_request", tt.word)
		})
	}
	if _, err := oauth.ParseQuery(strings.Join(hundredOne[:100], "&")); err != nil {
		t.Errorf("100 parameters: %v", err)
	}
}

// seedBody is the second example of the mobile login flow as printed there; the first lacks the comma.
const seedBody = `{"grant_type":"authorization_code","client_id": "CLIENT","code_verifier": "YOUR_GENERATED_CODE_VERIFIER","code": "YOUR_AUTHORIZATION_CODE","redirect_uri": "com.myclientapp://myclientapp.com/callback", }`

func TestSeedBodies(t *testing.T) {
	_, err := oauth.ParseBody("application/json", []byte(seedBody))
	comma := strings.LastIndex(seedBody, ",")
	wantRefusal(t, err, "invalid_request", fmt.Sprintf("The JSON body has a comma at offset %d, before the closing brace: remove the comma.", comma))

	p, err := oauth.ParseBody("application/json", []byte(strings.Replace(seedBody, ", }", " }", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"grant_type", "client_id", "code_verifier", "code", "redirect_uri"}
	if got := p.Names(); !slices.Equal(got, want) || p.Get("redirect_uri") != "com.myclientapp://myclientapp.com/callback" {
		t.Errorf("names %q, redirect_uri %q", got, p.Get("redirect_uri"))
	}
}

func TestParseBodyByContentType(t *testing.T) {
	for _, contentType := range []string{"application/json", "Application/JSON; charset=utf-8", "application/json ;x"} {
		if p, err := oauth.ParseBody(contentType, []byte(`{"code":"x"}`)); err != nil || p.Get("code") != "x" {
			t.Errorf("%s: %v", contentType, err)
		}
	}
	for _, contentType := range []string{"application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED;charset=UTF-8"} {
		if p, err := oauth.ParseBody(contentType, []byte(`code=x`)); err != nil || p.Get("code") != "x" {
			t.Errorf("%s: %v", contentType, err)
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/problem+json", "multipart/form-data; boundary=x", "application/jsonx"} {
		_, err := oauth.ParseBody(contentType, []byte(`{"code":"x"}`))
		wantRefusal(t, err, "invalid_request", "application/json or application/x-www-form-urlencoded")
	}
	_, err := oauth.ParseBody("application/x-www-form-urlencoded", []byte(`{"code":"x"}`))
	wantRefusal(t, err, "invalid_request", "starts like JSON", "send application/json")
	for _, contentType := range []string{"", "application/json", "application/x-www-form-urlencoded"} {
		_, err := oauth.ParseBody(contentType, nil)
		wantRefusal(t, err, "invalid_request", "no body")
	}
}

func TestParseJSON(t *testing.T) {
	p, err := oauth.ParseBody("application/json", []byte(` {
		"text": "a\"\\\/\b\f\n\r\té\ud83d\ude00é😀", "number": -12.50e+3, "yes": true, "no": false, "nothing": null,
		"object": {"a": [1, {"b": null}]}, "array": [ "x" , "y" ], "scope": ["openid", "read:messages write"], "": "", "empty_object":{}, "empty_array":[]
	} `))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"text": "a\"\\/\b\f\n\r\té😀é😀", "number": "-12.50e+3", "yes": "true", "no": "false",
		"object": `{"a": [1, {"b": null}]}`, "array": `[ "x" , "y" ]`, "scope": "openid read:messages write", "empty_object": "{}", "empty_array": "[]",
	} {
		if got := p.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if p.Has("nothing") {
		t.Error("null counts as sent")
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for _, tt := range []struct{ name, body, word string }{
		{"only space", "  ", "at offset 2 there is the end of the body"},
		{"array", "[1]", "must be an object, but at offset 0 there is a bracket"},
		{"text", `"a"`, "a quotation mark"},
		{"form in JSON", "code=x", "the character c"},
		{"byte order mark", "\xef\xbb\xbf{}", "byte order mark"},
		{"open object", `{"a":1`, "closing brace at offset 6: there is the end"},
		{"open text", `{"a":"x`, "ends at offset 7 inside a string"},
		{"trailing data", `{} {}`, "goes on after its end: at offset 3"},
		{"trailing comma in an array", `{"a":[1,2,]}`, "comma at offset 9, before the closing bracket"},
		{"only a comma", `{,}`, "lacks a member name in quotation marks at offset 1: there is a comma"},
		{"two commas", `{"a":1,,"b":2}`, "offset 7: there is a comma"},
		{"no comma", `{"a":1 "b":2}`, "lacks a comma or the closing brace at offset 7"},
		{"apostrophes", `{'a':'b'}`, "offset 1: there is an apostrophe"},
		{"bare name", `{a:1}`, "offset 1: there is the character a"},
		{"no colon", `{"a" 1}`, "lacks a colon at offset 5"},
		{"no value", `{"a":}`, "lacks a value at offset 5: there is a brace"},
		{"capital literal", `{"a":True}`, "lacks a value at offset 5: there is the character T"},
		{"half a literal", `{"a":nul}`, "lacks a value at offset 5"},
		{"leading zero", `{"a":01}`, "offset 6"},
		{"number without digits", `{"a":-}`, "lacks a digit of a number at offset 6"},
		{"number ending in a dot", `{"a":1.}`, "lacks a digit of a number at offset 7"},
		{"number ending in an e", `{"a":1e}`, "lacks a digit of a number at offset 7"},
		{"comment", `{/**/}`, "offset 1: there is the character /"},
		{"raw newline in text", "{\"a\":\"x\ny\"}", "control character inside a string at offset 7"},
		{"unknown escape", `{"a":"\x"}`, "unknown escape sequence at offset 6"},
		{"short unicode escape", `{"a":"\u12"}`, `invalid \u escape sequence at offset 6`},
		{"lone high surrogate", `{"a":"\ud83d"}`, `invalid \u escape sequence at offset 6`},
		{"lone low surrogate", `{"a":"\ude00"}`, `invalid \u escape sequence at offset 6`},
		{"escaped NUL", `{"a":"\u0000"}`, "NUL character at offset 6"},
		{"escaped NUL further down", `{"a":["\u0000"]}`, "NUL character at offset 7"},
		{"raw NUL", "{\"a\":\"\x00\"}", "control character"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "not valid UTF-8 at offset 6"},
		{"duplicate member", `{"a":1,"a":2}`, "Duplicate parameter: a"},
		{"duplicate member in another spelling", `{"a":1,"\u0061":2}`, "Duplicate parameter: a"},
		{"duplicate member after null", `{"a":null,"a":2}`, "Duplicate parameter: a"},
		{"duplicate member further down", `{"x":{"b":1,"b":2}}`, "Duplicate parameter: b"},
		{"depth 33", `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, "deeper than 32 levels at offset 36"},
		{"depth 10000", `{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`, "deeper than 32"},
		{"depth 10000 of objects", strings.Repeat(`{"a":`, 10000), "deeper than 32"},
		{"long name", `{"` + strings.Repeat("n", 129) + `":1}`, "128"},
		{"long value", `{"v":"` + strings.Repeat("v", 64<<10+1) + `"}`, "65536"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := oauth.ParseBody("application/json", []byte(tt.body))
			wantRefusal(t, err, "invalid_request", tt.word)
		})
	}
	for _, scope := range []string{`1`, `true`, `{}`, `[1]`, `["a",null]`, `[["a"]]`} {
		_, err := oauth.ParseBody("application/json", []byte(`{"scope":`+scope+`}`))
		wantRefusal(t, err, "invalid_scope", "Scope must be an array or a string")
	}
	if _, err := oauth.ParseBody("application/json", []byte(`{"a":`+strings.Repeat("[", 31)+strings.Repeat("]", 31)+`}`)); err != nil {
		t.Errorf("depth 32: %v", err)
	}
}

func TestDeepJSONIsCheap(t *testing.T) {
	body := []byte(strings.Repeat(`{"a":[`, 170_000))
	if n := testing.AllocsPerRun(3, func() { _, _ = oauth.ParseBody("application/json", body) }); n > 500 {
		t.Errorf("a 1 MB tower of brackets costs %v allocations", n)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"", "a=b&c=d", "a=%41+%c3%a9", "a&a", "%=", "a=%ff", "=x&&=y", "redirect_uri=com.app://x?y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := oauth.ParseQuery(raw)
		if err != nil {
			return
		}
		// net/url refuses a semicolon that stands for itself.
		want, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
		if err != nil {
			t.Fatalf("%q parsed, but net/url says %v", raw, err)
		}
		if len(want) != p.Len() {
			t.Fatalf("%q has %d parameters, net/url finds %d", raw, p.Len(), len(want))
		}
		for name, value := range p.All() {
			if !utf8.ValidString(name+value) || strings.Contains(name+value, "\x00") {
				t.Fatalf("%q let %q=%q through", raw, name, value)
			}
			if got := want[name]; len(got) != 1 || got[0] != value {
				t.Fatalf("%q has %q=%q, net/url finds %q", raw, name, value, got)
			}
		}
	})
}

func FuzzParseBody(f *testing.F) {
	for _, s := range []string{
		seedBody, `{}`, `{"a":"\ud83d\ude00","b":-1.5e3,"c":null,"d":[true,{"e":[]}]}`, `{"scope":["a","b"]}`, `{"scope":{}}`,
		`{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":"\u0000"}`, strings.Repeat(`{"a":`, 40), `{"a":"b"} x`, `{"a":01}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, err := oauth.ParseBody("application/json", []byte(body))
		var std map[string]any
		stdErr := json.Unmarshal([]byte(body), &std)
		if err != nil {
			e := problem.From(err)
			if e.Status != 400 || !utf8.ValidString(e.Message) {
				t.Fatalf("%q: %d %q", body, e.Status, e.Message)
			}
			for _, complaint := range []string{"JSON body lacks", "goes on", "JSON body has a comma", "ends at", "unknown escape", "must be an object"} {
				if std != nil && stdErr == nil && strings.HasPrefix(e.Message, "The JSON body") && strings.Contains(e.Message, complaint) {
					t.Fatalf("%q is JSON, but: %s", body, e.Message)
				}
			}
			return
		}
		if stdErr != nil {
			t.Fatalf("%q parsed, but encoding/json says %v", body, stdErr)
		}
		sent := 0
		for name, value := range std {
			if value == nil {
				continue
			}
			sent++
			if text, ok := value.(string); ok && p.Get(name) != text {
				t.Fatalf("%q has %q=%q, encoding/json finds %q", body, name, p.Get(name), text)
			}
			if name != "scope" && !p.Has(name) {
				t.Fatalf("%q lost %q", body, name)
			}
		}
		if sent != p.Len() {
			t.Fatalf("%q has %d parameters, encoding/json finds %d", body, p.Len(), sent)
		}
		for name, value := range p.All() {
			if !utf8.ValidString(name+value) || strings.Contains(name, "\x00") {
				t.Fatalf("%q let %q=%q through", body, name, value)
			}
		}
	})
}

func BenchmarkParseBody(b *testing.B) {
	body := []byte(strings.Replace(seedBody, ", }", "}", 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := oauth.ParseBody("application/json", body); err != nil {
			b.Fatal(err)
		}
	}
}
