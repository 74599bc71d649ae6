package login_test

import (
	"slices"
	"testing"

	"github.com/proofkey/proofkey/login"
)

// FuzzNegotiate: a page has one of the languages that the tenant has enabled, whatever the request asks for.
func FuzzNegotiate(f *testing.F) {
	for _, languages := range []string{"", "de", "de-AT,de;q=0.9,en;q=0.8", "*", "x;q=", "\xff", "zh-Hant-TW,pt-BR;q=0.5", "en-US-u-ca-gregory-x-private", "i-klingon", "a-DE", "de;q=1e999"} {
		f.Add(languages, "de fr", "pt-BR")
		f.Add("en", languages, languages)
	}
	views, err := login.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, accept, ui, enabled string) {
		if got := views.Negotiate(nil, ui, accept); !slices.Contains(views.Tags(), got.Tag()) {
			t.Errorf("%q", got.Tag())
		}
		if got := views.Negotiate([]string{"de"}, ui, accept); got.Tag() != "de" {
			t.Errorf("%q where German alone is enabled", got.Tag())
		}
		if got := views.Negotiate([]string{enabled, "fr"}, ui, accept); !slices.Contains(views.Tags(), got.Tag()) {
			t.Errorf("%q", got.Tag())
		}
	})
}
