package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// restoreEvery is after how many deaths the databases are saved, removed and restored.
const restoreEvery = 5

// proofkey runs a verb of the program on the configuration of a node.
func (s *site) proofkey(ctx context.Context, verb ...string) (string, error) {
	n := s.nodes[0]
	c := exec.CommandContext(ctx, n.binary, append(verb, "--config", n.config)...)
	c.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "PROOFKEY_") })
	if s.next.Load() {
		c.Env = append(c.Env, "TORTURE_NEXT=1")
	}
	out, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("proofkey %s: %w\n%s", strings.Join(verb[:min(2, len(verb))], " "), err, bytes.TrimSpace(out))
	}
	return strings.TrimSpace(string(out)), err
}

// save makes a backup in the folder of the run.
func (s *site) save(ctx context.Context, file string) error {
	s.databases.Lock()
	defer s.databases.Unlock()
	_, err := s.proofkey(ctx, "backup", "--recipients-file", filepath.Join(s.dir, "public.txt"), "--output", file)
	return err
}

// makeKeys makes the key pair of the backups.
func (s *site) makeKeys(ctx context.Context) error {
	public, err := exec.CommandContext(ctx, s.nodes[0].binary, "backup", "keygen", "--output", s.identity()).Output()
	if err != nil {
		return fmt.Errorf("make the key pair of the backups: %w", err)
	}
	return os.WriteFile(filepath.Join(s.dir, "public.txt"), public, 0o600)
}

func (s *site) identity() string { return filepath.Join(s.dir, "backup.key") }

// move saves the databases of a site whose server is dead, removes them and restores them. The devices go on asking.
func (r *run) move(ctx context.Context) error {
	s := r.site
	file := filepath.Join(s.dir, "moved.age")
	if err := s.save(ctx, file); err != nil {
		return err
	}
	s.databases.Lock()
	defer s.databases.Unlock()
	if err := s.clear(ctx); err != nil {
		return err
	}
	if _, err := s.proofkey(ctx, "restore", file, "--identity", s.identity()); err != nil {
		return err
	}
	r.count("restore")
	return os.Remove(file)
}

// clear removes the databases.
func (s *site) clear(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "*.db*"))
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return errors.Join(err, s.drop(ctx))
}

// keep makes backups under load and has each of them verified, at least one. What a run does to its database server may
// stand in the way of a backup for a while, but no backup that was made may be a bad one.
func (r *run) keep(ctx context.Context) {
	failed := 0
	for first := true; first || ctx.Err() == nil; {
		file := filepath.Join(r.site.dir, "kept.age")
		held := context.WithoutCancel(ctx)
		if err := r.site.save(held, file); err != nil {
			if failed++; failed == 5 {
				r.violated("five backups in a row could not be made: %v", err)
				return
			}
			time.Sleep(time.Second)
			continue
		}
		failed, first = 0, false
		if _, err := r.site.proofkey(held, "backup", "verify", file, "--identity", r.site.identity(), "--scratch", r.site.dir); err != nil {
			r.violated("a backup that was made under load is not good: %v", err)
			return
		}
		r.count("backup")
		if err := os.Remove(file); err != nil {
			r.violated("remove a backup: %v", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute): // so that it does not take the machine from the devices
		}
	}
}
