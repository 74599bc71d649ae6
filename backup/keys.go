package backup

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// maxKeys bounds a file of keys.
const maxKeys = 1 << 20

// NewKey makes a key pair: the text of the private key as age's own tools keep it, and the public key that is given to servers.
func NewKey() (private, public string, err error) {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return k.String(), k.Recipient().String(), nil
}

// ParseRecipients reads public keys, one a line; lines that begin with # are comments.
func ParseRecipients(r io.Reader) ([]age.Recipient, error) {
	text, err := readKeys(r)
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "AGE-SECRET-KEY-") {
		return nil, errors.New("there is a private key where a public one belongs: a server needs only the line that begins with age1")
	}
	all, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("public keys are lines that begin with age1: %w", err)
	}
	return all, nil
}

// ParseIdentities reads private keys, one a line; lines that begin with # are comments. Errors show nothing of them.
func ParseIdentities(r io.Reader) ([]age.Identity, error) {
	text, err := readKeys(r)
	if err != nil {
		return nil, err
	}
	all, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, errors.New("private keys are lines that begin with AGE-SECRET-KEY-, as proofkey backup keygen and age-keygen write them")
	}
	return all, nil
}

func readKeys(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeys+1))
	if err == nil && len(text) > maxKeys {
		err = errors.New("the file of keys is too large")
	}
	return string(text), err
}
