package oauth

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
)

const challengeLen = 43

// CheckVerifier checks the form of a code_verifier: 43 to 128 unreserved characters (RFC 7636 section 4.1).
func CheckVerifier(verifier string) error {
	if len(verifier) < 43 || len(verifier) > 128 {
		return invalidRequest("The code_verifier is %d characters long; it must have 43 to 128.", len(verifier))
	}
	for i := range len(verifier) {
		if !unreserved(verifier[i]) {
			return invalidRequest("The code_verifier may have only letters, digits and - . _ ~, and has something else at offset %d.", i)
		}
	}
	return nil
}

// CheckChallenge checks what /authorize was sent. Both empty means no PKCE, which the caller may refuse.
// A challenge without a method would mean plain (RFC 7636 section 4.3), which protects nothing once the request leaks.
func CheckChallenge(challenge, method string) error {
	switch {
	case challenge == "" && method == "":
		return nil
	case challenge == "":
		return invalidRequest("There is a code_challenge_method without a code_challenge: send both.")
	case method == "":
		return invalidRequest("There is a code_challenge without a code_challenge_method, which would mean plain: send code_challenge_method=S256.")
	case method != MethodS256:
		return invalidRequest("The code_challenge_method is not accepted: the only one is S256.")
	case len(challenge) != challengeLen:
		return invalidRequest("The code_challenge is %d characters long; an S256 challenge has %d.", len(challenge), challengeLen)
	}
	for i := range len(challenge) {
		if c := challenge[i]; !alphanumeric(c) && c != '-' && c != '_' {
			return invalidRequest("The code_challenge is not base64url without padding: there is something else at offset %d.", i)
		}
	}
	return nil
}

// S256 is the challenge that belongs to a verifier (RFC 7636 section 4.2).
func S256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// VerifyChallenge compares in constant time. It is false for an empty challenge.
func VerifyChallenge(challenge, verifier string) bool {
	return subtle.ConstantTimeCompare([]byte(S256(verifier)), []byte(challenge)) == 1
}

// LeftHash is at_hash and c_hash (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11) for an ID token signed with alg.
// It is "" for an algorithm that has no hash, and then the claim is left out.
func LeftHash(alg, value string) string {
	switch alg {
	case "RS256", "PS256", "ES256", "HS256":
		sum := sha256.Sum256([]byte(value))
		return base64.RawURLEncoding.EncodeToString(sum[:16])
	case "RS384", "PS384", "ES384", "HS384":
		sum := sha512.Sum384([]byte(value))
		return base64.RawURLEncoding.EncodeToString(sum[:24])
	case "RS512", "PS512", "ES512", "HS512", "EdDSA", "Ed25519":
		sum := sha512.Sum512([]byte(value))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	return ""
}

// unreserved is the set of RFC 3986 section 2.3.
func unreserved(c byte) bool {
	return alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func alphanumeric(c byte) bool { return letter(c) || digit(c) }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
