package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	ref "github.com/go-crypt/x/argon2" // which has argon2d too
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// ImportedHash is a password hash that another program made, in the form of the users-import schema (custom_password_hash).
// Until its user signs in, the user's row keeps it as JSON: of all stored hashes only these begin with a brace.
type ImportedHash struct {
	Algorithm string `json:"algorithm"`
	Hash      struct {
		Value    string   `json:"value"`
		Encoding string   `json:"encoding,omitempty"`
		Digest   string   `json:"digest,omitempty"` // of an HMAC
		Key      *encoded `json:"key,omitempty"`    // of an HMAC
	} `json:"hash"`
	Salt *struct {
		encoded
		Position string `json:"position,omitempty"` // prefix (default) or suffix
	} `json:"salt,omitempty"`
	Password *struct {
		Encoding string `json:"encoding,omitempty"`
	} `json:"password,omitempty"`
	// Of scrypt.
	KeyLen          int `json:"keylen,omitempty"`
	Cost            int `json:"cost,omitempty"`
	BlockSize       int `json:"blockSize,omitempty"`
	Parallelization int `json:"parallelization,omitempty"`
}

// encoded is a text that stands for bytes; utf8 where it does not say how.
type encoded struct {
	Value    string `json:"value"`
	Encoding string `json:"encoding,omitempty"`
}

// Bounds of imported hashes, beside those of the hasher's own kinds.
const (
	maxImported    = 8 << 10 // bytes of JSON
	maxTag         = 256     // bytes of a hash
	maxPBKDF2      = 4 << 20 // iterations times blocks: seconds of one core
	maxScryptMixes = 4 << 20 // cost times blockSize times parallelization
)

// ReadImportedHash checks a custom_password_hash and returns the text that a user's row keeps. Its errors say what to change
// and show nothing of the hash.
func ReadImportedHash(raw []byte) (string, error) {
	h, err := parseImported(raw)
	if err != nil {
		return "", err
	}
	if _, err := h.verifier(); err != nil {
		return "", err
	}
	text, err := json.Marshal(h)
	return string(text), err
}

// IsImported says whether a stored hash is still the custom_password_hash that it was imported as.
func IsImported(hash string) bool { return strings.HasPrefix(hash, "{") }

