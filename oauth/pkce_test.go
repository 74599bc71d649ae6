package oauth_test

import (
	"strings"
	"testing"

	"github.com/proofkey/proofkey/oauth"
)

// The pair of RFC 7636 appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestVerifyChallenge(t *testing.T) {
	if got := oauth.S256(verifier); got != challenge {
		t.Errorf("S256 = %s, want %s", got, challenge)
	}
	if !oauth.VerifyChallenge(challenge, verifier) {
		t.Error("the pair of RFC 7636 does not verify")
	}
	for _, tt := range [][2]string{
		{challenge, ""}, {"", verifier}, {"", ""}, {challenge, challenge}, {verifier, verifier}, {challenge, verifier + "x"},
		{challenge, verifier[:42]}, {challenge + "=", verifier}, {strings.ToLower(challenge), verifier},
	} {
		if oauth.VerifyChallenge(tt[0], tt[1]) {
			t.Errorf("VerifyChallenge(%q, %q) = true", tt[0], tt[1])
		}
	}
}

func TestCheckVerifier(t *testing.T) {
	for _, ok := range []string{verifier, strings.Repeat("a", 43), strings.Repeat("~", 128), "-._~" + strings.Repeat("Z9", 20)} {
		if err := oauth.CheckVerifier(ok); err != nil {
			t.Errorf("CheckVerifier(%q) = %v", ok, err)
		}
	}
	for _, tt := range []struct{ verifier, word string }{
		{"", "0 characters"}, {verifier[:42], "42 characters"}, {strings.Repeat("a", 129), "129 characters"},
		{verifier[:42] + "+", "offset 42"}, {" " + verifier, "offset 0"}, {verifier + "é", "offset 43"}, {verifier + "=", "offset 43"},
	} {
		wantRefusal(t, oauth.CheckVerifier(tt.verifier), "invalid_request", tt.word)
	}
}

func TestCheckChallenge(t *testing.T) {
	for _, ok := range [][2]string{{challenge, "S256"}, {"", ""}} {
		if err := oauth.CheckChallenge(ok[0], ok[1]); err != nil {
			t.Errorf("CheckChallenge(%q, %q) = %v", ok[0], ok[1], err)
		}
	}
	for _, tt := range []struct{ challenge, method, word string }{
		{challenge, "", "would mean plain"}, {challenge, "plain", "only one is S256"}, {challenge, "s256", "only one is S256"},
		{"", "S256", "without a code_challenge"}, {challenge[:42], "S256", "42 characters"}, {challenge + "=", "S256", "44 characters"},
		{challenge[:42] + "+", "S256", "offset 42"}, {challenge[:42] + ".", "S256", "offset 42"},
	} {
		wantRefusal(t, oauth.CheckChallenge(tt.challenge, tt.method), "invalid_request", tt.word)
	}
}

func TestLeftHash(t *testing.T) {
	// The c_hash of OpenID Connect Core appendix A.4 and the at_hash of its appendix A.3.
	for value, want := range map[string]string{
		"Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk": "LDktKdoQak3Pk0cnXxCltA",
		"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y":                "77QmUPtjPfzWtF2AnpK9RQ",
	} {
		if got := oauth.LeftHash("RS256", value); got != want {
			t.Errorf("LeftHash(RS256, %q) = %s, want %s", value, got, want)
		}
	}
	for alg, size := range map[string]int{"ES256": 22, "RS384": 32, "ES512": 43, "EdDSA": 43, "none": 0, "": 0} {
		if got := len(oauth.LeftHash(alg, "x")); got != size {
			t.Errorf("LeftHash(%s) has %d characters, want %d", alg, got, size)
		}
	}
}
