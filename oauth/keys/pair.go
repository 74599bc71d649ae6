package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is SHA-1 by definition (RFC 7517 section 4.8)
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/proofkey/proofkey/store"
)

const (
	rsaBits         = 2048
	kidLength       = 21
	certificateLife = 13 * 365 * 24 * time.Hour
)

// pair is one parsed key pair with everything that does not change from one signature to the next.
type pair struct {
	kid, alg    string
	private     crypto.Signer
	signer      crypto.Signer // the same key in the quickest engine
	certificate *x509.Certificate
	jwk         json.RawMessage
	headers     sync.Map // typ -> encoded header with its dot
}

// generate makes the key pair of k.Alg.
func (r *Ring) generate(k *store.SigningKey) error {
	var private crypto.Signer
	var err error
	switch k.Alg {
	case RS256, RS512, PS256:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		return fmt.Errorf("keys: there are no %q keys: RS256, RS512, PS256, ES256 and EdDSA are", k.Alg)
	}
	if err != nil {
		return fmt.Errorf("keys: generate %s: %w", k.Alg, err)
	}
	return r.dress(k, private)
}

// dress names the key and makes its certificate, which serves only tools that want keys in that form.
func (r *Ring) dress(k *store.SigningKey, private crypto.Signer) error {
	k.Kid = store.RandomID(kidLength)
	now := r.db.Now()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Proofkey signing key " + k.Kid},
		NotBefore: now,
		NotAfter:  now.Add(certificateLife),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}
	var err error
	if k.Certificate, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private); err != nil {
		return fmt.Errorf("keys: certificate: %w", err)
	}
	if k.PrivateKey, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return fmt.Errorf("keys: encode: %w", err)
	}
	return nil
}

// parsePair reads a row. x509 checks an RSA key and precomputes its CRT values while parsing, so no signature has to.
func parsePair(row store.SigningKey) (*pair, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(row.PrivateKey)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", parsed)
	}
	certificate, err := x509.ParseCertificate(row.Certificate)
	if err != nil {
		return nil, err
	}
	thumbprint := sha1.Sum(row.Certificate)
	jwk, err := jose.JSONWebKey{
		Key: private.Public(), KeyID: row.Kid, Algorithm: row.Alg, Use: "sig",
		Certificates: []*x509.Certificate{certificate}, CertificateThumbprintSHA1: thumbprint[:],
	}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	signer := private
	if key, ok := private.(*rsa.PrivateKey); ok {
		if signer, err = Fastest(key); err != nil {
			return nil, err
		}
	}
	return &pair{kid: row.Kid, alg: row.Alg, private: private, signer: signer, certificate: certificate, jwk: jwk}, nil
}

const engineGo = "Go"

// header is the encoded JWS header of a typ. Types are words of our own code, so the cache stays small.
func (p *pair) header(typ string) string {
	if h, ok := p.headers.Load(typ); ok {
		return h.(string)
	}
	h := encodeHeader(p.alg, typ, p.kid)
	p.headers.Store(typ, h)
	return h
}

func encodeHeader(alg, typ, kid string) string {
	h := `{"alg":` + strconv.Quote(alg) + `,"typ":` + strconv.Quote(typ)
	if kid != "" {
		h += `,"kid":` + strconv.Quote(kid)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(h+"}")) + "."
}

// sign makes the JWS signature of input (RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1).
func (p *pair) sign(input []byte) ([]byte, error) {
	switch key := p.private.(type) {
	case *rsa.PrivateKey:
		return signRSA(p.signer, p.alg, input)
	case *ecdsa.PrivateKey:
		digest := sha256.Sum256(input)
		a, b, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			return nil, err
		}
		signature := make([]byte, 64)
		a.FillBytes(signature[:32])
		b.FillBytes(signature[32:])
		return signature, nil
	case ed25519.PrivateKey:
		return ed25519.Sign(key, input), nil
	}
	return nil, fmt.Errorf("a %T cannot sign %s", p.private, p.alg)
}

func signRSA(key crypto.Signer, alg string, input []byte) ([]byte, error) {
	if alg == RS512 {
		digest := sha512.Sum512(input)
		return key.Sign(rand.Reader, digest[:], crypto.SHA512)
	}
	digest := sha256.Sum256(input)
	if alg == PS256 {
		return key.Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: sha256.Size, Hash: crypto.SHA256})
	}
	return key.Sign(rand.Reader, digest[:], crypto.SHA256)
}
