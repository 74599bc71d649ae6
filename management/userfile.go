package management

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxRecord bounds one user of a file, so that memory does not depend on what the file says.
const maxRecord = 1 << 20

// ErrUserFile is in the chain of what is wrong with a file of users as a whole.
var ErrUserFile = errors.New("management: not a file of users")

// userFile reads the users of a file one by one: a JSON array of objects, or one object after another (NDJSON).
type userFile struct {
	in      *bufio.Reader
	decoder *json.Decoder
	budget  *budget
	base    int64 // what stands before the first byte that the decoder sees; negative by one where a bracket was put there
	array   bool
	ended   bool
}

// budget lets a reader go on only as far as one user may be long.
type budget struct {
	in   io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a user is longer than %d bytes", maxRecord)
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// readUserFile starts at a place of the file that next has returned, or at its beginning.
func readUserFile(in io.Reader, place int64) (*userFile, error) {
	f := &userFile{in: bufio.NewReaderSize(in, 64<<10), base: place}
	first, err := f.space()
	switch {
	case errors.Is(err, io.EOF):
		f.ended = true
		if place == 0 {
			return nil, wrongFile(errors.New("it is empty"))
		}
		return f, nil
	case err != nil:
		return nil, err
	case first == '[' && place == 0:
		f.array = true
	case first == ',' && place > 0: // between two users of an array
		f.array = true
		_, _ = f.in.Discard(1)
		f.start("[")
		f.base++
		return f, f.open()
	case first == ']' && place > 0:
		f.array = true
		f.start("[")
		return f, f.open()
	case first != '{' && place == 0: // what is no object behind one is a wrong user, not a wrong file
		return nil, wrongFile(fmt.Errorf("it begins with %q, where a JSON array or an object is expected", first))
	}
	f.start("")
	if f.array {
		return f, f.open()
	}
	return f, nil
}

func wrongFile(err error) error { return fmt.Errorf("%w: %w", ErrUserFile, err) }

// space skips white space and a byte order mark, and peeks at what follows.
func (f *userFile) space() (byte, error) {
	if mark, err := f.in.Peek(3); err == nil && f.base == 0 && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = f.in.Discard(3)
		f.base += 3
	}
	for {
		b, err := f.in.Peek(1)
		if err != nil {
			return 0, err
		}
		if b[0] != ' ' && b[0] != '\t' && b[0] != '\r' && b[0] != '\n' {
			return b[0], nil
		}
		_, _ = f.in.Discard(1)
		f.base++
	}
}

func (f *userFile) start(before string) {
	f.base -= int64(len(before))
	f.budget = &budget{io.MultiReader(bytes.NewReader([]byte(before)), f.in), maxRecord}
	f.decoder = json.NewDecoder(f.budget)
}

func (f *userFile) open() error {
	_, err := f.decoder.Token()
	return f.wrong(err)
}

// next returns the text of the next user and the place behind it; io.EOF behind the last.
func (f *userFile) next() (raw json.RawMessage, place int64, err error) {
	if f.ended {
		return nil, 0, io.EOF
	}
	// The decoder reads ahead of the user before.
	f.budget.left = maxRecord
	if f.array && !f.decoder.More() {
		f.ended = true
		if err := f.open(); err != nil { // the closing bracket
			return nil, 0, err
		}
		if _, err := f.decoder.Token(); !errors.Is(err, io.EOF) {
			return nil, 0, wrongFile(errors.New("something follows the array"))
		}
		return nil, 0, io.EOF
	}
	if err := f.decoder.Decode(&raw); errors.Is(err, io.EOF) && !f.array {
		f.ended = true
		return nil, 0, io.EOF
	} else if err != nil {
		return nil, 0, f.wrong(err)
	}
	return raw, f.base + f.decoder.InputOffset(), nil
}

// wrong tells what is wrong with the text from what is wrong with its source.
func (f *userFile) wrong(err error) error {
	if err == nil {
		return nil
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case isSyntax:
		return wrongFile(fmt.Errorf("%s at byte %d", syntax.Error(), f.base+syntax.Offset))
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return wrongFile(errors.New("it ends in the middle"))
	case f.budget.left <= 0:
		return wrongFile(fmt.Errorf("the user at byte %d is longer than %d bytes", f.base+f.decoder.InputOffset(), maxRecord))
	}
	return err
}

// UsersFile is a file of users on disk. It can be read twice, as an import does: once to see whether it is whole.
type UsersFile struct {
	io.ReadSeeker
	io.Closer
	Name string // tells the file from others and from what it was before, for [ImportOptions]
	Size int64  // 0 where nobody knows it
}

// OpenUsersFile opens a file, which may be packed with gzip, as the service hands exports out.
func OpenUsersFile(name string) (*UsersFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	u, err := readUsersFile(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return u, nil
}

func readUsersFile(f *os.File) (*UsersFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	u := &UsersFile{f, f, filepath.Base(f.Name()) + " of " + stamp(info.ModTime()), info.Size()}
	var magic [2]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil || magic != [2]byte{0x1f, 0x8b} {
		return u, err
	}
	z, err := gzip.NewReader(f)
	u.ReadSeeker, u.Size = &packed{z, f}, 0
	return u, err
}

// packed reads a file that is packed with gzip.
type packed struct {
	*gzip.Reader
	file *os.File
}

// Seek goes to the beginning, and nowhere else.
func (p *packed) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("a packed file is read from its beginning")
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return 0, p.Reset(bufio.NewReader(p.file))
}
