package identity

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"
	"unicode/utf16"

	"github.com/jzelinskie/whirlpool"
	//lint:ignore SA1019 other programs hashed with it, and only until the user's next login
	"golang.org/x/crypto/md4"
	//lint:ignore SA1019 as above
	"golang.org/x/crypto/ripemd160"
)

// digests are the hash functions that imported passwords were hashed with. Most of them are too fast or broken for that,
// which is why such a hash is replaced at the next login.
var digests = map[string]func() hash.Hash{
	"md4": md4.New, "md5": md5.New, "ripemd160": ripemd160.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New,
	"sha384": sha512.New384, "sha512": sha512.New, "whirlpool": whirlpool.New,
}

// digestNamed finds a digest by one of OpenSSL's names for it, such as RSA-SHA256 and sha256WithRSAEncryption.
func digestNamed(name string) (func() hash.Hash, error) {
	short := strings.ToLower(name)
	for _, prefix := range []string{"rsa-", "ssl3-"} {
		short = strings.TrimPrefix(short, prefix)
	}
	for _, suffix := range []string{"withrsaencryption", "withrsa"} {
		short = strings.TrimSuffix(short, suffix)
	}
	switch short {
	case "sha1-2":
		short = "sha1"
	case "ripemd", "rmd160":
		short = "ripemd160"
	}
	if d := digests[short]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("the digest %.40q is not supported", name)
}

// transcodings turn a password into the bytes that were hashed. As in Node.js, whose names these are, ascii, latin1 and
// binary keep the low byte of each UTF-16 unit.
var transcodings = map[string]func(string) []byte{
	"": utf8Bytes, "utf8": utf8Bytes, "ascii": lowBytes, "latin1": lowBytes, "binary": lowBytes, "utf16le": utf16Bytes, "ucs2": utf16Bytes,
}

func utf8Bytes(s string) []byte { return []byte(s) }

func lowBytes(s string) (b []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit))
	}
	return b
}

func utf16Bytes(s string) (b []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}
