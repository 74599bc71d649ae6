package identity

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
)

// imported are hashes of "Größe-7-horse" that were made by other programs: Python's hashlib, OpenSSL 3, the reference argon2
// and the crypt of libxcrypt.
var imported = []struct{ name, hash string }{
	{"md5 hex", `{"algorithm":"md5","hash":{"value":"E311CFBA1C8E87C7A0AA4E965E68E0CC","encoding":"hex"}}`},
	{"md4 base64", `{"algorithm":"md4","hash":{"value":"Ks1B1ZDfoKnW6CK3SMJPrg==","encoding":"base64"}}`},
	{"md4 of utf16le, as Windows has it", `{"algorithm":"md4","hash":{"value":"abc8fd9db89924217d264342ec28dfc6","encoding":"hex"},"password":{"encoding":"utf16le"}}`},
	{"sha1 of latin1", `{"algorithm":"sha1","hash":{"value":"7b564ba72d5048b0129f23925f3ab353ed838749","encoding":"hex"},"password":{"encoding":"latin1"}}`},
	{"sha1, salt in front", `{"algorithm":"sha1","hash":{"value":"EDgu9QbGlw0e1XfpVwuQJptDjdY=","encoding":"base64"},"salt":{"value":"pepper"}}`},
	{"sha256, salt behind in hex", `{"algorithm":"sha256","hash":{"value":"f27324dd0687df4392ea966bbdb14a19d1219532515f736e2e71cfeed95ca938","encoding":"hex"},"salt":{"value":"00FF","encoding":"hex","position":"suffix"}}`},
	{"sha512, url base64 without padding", `{"algorithm":"sha512","hash":{"value":"KzCesjm6HK5qRF5T2UphKZj6tQAMzkCxODjjiVFe9sxbMfcf-vooWFLXnhJhMkYK1QSWJXGI7Y47pImrLoQfAw","encoding":"base64"},"salt":{"value":"--8","encoding":"base64","position":"prefix"}}`},
	{"hmac md4", `{"algorithm":"hmac","hash":{"value":"c8e1143bb66eccbd2ec12747c6a30dfd","encoding":"hex","digest":"md4","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac md5", `{"algorithm":"hmac","hash":{"value":"377eb2ac8d6530e7a540cbaa0b5c501c","encoding":"hex","digest":"md5","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac ripemd160", `{"algorithm":"hmac","hash":{"value":"6d394f64595c36d9b2cfe7e84adc621aa7a57c90","encoding":"hex","digest":"ripemd160","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac sha1", `{"algorithm":"hmac","hash":{"value":"141bdf1bd0badf0dbd6d7468faf1e70fdd77a952","encoding":"hex","digest":"sha1","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac sha224", `{"algorithm":"hmac","hash":{"value":"233f91f7eb40edc836e8fb2d6aed1c360b0cf21b69b108373650d96f","encoding":"hex","digest":"sha224","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac sha256", `{"algorithm":"hmac","hash":{"value":"a6959674c534c6ebc87eff9f8615ba1eafa93f482c615788e985e4cc4f6958b5","encoding":"hex","digest":"sha256","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac sha384", `{"algorithm":"hmac","hash":{"value":"7ce3777dccfadfde4783a45974a8bb19af36344054bb243898f35ec74b7d151499ba3402ffd1259c10709d66ee41286c","encoding":"hex","digest":"sha384","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac sha512", `{"algorithm":"hmac","hash":{"value":"aea41b69711e5ebc5855d51b4cbe5b036dc4ca9f56d421495787d30416dbce28685efb1c8a53fb8ec0515a64b6e039931de8794b3810361232ba1331aa48839b","encoding":"hex","digest":"sha512","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac whirlpool", `{"algorithm":"hmac","hash":{"value":"6cd276147ba7190dfba62d68dd060d694850559e08e3d2569dfd80a6d9cb83da62fdfbbd79808678cf70c9cf181afa9b6666c67dc74ff0b3deb0e3064033e855","encoding":"hex","digest":"whirlpool","key":{"value":"736868","encoding":"hex"}}}`},
	{"hmac, salt behind", `{"algorithm":"hmac","hash":{"value":"xlj0k2nmwhipD0Sh/DfQPEPTC3zAPjrP2e8JVqMSmpI=","encoding":"base64","digest":"sha256","key":{"value":"key"}},"salt":{"value":"salt","position":"suffix"}}`},
	{"scrypt", `{"algorithm":"scrypt","hash":{"value":"653a0b5f125d317243b09450ffcf02a7195eb986524a4775bd888830a1e57fad","encoding":"hex"},"salt":{"value":"abc123","encoding":"utf8"},"keylen":32,"cost":4096}`},
	{"scrypt, defaults", `{"algorithm":"scrypt","hash":{"value":"0RcFsDBPkUz2kDPoNRDcKkcY5FeiTcQVuA+Yy+XVBAdsIaNOo74EFIGr/4/LA2RAB0Pau1uZRrhjrt6OTv8Dxw==","encoding":"base64"},"salt":{"value":"0102","encoding":"hex"},"keylen":64}`},
	{"scrypt, all parameters", `{"algorithm":"scrypt","hash":{"value":"JlVRWgEqR/qzmKJfbIlUU92YdA0=","encoding":"base64"},"salt":{"value":"x"},"keylen":20,"cost":1024,"blockSize":4,"parallelization":3}`},
	{"pbkdf2 sha1", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=1200,l=20$c2FsdHNhbHQ$UfiaQi8bwU+7pFX8PwCsjUtpNv4","encoding":"utf8"}}`},
	{"pbkdf2 sha256", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha256$i=1200,l=32$c2FsdHNhbHQ$OxjWkpQrap87qjuIiiSlEVx7tjjH0dF7gVyySVMA3oA","encoding":"utf8"}}`},
	{"pbkdf2 sha512", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha512$i=1200,l=64$c2FsdHNhbHQ$xJBciPbVdhS3/NUL4gyZsI2F2HBDLC0ePDALbtqr3TqjU4JQhvt8PHgQ2InT2+FUdp5kgfFIUxPrOHszWwp3vA","encoding":"utf8"}}`},
	{"pbkdf2, more than one block", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-RSA-SHA256$i=1000,l=100$c2FsdHNhbHQ$vdYaK90OAWLmihYEstD3FkItNzYmKq3273awhKfxpBCexuEPXjOD7EcPqvrgEIIcdN2d7HLtCWL+v6TrdEnXV/Uw0OYoGc80eOvSjnbtw4cLoEb8PbqxktkWbu5zbl5a3Dqn8Q"}}`},
	{"pbkdf2, no parameters", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha512$c2FsdHNhbHQ$hQfHgSHogOjWziNMwH2NLlx/7xKexAfh8/idtQWZUpurWHUksQPp5RWFgiYqD7zYE56I62xkDUVCrknIrRV+ig"}}`},
	{"pbkdf2 as Passlib writes it", `{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha256$2900$..9zYWx0c2E$Nme.FPjCK4lPjB.swV.udDNehjkLWq4etvnr5VrtImk"}}`},
	{"ldap MD5", `{"algorithm":"ldap","hash":{"value":"{MD5}4xHPuhyOh8egqk6WXmjgzA=="}}`},
	{"ldap SMD5", `{"algorithm":"ldap","hash":{"value":"{SMD5}+M9nZbFhzwglsFBrwGz+K05hQ2w="}}`},
	{"ldap SHA", `{"algorithm":"ldap","hash":{"value":"{SHA}+SdsHE95YxGgLP7ewCsD983BgAo="}}`},
	{"ldap SSHA", `{"algorithm":"ldap","hash":{"value":"{SSHA}E+I3zweEkM+VTPozSgQpQlux9y1OYUNs"}}`},
	{"ldap SHA256", `{"algorithm":"ldap","hash":{"value":"{SHA256}Sdm/0b9Uzsf5hwxQujJa/yZCl4iL6YJTlwuuTTjKAUc="}}`},
	{"ldap SSHA256", `{"algorithm":"ldap","hash":{"value":"{SSHA256}Ow6FHIs1KxGwdvhH+VnUWo6YI+uNspQ/CAKuw73WBOFOYUNs"}}`},
	{"ldap SHA384", `{"algorithm":"ldap","hash":{"value":"{SHA384}ZLxA406xI421U6StBz7r2Sy9UaNcn0prnvmx6S0WvDpSXhGqrVvlcnOn+8tH4dUh"}}`},
	{"ldap SSHA384", `{"algorithm":"ldap","hash":{"value":"{SSHA384}5Peojrgam8WC8027SO9Ge0nH+iEK98/KCGptkUXBQ6jj2DKbu7NFTlQagRxqWy4yTmFDbA=="}}`},
	{"ldap SHA512", `{"algorithm":"ldap","hash":{"value":"{SHA512}iruPlGfJiSC+/GYP0mQbvBJp20+qQYbJrWX0gsx+r5GQVSLT+4HkpJc7/tmXrYBoeaG5X8Pso8a8lFwDXen00Q=="}}`},
	{"ldap SSHA512", `{"algorithm":"ldap","hash":{"value":"{SSHA512}igNizDN8DE84+ayJesFf5/OzdeCdIb1IjrRB71da6RqIXl8g4BY5W0ZGyN8JAtv+7TZV2S/jpxkQlzz3p8t3A05hQ2w="}}`},
	{"argon2i", `{"algorithm":"argon2","hash":{"value":"$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$jHTSMF8XWMegS5b3TxqKXSUfYonhUa7cNKo0M4fbzKA"}}`},
	{"argon2d", `{"algorithm":"argon2","hash":{"value":"$argon2d$v=19$m=256,t=2,p=2$c29tZXNhbHQ$zWTAUPTgKssq2k9oIg8ghzUC0BaGiae89XybXA2NbCU"}}`},
	{"argon2id", `{"algorithm":"argon2","hash":{"value":"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$607V5SRZWuD8xwMTAhNHM76EuTStNhzl2c2lJHBlx2M"}}`},
	{"bcrypt, salt in front", `{"algorithm":"bcrypt","hash":{"value":"$2b$05$abcdefghijklmnopqrstuuMWgUGDfea2VzsqEVuZV7zpXCv/qsXGC"},"salt":{"value":"NaCl"}}`},
}

func TestImportedHashesVerify(t *testing.T) {
	h := NewHasher(1, 10, quick)
	for _, c := range imported {
		text, err := ReadImportedHash([]byte(c.hash))
		if err != nil {
			t.Errorf("%s is refused: %v", c.name, err)
			continue
		}
		if !h.Stale(text) || !IsImported(text) {
			t.Errorf("%s does not count as a hash to be replaced", c.name)
		}
		for password, want := range map[string]bool{"Größe-7-horse": true, "Größe-7-hors": false, "größe-7-horse": false, "": false} {
			if right, err := h.Verify(t.Context(), text, password); right != want || err != nil {
				t.Errorf("%s with %q: %v, %v; want %v", c.name, password, right, err, want)
			}
		}
	}
}

// What cannot be verified later, or costs too much, is refused when it is imported, in a sentence that does not show the hash.
func TestImportedHashesThatAreRefused(t *testing.T) {
	const sum = `"hash":{"value":"e311cfba1c8e87c7a0aa4e965e68e0cc","encoding":"hex"}`
	h := NewHasher(1, 10, quick)
	for _, c := range []struct{ hash, says string }{
		{`{"algorithm":"md6",` + sum + `}`, "algorithm is none of"},
		{`{"algorithm":"sha1",` + sum + `}`, "the hash has 16 bytes, this algorithm makes 20"},
		{`{"algorithm":"md5","hash":{"value":"e311"}}`, "hash.encoding must be hex or base64"},
		{`{"algorithm":"md5","hash":{"value":"zz","encoding":"hex"}}`, "not hex"},
		{`{"algorithm":"md5","hash":{"value":"e3 11","encoding":"base64"}}`, "not base64"},
		{`{"algorithm":"md5",` + sum + `,"salt":{"value":"x","position":"middle"}}`, "neither prefix nor suffix"},
		{`{"algorithm":"md5",` + sum + `,"salt":{"value":"xyz","encoding":"hex"}}`, "salt: the value is not hex"},
		{`{"algorithm":"md5",` + sum + `,"password":{"encoding":"ebcdic"}}`, "password.encoding is none of"},
		{`{"algorithm":"md5",` + sum + `,"rounds":3}`, "unknown field"},
		{`{"algorithm":"hmac",` + sum + `}`, "hash.digest is none of"},
		{`{"algorithm":"hmac","hash":{"value":"e311","encoding":"hex","digest":"sha1"}}`, "hash.key is required"},
		{`{"algorithm":"scrypt",` + sum + `}`, "keylen is required"},
		{`{"algorithm":"scrypt","keylen":32,` + sum + `}`, "keylen is 32, the hash has 16 bytes"},
		{`{"algorithm":"scrypt","keylen":16,"cost":1000,` + sum + `}`, "power of two"},
		{`{"algorithm":"scrypt","keylen":16,"cost":1048576,"blockSize":8,` + sum + `}`, "too much"},
		{`{"algorithm":"scrypt","keylen":16,"cost":2,"blockSize":1,"parallelization":9223372036854775807,` + sum + `}`, "too much"},
		{`{"algorithm":"scrypt","keylen":16,"cost":-2,` + sum + `}`, "power of two"},
		{`{"algorithm":"bcrypt","hash":{"value":"$2x$05$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"}}`, "$2a$, $2b$ or $2y$"},
		{`{"algorithm":"bcrypt","hash":{"value":"$2b$31$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"}}`, "at most 15"},
		{`{"algorithm":"bcrypt","hash":{"value":"JDJi","encoding":"base64"}}`, "hash.encoding must be utf8"},
		{`{"algorithm":"argon2","hash":{"value":"$argon2x$v=19$m=256,t=2,p=2$c29tZXNhbHQ$607V5SRZWuD8xwMTAhNHM76EuTStNhzl2c2lJHBlx2M"}}`, "argon2i, argon2d or argon2id"},
		{`{"algorithm":"argon2","hash":{"value":"$argon2i$v=19$m=99999999,t=2,p=2$c29tZXNhbHQ$607V5SRZWuD8xwMTAhNHM76EuTStNhzl2c2lJHBlx2M"}}`, "more than"},
		{`{"algorithm":"argon2","hash":{"value":"$argon2i$v=16$m=256,t=2,p=2$c29tZXNhbHQ$607V5SRZWuD8xwMTAhNHM76EuTStNhzl2c2lJHBlx2M"}}`, "v=19"},
		{`{"algorithm":"argon2","hash":{"value":"$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$607V5SRZWuD8xwMTAhNHM76EuTStNhzl2c2lJHBlx2M"},"salt":{"value":"x"}}`, "salt is not allowed"},
		{`{"algorithm":"pbkdf2","hash":{"value":"pbkdf2_sha256$260000$x$y"}}`, "is not $pbkdf2"},
		{`{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-mdc2$i=1,l=8$c2FsdA$c2FsdHNhbHQ"}}`, "digest"},
		{`{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=99999999$c2FsdA$c2FsdHNhbHQ"}}`, "too much"},
		{`{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=0$c2FsdA$c2FsdHNhbHQ"}}`, "above 0"},
		{`{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=1,l=64$c2FsdA$c2FsdHNhbHQ"}}`, "l is 64, and the hash has 8 bytes"},
		{`{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=1,x=1$c2FsdA$c2FsdHNhbHQ"}}`, "no parameter"},
		{`{"algorithm":"ldap","hash":{"value":"{CRYPT}$1$salt$x"}}`, "the scheme {CRYPT}"},
		{`{"algorithm":"ldap","hash":{"value":"{MD4}Ks1B1ZDfoKnW6CK3SMJPrg=="}}`, "the scheme {MD4}"},
		{`{"algorithm":"ldap","hash":{"value":"{SSHA}c2FsdA=="}}`, "hash of 20 bytes"},
		{`{"algorithm":"ldap","hash":{"value":"c2FsdA=="}}`, "scheme such as {SSHA}"},
		{`{"algorithm":"md5","hash":{"value":"` + strings.Repeat("0", 9000) + `","encoding":"hex"}}`, "longer than"},
		{`[]`, "cannot unmarshal"},
		{`{"algorithm":7}`, "cannot unmarshal"},
	} {
		_, err := ReadImportedHash([]byte(c.hash))
		if err == nil || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 250 {
			t.Errorf("%.120s is refused with %v, want %q", c.hash, err, c.says)
			continue
		}
		if strings.Contains(err.Error(), "e311cfba") || strings.Contains(err.Error(), "c2FsdHNhbHQ") {
			t.Errorf("%.120s: the refusal shows the hash: %v", c.hash, err)
		}
		if right, err := h.Verify(t.Context(), "{"+c.hash[1:], ""); right || !errors.Is(err, ErrHash) {
			t.Errorf("%.120s in a row: %v, %v; want ErrHash", c.hash, right, err)
		}
	}
}

// FuzzReadImportedHash: whatever is taken can be verified, and reads the same again.
func FuzzReadImportedHash(f *testing.F) {
	for _, c := range imported {
		f.Add(c.hash)
	}
	h := NewHasher(1, 10, quick)
	f.Fuzz(func(t *testing.T, raw string) {
		text, err := ReadImportedHash([]byte(raw))
		if err != nil {
			return
		}
		if again, err := ReadImportedHash([]byte(text)); err != nil || again != text {
			t.Errorf("%s is read back as %s, %v", text, again, err)
		}
		var c ImportedHash
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if slow := map[string]bool{"scrypt": true, "pbkdf2": true, "argon2": true, "bcrypt": true}; slow[c.Algorithm] {
			return
		}
		if _, err := h.Verify(t.Context(), text, "x"); err != nil {
			t.Errorf("%s cannot be verified: %v", text, err)
		}
	})
}

func TestDigestNames(t *testing.T) {
	for name, size := range maps.All(map[string]int{
		"RSA-MD4": 16, "RSA-MD5": 16, "RSA-RIPEMD160": 20, "RSA-SHA1": 20, "RSA-SHA1-2": 20, "RSA-SHA224": 28, "RSA-SHA256": 32, "RSA-SHA384": 48,
		"RSA-SHA512": 64, "md4": 16, "md4WithRSAEncryption": 16, "md5": 16, "md5WithRSAEncryption": 16, "ripemd": 20, "ripemd160": 20,
		"ripemd160WithRSA": 20, "rmd160": 20, "sha1": 20, "sha1WithRSAEncryption": 20, "sha224": 28, "sha224WithRSAEncryption": 28, "sha256": 32,
		"sha256WithRSAEncryption": 32, "sha384": 48, "sha384WithRSAEncryption": 48, "sha512": 64, "sha512WithRSAEncryption": 64, "ssl3-md5": 16,
		"ssl3-sha1": 20, "whirlpool": 64,
	}) {
		if d, err := digestNamed(name); err != nil || d().Size() != size {
			t.Errorf("%s: %v, want a digest of %d bytes", name, err, size)
		}
	}
}