func parseImported(raw []byte) (h ImportedHash, err error) {
	if len(raw) > maxImported {
		return h, fmt.Errorf("it is longer than %d bytes", maxImported)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return h, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return h, nil
}

// verifyImported says whether the password is the one of an imported hash.
func verifyImported(text, password string) (bool, error) {
	h, err := parseImported([]byte(text))
	if err != nil {
		return false, ErrHash
	}
	verify, err := h.verifier()
	if err != nil {
		return false, ErrHash
	}
	return verify(h.salted(password)), nil
}

// salted is the password as it was hashed; the salts of scrypt stand by themselves.
func (h ImportedHash) salted(password string) []byte {
	encoding := ""
	if h.Password != nil {
		encoding = h.Password.Encoding
	}
	b := transcodings[encoding](password)
	if h.Salt == nil || h.Algorithm == "scrypt" {
		return b
	}
	salt, _ := h.Salt.bytes() // was checked
	if h.Salt.Position == "suffix" {
		return append(b, salt...)
	}
	return append(salt, b...)
}

// verifier reads the hash, and computes nothing yet.
func (h ImportedHash) verifier() (func(salted []byte) bool, error) {
	if h.Password != nil && transcodings[h.Password.Encoding] == nil {
		return nil, fmt.Errorf("password.encoding is none of ascii, utf8, utf16le, ucs2, latin1, binary")
	}
	if s := h.Salt; s != nil {
		if _, err := s.bytes(); err != nil {
			return nil, fmt.Errorf("salt: %w", err)
		}
		if s.Position != "" && s.Position != "prefix" && s.Position != "suffix" {
			return nil, errors.New("salt.position is neither prefix nor suffix")
		}
	}
	switch h.Algorithm {
	case "argon2", "pbkdf2", "ldap":
		if h.Salt != nil {
			return nil, fmt.Errorf("salt is not allowed with %s: the hash has it", h.Algorithm)
		}
		fallthrough
	case "bcrypt":
		if e := h.Hash.Encoding; e != "" && e != "utf8" {
			return nil, fmt.Errorf("hash.encoding must be utf8 with %s", h.Algorithm)
		}
		return map[string]func(string) (func([]byte) bool, error){
			"argon2": readArgon2, "pbkdf2": readPBKDF2, "ldap": readLDAP, "bcrypt": readBcrypt,
		}[h.Algorithm](h.Hash.Value)
	case "md4", "md5", "sha1", "sha256", "sha512", "hmac", "scrypt":
	default:
		return nil, errors.New("algorithm is none of argon2, bcrypt, hmac, ldap, md4, md5, sha1, sha256, sha512, pbkdf2, scrypt")
	}
	if e := h.Hash.Encoding; e != "hex" && e != "base64" {
		return nil, fmt.Errorf("hash.encoding must be hex or base64 with %s", h.Algorithm)
	}
	tag, err := encoded{h.Hash.Value, h.Hash.Encoding}.bytes()
	if err != nil {
		return nil, fmt.Errorf("hash: %w", err)
	}
	switch h.Algorithm {
	case "scrypt":
		return h.scrypt(tag)
	case "hmac":
		return h.hmac(tag)
	}
	return plainDigest(digests[h.Algorithm], tag)
}

// bytes decodes hex in any case, and base64 of both alphabets with or without padding.
func (e encoded) bytes() ([]byte, error) {
	switch e.Encoding {
	case "", "utf8":
		return []byte(e.Value), nil
	case "hex":
		if b, err := hex.DecodeString(e.Value); err == nil {
			return b, nil
		}
		return nil, errors.New("the value is not hex")
	case "base64":
		return base64Bytes(e.Value)
	}
	return nil, errors.New("the encoding is none of base64, hex, utf8")
}

func base64Bytes(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	if b, err := base64.RawStdEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	return nil, errors.New("the value is not base64")
}

func plainDigest(digest func() hash.Hash, tag []byte) (func([]byte) bool, error) {
	if want := digest().Size(); len(tag) != want {
		return nil, fmt.Errorf("the hash has %d bytes, this algorithm makes %d", len(tag), want)
	}
	return func(salted []byte) bool {
		d := digest()
		d.Write(salted)
		return subtle.ConstantTimeCompare(d.Sum(nil), tag) == 1
	}, nil
}

func (h ImportedHash) hmac(tag []byte) (func([]byte) bool, error) {
	digest := digests[h.Hash.Digest]
	if digest == nil {
		return nil, errors.New("hash.digest is none of md4, md5, ripemd160, sha1, sha224, sha256, sha384, sha512, whirlpool")
	}
	if h.Hash.Key == nil {
		return nil, errors.New("hash.key is required with hmac")
	}
	key, err := h.Hash.Key.bytes()
	if err != nil {
		return nil, fmt.Errorf("hash.key: %w", err)
	}
	return plainDigest(func() hash.Hash { return hmac.New(digest, key) }, tag)
}

func (h ImportedHash) scrypt(tag []byte) (func([]byte) bool, error) {
	n, r, p := orInt(h.Cost, 16384), orInt(h.BlockSize, 8), orInt(h.Parallelization, 1)
	switch {
	case h.KeyLen <= 0:
		return nil, errors.New("keylen is required with scrypt")
	case h.KeyLen != len(tag) || len(tag) > maxTag:
		return nil, fmt.Errorf("keylen is %d, the hash has %d bytes, and at most %d are taken", h.KeyLen, len(tag), maxTag)
	case n < 2 || n&(n-1) != 0:
		return nil, errors.New("cost must be a power of two above one")
	case r < 1 || p < 1 || n > maxScryptMixes || r > maxScryptMixes || p > maxScryptMixes || n*r > maxMemory<<3 || n*r*p > maxScryptMixes:
		return nil, fmt.Errorf("cost, blockSize and parallelization ask for too much: cost × blockSize is at most %d, all three together %d",
			maxMemory<<3, maxScryptMixes)
	}
	var salt []byte
	if h.Salt != nil {
		salt, _ = h.Salt.bytes()
	}
	return func(password []byte) bool {
		got, err := scrypt.Key(password, salt, n, r, p, len(tag))
		return err == nil && subtle.ConstantTimeCompare(got, tag) == 1
	}, nil
}

func orInt(n, absent int) int {
	if n == 0 {
		return absent
	}
	return n
}

func readBcrypt(value string) (func([]byte) bool, error) {
	if err := checkBcrypt(value); err != nil {
		return nil, err
	}
	return func(salted []byte) bool {
		return bcrypt.CompareHashAndPassword([]byte(value), salted[:min(len(salted), bcryptBytes)]) == nil
	}, nil
}

// readArgon2 takes the PHC form of argon2i, argon2d and argon2id in version 19.
func readArgon2(value string) (func([]byte) bool, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(value, "$"), "$")
	key := map[string]func([]byte, []byte, uint32, uint32, uint32, uint32) []byte{
		"argon2i": ref.IKey, "argon2d": ref.DKey, "argon2id": ref.IDKey,
	}[name]
	if key == nil {
		return nil, errors.New("hash.value is not a PHC string of argon2i, argon2d or argon2id")
	}
	p, salt, tag, err := decode("$argon2id" + strings.TrimPrefix(value, "$"+name))
	if err != nil {
		return nil, fmt.Errorf("hash.value is not $%s$v=19$m=…,t=…,p=…$salt$hash, or asks for more than %d KiB or %d passes", name, maxMemory, maxIterations)
	}
	return func(password []byte) bool {
		got := key(password, salt, p.Iterations, p.Memory, uint32(p.Parallelism), uint32(len(tag)))
		return subtle.ConstantTimeCompare(got, tag) == 1
	}, nil
}

