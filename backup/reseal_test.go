package backup_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/proofkey/proofkey/backup"
)

// opened are the lines of a backup, read by the libraries alone.
func opened(t *testing.T, keys keyPair, file []byte) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(file), keys.private...)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// sealedOnly is what somebody makes who has the public key.
func sealedOnly(t *testing.T, keys keyPair, content []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := age.Encrypt(&file, keys.public...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func resealed(t *testing.T, keys keyPair, lines []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(lines); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return sealedOnly(t, keys, packed.Bytes())
}

func withoutARow(lines []byte) []byte {
	from := bytes.Index(lines, []byte("\n[")) + 1
	to := from + bytes.IndexByte(lines[from:], '\n') + 1
	return append(bytes.Clone(lines[:from]), lines[to:]...)
}

// withoutATenant cuts the second tenant out.
func withoutATenant(lines []byte) []byte {
	from := bytes.LastIndex(lines, []byte("\n{\"tenant\"")) + 1
	to := bytes.LastIndexByte(lines[:len(lines)-1], '\n') + 1
	return append(bytes.Clone(lines[:from]), lines[to:]...)
}

// TestTheMasterKeyIsNotInABackup, nor is a secret that it seals.
func TestTheMasterKeyIsNotInABackup(t *testing.T) {
	r, keys := start(t, engines()[0]), newKeyPair(t)
	lines := opened(t, keys, keys.saved(t, r.place))
	if !bytes.Contains(lines, []byte(email)) {
		t.Fatal("the user is not in the backup")
	}
	for name, secret := range map[string][]byte{"the master key": master, "the application's secret": []byte(r.app.Secret)} {
		if bytes.Contains(lines, secret) || bytes.Contains(lines, []byte(base64Of(secret))) {
			t.Errorf("%s is in the backup", name)
		}
	}
	if strings.Contains(string(lines), r.place.Database) {
		t.Error("the name of the database is in the backup")
	}
}

func TestKeys(t *testing.T) {
	private, public, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for text, sentence := range map[string]string{
		private:     "private key where a public one belongs",
		"age1wrong": "lines that begin with age1",
		"":          "lines that begin with age1",
		"#\n":       "lines that begin with age1",
	} {
		if _, err := backup.ParseRecipients(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), sentence) || strings.Contains(err.Error(), private) {
			t.Errorf("%.20q as a public key: %v", text, err)
		}
	}
	for _, text := range []string{public, "", private + "x", strings.Repeat("#\n", 1<<20)} {
		if _, err := backup.ParseIdentities(strings.NewReader(text)); err == nil || strings.Contains(err.Error(), private[20:]) {
			t.Errorf("%.20q as a private key: %v", text, err)
		}
	}
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
