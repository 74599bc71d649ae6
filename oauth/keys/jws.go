package keys

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/proofkey/proofkey/store"
)

// maxToken bounds what is parsed. Custom claims may be larger in what is issued, but no token comes back here with them.
const maxToken = 16 << 10

// Sign makes a compact JWS of claims with the current key of alg.
func (r *Ring) Sign(ctx context.Context, alg, typ string, claims any) (string, error) {
	return r.Signer().Sign(ctx, alg, typ, claims)
}

// Signer signs the tokens of one answer: which key is current is read once for all of them, at the first. It is used by one
// goroutine.
type Signer struct {
	ring   *Ring
	states []store.KeyState
}

// Signer makes one, which must not outlive the request.
func (r *Ring) Signer() *Signer { return &Signer{ring: r} }

// Sign makes a compact JWS of claims with the current key of alg.
//
// It is written out instead of using the library, since it is the hot path and these are all its steps; tests have the
// library verify it.
func (s *Signer) Sign(ctx context.Context, alg, typ string, claims any) (string, error) {
	p, err := s.current(ctx, alg)
	if err != nil {
		return "", err
	}
	return compact(p.header(typ), claims, p.sign)
}

func (s *Signer) current(ctx context.Context, alg string) (*pair, error) {
	if s.states == nil {
		states, err := s.ring.states(ctx)
		if err != nil {
			return nil, err
		}
		s.states = states
	}
	if kid := currentKid(s.states, alg); kid != "" {
		return s.ring.pair(ctx, kid)
	}
	return s.ring.current(ctx, alg) // which makes it
}

// SignHMAC makes a compact JWS with HS256 under an application's or API's own secret.
func (r *Ring) SignHMAC(secret, typ string, claims any) (string, error) {
	if secret == "" {
		return "", errors.New("keys: HS256 needs a secret")
	}
	return compact(encodeHeader("HS256", typ, ""), claims, func(input []byte) ([]byte, error) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(input)
		return mac.Sum(nil), nil
	})
}

// compact joins header, claims and signature (RFC 7515 section 7.1). header is encoded and ends in its dot.
func compact(header string, claims any, sign func([]byte) ([]byte, error)) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("keys: encode claims: %w", err)
	}
	enc := base64.RawURLEncoding
	token := make([]byte, 0, len(header)+enc.EncodedLen(len(payload))+1+enc.EncodedLen(rsaBits/8))
	token = enc.AppendEncode(append(token, header...), payload)
	signature, err := sign(token)
	if err != nil {
		return "", fmt.Errorf("keys: sign: %w", err)
	}
	return string(enc.AppendEncode(append(token, '.'), signature)), nil
}

// Verify returns the type and the claims of a token that a published key of this tenant signed. A refusal is an
// [ErrInvalid]; any other error is the database's.
func (r *Ring) Verify(ctx context.Context, token string) (typ string, claims []byte, err error) {
	h, err := readHeader(token)
	if err != nil {
		return "", nil, err
	}
	p, err := r.published(ctx, h.kid)
	if err != nil {
		return "", nil, err
	}
	if h.alg != p.alg {
		return "", nil, fmt.Errorf("%w: the key %s is for %s, not for %q", ErrInvalid, p.kid, p.alg, h.alg)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(p.alg)})
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if claims, err = jws.Verify(p.private.Public()); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, err := members(claims); err != nil {
		return "", nil, fmt.Errorf("%w: claims: %w", ErrInvalid, err)
	}
	return h.typ, claims, nil
}

// published is the key of a kid that a token brought, unless it is unknown or revoked.
func (r *Ring) published(ctx context.Context, kid string) (*pair, error) {
	states, err := r.states(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		if s.Kid == kid {
			return r.pair(ctx, kid)
		}
	}
	return nil, fmt.Errorf("%w: unknown kid", ErrInvalid)
}

type header struct{ alg, typ, kid string }

// spelled refuses what is not three parts in their one spelling, and returns the first of them decoded.
func spelled(token string) (raw []byte, err error) {
	for i := range len(token) {
		// The decoders skip line breaks, which would give one token many spellings.
		if c := token[i]; c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return nil, fmt.Errorf("%w: a byte at offset %d that no token has", ErrInvalid, i)
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: not three parts", ErrInvalid)
	}
	for i, part := range slices.Backward(parts) {
		// Strict, or the bits that a last letter has too many would give one token many spellings as well.
		if raw, err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, fmt.Errorf("%w: part %d: %w", ErrInvalid, i+1, err)
		}
	}
	return raw, nil
}

// readHeader takes only headers such as ours, so that every extension, known or not, is refused with one rule.
func readHeader(token string) (h header, err error) {
	if len(token) > maxToken {
		return h, fmt.Errorf("%w: %d bytes", ErrInvalid, len(token))
	}
	raw, err := spelled(token)
	if err != nil {
		return h, err
	}
	all, err := members(raw)
	if err != nil {
		return h, fmt.Errorf("%w: header: %w", ErrInvalid, err)
	}
	for name, into := range map[string]*string{"alg": &h.alg, "typ": &h.typ, "kid": &h.kid} {
		if err := json.Unmarshal(all[name], into); err != nil || *into == "" {
			return h, fmt.Errorf("%w: the header's %s is not a text", ErrInvalid, name)
		}
	}
	if len(all) != 3 {
		return h, fmt.Errorf("%w: the header has more than alg, typ and kid", ErrInvalid)
	}
	return h, nil
}

// members reads one JSON object by its exact names and refuses a name that comes twice, of which readers would differ in
// the one they take.
func members(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	all := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		text, _ := name.(string) // json gives no other name
		if _, twice := all[text]; twice {
			return nil, errors.New("a member comes twice")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		all[text] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return all, nil
}

// JWKS is the public key set: for each algorithm current, next, then previous keys, RS256 first, because some clients
// take the first key there is.
func (r *Ring) JWKS(ctx context.Context) ([]byte, error) {
	states, err := r.states(ctx)
	if err != nil {
		return nil, err
	}
	set := struct {
		Keys []json.RawMessage `json:"keys"`
	}{[]json.RawMessage{}}
	for _, alg := range []string{RS256, RS512, PS256, ES256, EdDSA} {
		for _, state := range []string{store.KeyCurrent, store.KeyNext, store.KeyPrevious} {
			for _, s := range states {
				if s.Alg != alg || s.State != state {
					continue
				}
				p, err := r.pair(ctx, s.Kid)
				if errors.Is(err, ErrInvalid) {
					continue
				}
				if err != nil {
					return nil, err
				}
				set.Keys = append(set.Keys, p.jwk)
			}
		}
	}
	return json.Marshal(set)
}