// readPBKDF2 takes $pbkdf2-<digest>$i=100000,l=64$salt$hash, and what Passlib writes: $pbkdf2-sha256$29000$salt$hash with a
// dot for a plus.
func readPBKDF2(value string) (func([]byte) bool, error) {
	parts := strings.Split(value, "$")
	if len(parts) == 4 { // without parameters
		parts = append(parts[:2:2], "", parts[2], parts[3])
	}
	if len(parts) != 5 || parts[0] != "" || !strings.HasPrefix(parts[1], "pbkdf2-") {
		return nil, errors.New("hash.value is not $pbkdf2-<digest>$i=…,l=…$salt$hash")
	}
	digest, err := digestNamed(strings.TrimPrefix(parts[1], "pbkdf2-"))
	if err != nil {
		return nil, err
	}
	salt, saltErr := base64Bytes(strings.ReplaceAll(parts[3], ".", "+"))
	tag, tagErr := base64Bytes(strings.ReplaceAll(parts[4], ".", "+"))
	if saltErr != nil || tagErr != nil || len(tag) < 8 || len(tag) > maxTag {
		return nil, fmt.Errorf("hash.value: salt and hash are base64, and the hash has 8 to %d bytes", maxTag)
	}
	iterations := 100000
	for name, v := range pairs(parts[2]) {
		n, err := strconv.Atoi(v)
		switch {
		case err != nil || n < 1:
			return nil, fmt.Errorf("hash.value: the parameter %.20q is not a number above 0", name)
		case name == "i":
			iterations = n
		case name == "l" && n != len(tag):
			return nil, fmt.Errorf("hash.value: l is %d, and the hash has %d bytes", n, len(tag))
		case name != "l":
			return nil, fmt.Errorf("hash.value: there is no parameter %.20q", name)
		}
	}
	if size := digest().Size(); iterations > maxPBKDF2 || iterations*((len(tag)+size-1)/size) > maxPBKDF2 {
		return nil, fmt.Errorf("hash.value asks for too much: iterations times blocks are at most %d", maxPBKDF2)
	}
	return func(password []byte) bool {
		got, err := pbkdf2.Key(digest, string(password), salt, iterations, len(tag))
		return err == nil && subtle.ConstantTimeCompare(got, tag) == 1
	}, nil
}

// pairs are the parameters of a PHC string; a number alone is i.
func pairs(s string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(s, ",") {
		if name, v, ok := strings.Cut(pair, "="); ok {
			all[name] = v
		} else if pair != "" {
			all["i"] = pair
		}
	}
	return all
}

// readLDAP takes the userPassword of RFC 2307 with the schemes of OpenLDAP: {SHA}, {SSHA}, {MD5}, {SMD5}, {SHA256}, {SSHA512}, …;
// a salt stands behind the digest.
func readLDAP(value string) (func([]byte) bool, error) {
	scheme, rest, ok := strings.Cut(strings.TrimPrefix(value, "{"), "}")
	if !ok || !strings.HasPrefix(value, "{") {
		return nil, errors.New("hash.value does not begin with a scheme such as {SSHA}")
	}
	name := strings.ReplaceAll(strings.ToLower(scheme), "-", "")
	salted := strings.HasPrefix(name, "ss") || strings.HasPrefix(name, "sm")
	if salted {
		name = name[1:]
	}
	if name == "sha" {
		name = "sha1"
	}
	digest := digests[name]
	if digest == nil || !strings.HasPrefix(name, "sha") && name != "md5" {
		return nil, fmt.Errorf("hash.value: the scheme {%.20s} is none of MD5, SMD5, SHA, SSHA, SHA224 to SHA512, SSHA224 to SSHA512", scheme)
	}
	b, err := base64Bytes(rest)
	size := digest().Size()
	if err != nil || len(b) < size || len(b) > size+maxTag || !salted && len(b) != size {
		return nil, fmt.Errorf("hash.value: behind {%s} stands no base64 of a hash of %d bytes", scheme, size)
	}
	tag, salt := b[:size], b[size:]
	return func(password []byte) bool {
		d := digest()
		d.Write(password)
		d.Write(salt)
		return subtle.ConstantTimeCompare(d.Sum(nil), tag) == 1
	}, nil
}
