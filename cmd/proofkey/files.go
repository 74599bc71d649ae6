package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile puts a whole new file in the place of path: a reader sees the old content or the new one, also after a
// power cut.
func replaceFile(path string, data []byte, mode os.FileMode) error {
	return placeFile(path, data, mode, os.Rename)
}

// createFile makes path with its whole content, or fails with fs.ErrExist: of several processes that try, one succeeds.
func createFile(path string, data []byte, mode os.FileMode) error {
	return placeFile(path, data, mode, claim)
}

// claim gives the file its name only if the name is free. A hard link decides that in one step; on a file system
// without them the check and the rename are two.
func claim(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

func placeFile(path string, data []byte, mode os.FileMode, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = place(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncFolder(dir)
}

// syncFolder makes the new name durable. Where folders cannot be synced (Windows), the rename itself is all there is.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	_ = d.Sync()
	return d.Close()
}
