package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
)

// server is the process under test; its files lie in the folder of the run.
type server struct {
	line
	cmd *exec.Cmd
}

// startServer answers when the server does. What it logs goes to server.log in dir.
func startServer(ctx context.Context, binary, dir string) (*server, error) {
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process keeps its own
	cmd := exec.CommandContext(ctx, binary, "dev", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--json")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopLimit
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startLimit, func() { _ = cmd.Process.Kill() })
	raw, err := bufio.NewReader(out).ReadBytes('\n')
	late.Stop()
	s := &server{cmd: cmd}
	if err == nil {
		s.line, err = parseLine(raw)
	}
	if err != nil {
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%s did not start: %w\n%s", binary, errors.Join(err, s.stop()), said)
	}
	return s, nil
}

// stop ends exactly this process and waits for it.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	late := time.AfterFunc(stopLimit, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("the server ended badly: %w", err)
	}
	return nil
}
