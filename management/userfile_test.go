package management

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzUserFile: a file is read to its end or refused, and from behind each of its users it goes on as it did: an import that
// was interrupted begins there.
func FuzzUserFile(f *testing.F) {
	for _, file := range []string{
		`[{"email":"a@example.com"},{"email":"b@example.com"}]`, "{\"a\":1}\n{\"b\":2}\n", "\xef\xbb\xbf [ {} , {} ] ", `[]`, `[{}`, `[{}]x`, `{}{}`, `{} ]`, `{},{}`,
		``, `[1,"x",null]`, `[{"a":[[[[{}]]]]}]`, `{"a":"\ud800"}`, "[{}\n,\n{}\n]\n", `[{},]`, "\x1f\x8b", `[[`, `{"a":1}1`,
	} {
		f.Add([]byte(file))
	}
	type user struct {
		raw   string
		place int64
	}
	read := func(raw []byte, place int64) (all []user, err error) {
		file, err := readUserFile(bytes.NewReader(raw[place:]), place)
		if err != nil {
			return nil, err
		}
		for {
			next, place, err := file.next()
			if errors.Is(err, io.EOF) {
				return all, nil
			}
			if err != nil {
				return all, err
			}
			all = append(all, user{string(next), place})
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := read(raw, 0)
		if err != nil && !errors.Is(err, ErrUserFile) {
			t.Errorf("%q: %v is no refusal of the file", raw, err)
		}
		if err != nil { // an import reads a file to its end before it begins
			return
		}
		for i, u := range all {
			if u.place <= 0 || u.place > int64(len(raw)) || i > 0 && u.place <= all[i-1].place {
				t.Fatalf("%q: the places are %v", raw, all)
			}
			rest, again := read(raw, u.place)
			if again != nil || len(rest) != len(all)-i-1 {
				t.Fatalf("%q from %d: %v, %v; from the beginning %v, %v", raw, u.place, rest, again, all, err)
			}
			for j := range rest {
				if rest[j] != all[i+1+j] {
					t.Errorf("%q from %d: %v, from the beginning %v", raw, u.place, rest[j], all[i+1+j])
				}
			}
		}
	})
}
