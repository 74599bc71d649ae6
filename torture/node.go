package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// node is one proofkey serve, which is started again and again at the same address.
type node struct {
	binary, config, address, log string
	cmd                          *exec.Cmd
	ended                        chan struct{} // closed when the process has ended
	input                        io.WriteCloser
	output                       *bufio.Reader
}

// patience is how long a node may take to start; machines are busy.
const patience = 60 * time.Second

// start starts the process and waits until it is ready. It returns early, without an error, when the process ends before:
// a failpoint may stand in the way of its start.
func (n *node) start(ctx context.Context, env ...string) error {
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	n.cmd = exec.Command(n.binary, "serve", "--config", n.config)
	n.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "PROOFKEY_") }), "TORTURE_INPUT=1")
	n.cmd.Env = append(n.cmd.Env, env...)
	n.cmd.Stderr = log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the driver's
	if n.input, err = n.cmd.StdinPipe(); err != nil {
		return err
	}
	output, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	n.output = bufio.NewReader(output)
	if err := n.cmd.Start(); err != nil {
		return err
	}
	ended, cmd := make(chan struct{}), n.cmd
	n.ended = ended
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	for began := time.Now(); ; {
		if n.ready(ctx) {
			return nil
		}
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > patience {
			return fmt.Errorf("the server at %s is not ready after %v; its log is %s", n.address, patience, n.log)
		}
	}
}

func (n *node) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+n.address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}).Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// tell gives the process a command and waits until it was obeyed; obeyed is false when the process ended before.
func (n *node) tell(command string) (obeyed bool, err error) {
	if _, err := io.WriteString(n.input, command+"\n"); err != nil {
		return false, nil
	}
	line, err := n.output.ReadString('\n')
	if err != nil {
		return false, nil
	}
	if line != "torture: <nil>\n" {
		return false, fmt.Errorf("the command %q was answered %q", command, line)
	}
	return true, nil
}

// alive says whether the process runs.
func (n *node) alive() bool {
	if n.cmd == nil {
		return false
	}
	select {
	case <-n.ended:
		return false
	default:
		return true
	}
}

// kill ends the process as a power cut would, and waits until it is gone.
func (n *node) kill() error {
	if n.cmd == nil {
		return nil
	}
	if err := n.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-n.ended
	return nil
}

// stop ends the process in good order.
func (n *node) stop() error {
	if !n.alive() {
		return nil
	}
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-n.ended
	if state := n.cmd.ProcessState; !state.Success() {
		return fmt.Errorf("the server at %s was told to stop and ended with: %v; its log is %s", n.address, state, n.log)
	}
	return nil
}
