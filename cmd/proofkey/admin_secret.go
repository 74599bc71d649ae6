package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/identity"
)

// maxSecret bounds what is read as a password; the policy's own bound is lower.
const maxSecret = 4096

// secretFlags are the ways in which a password comes. None of them is the command line, which every user of the machine
// can read.
type secretFlags struct {
	stdin          bool
	file, hashFile string
}

func (f *secretFlags) add(c *cobra.Command, hash bool) {
	c.Flags().BoolVar(&f.stdin, "password-stdin", false, "read the password from stdin (one line)")
	c.Flags().StringVar(&f.file, "password-file", "", "read the password from a `file` (one line)")
	if hash {
		c.Flags().StringVar(&f.hashFile, "password-hash-file", "", "take over a bcrypt or argon2id hash from a `file`; - is stdin")
	}
}

// read returns the password, or the hash, or neither.
func (f *secretFlags) read(c *cobra.Command, stdin io.Reader) (password, hash string, err error) {
	if given := countTrue(f.stdin, f.file != "", f.hashFile != ""); given == 0 {
		return "", "", nil
	} else if given > 1 {
		return "", "", usage(c, "a password comes from one place: leave the other flags out")
	}
	switch {
	case f.stdin || f.hashFile == "-":
		password, err = readLine(stdin)
	default:
		password, err = readLineOf(f.file + f.hashFile)
	}
	if f.hashFile != "" {
		return "", password, err
	}
	return password, "", err
}

func countTrue(all ...bool) (n int) {
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

func readLineOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return readLine(f)
}

// readLine reads all there is; the line's end is not part of a password.
func readLine(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	switch {
	case len(data) == 0:
		return "", errors.New("the password is empty")
	case len(data) > maxSecret:
		return "", fmt.Errorf("the password is longer than %d bytes", maxSecret)
	case bytes.ContainsAny(data, "\r\n"):
		return "", errors.New("the password has more than one line")
	case !utf8.Valid(data):
		return "", errors.New("the password is not UTF-8 text")
	}
	return string(data), nil
}

// weakness says in one line what a password lacks.
func weakness(r identity.Report) error {
	var lacks []string
	for _, rule := range r.Rules {
		if rule.Verified {
			continue
		}
		text := strings.TrimSuffix(fmt.Sprintf(rule.Message, rule.Format...), ":")
		var kinds []string
		for _, item := range rule.Items {
			kinds = append(kinds, item.Message)
		}
		if len(kinds) > 0 {
			text += ": " + strings.Join(kinds, ", ")
		}
		lacks = append(lacks, strings.ToLower(text[:1])+text[1:])
	}
	if r.Common {
		lacks = append(lacks, "none of the passwords that everybody tries first")
	}
	if r.Personal {
		lacks = append(lacks, "nothing of the user's name or address")
	}
	return errors.New("the password is refused by the connection's policy, which wants: " + strings.Join(lacks, "; "))
}
