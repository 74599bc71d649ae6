package store_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// FuzzOpenText: a sealed value opens as it was made and for what it was made, and nothing else opens.
func FuzzOpenText(f *testing.F) {
	db := openAt(f, "sqlite::memory:", nil)
	box := db.Box("fuzz")
	good := box.SealText([]byte("plain"), "bound")
	for _, text := range []string{good, good[1:], good[:len(good)-1], good + "A", good + "=", "", "AAAA", "!", good[:20] + "\n" + good[20:]} {
		f.Add(text, "bound", []byte("plain"))
	}
	f.Fuzz(func(t *testing.T, text, bound string, plain []byte) {
		if got, err := box.OpenText(text, bound); err == nil && (text != good || bound != "bound") {
			t.Errorf("%q opens as %q", text, got)
		} else if err != nil && !errors.Is(err, store.ErrSealed) {
			t.Errorf("%q: %v", text, err)
		}
		sealed := box.SealText(plain, bound)
		if got, err := box.OpenText(sealed, bound); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%q came back as %q, %v", plain, got, err)
		}
		if _, err := box.OpenText(sealed, bound+"x"); !errors.Is(err, store.ErrSealed) {
			t.Errorf("it opens elsewhere: %v", err)
		}
		if _, err := db.Box("other").OpenText(sealed, bound); !errors.Is(err, store.ErrSealed) {
			t.Errorf("it opens for another purpose: %v", err)
		}
	})
}
