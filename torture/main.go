// Command torture proves that nothing acknowledged is lost. It lets hundreds of devices use the real server, `proofkey
// serve` on a database on disk, kills that again and again, and after each restart holds the server to its word.
//
// What is held: a write that was acknowledged is there; a code is redeemed once; a refresh token is refused once its
// successor was used; an honest device, which repeats what was not answered, is never signed out; what was revoked, ended,
// removed or blocked stays so; an import doubles nobody. After each fifth death the databases are saved, removed and restored,
// and backups that are made under load are verified. The devices know only what a client knows, the answers, so a fact
// is noted when its answer has come. In the end the database itself is looked over.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	kills   int // of each database
	devices int
	think   time.Duration // most that a device waits between two operations
	load    time.Duration // most that a server lives under load before it is killed
	dir     string
	// postgres is the folder of PostgreSQL's programs.
	postgres string
	panics   bool // the PostgreSQL server is this run's own, and may be brought down
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "torture: "+err.Error())
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := options{panics: true}
	var only string
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.kills, "kills", 200, "how often the server is killed, on each database")
	flags.IntVar(&o.devices, "devices", 200, "devices that use it at the same time")
	flags.DurationVar(&o.think, "think", 400*time.Millisecond, "most that a device waits between two operations")
	flags.DurationVar(&o.load, "load", 1500*time.Millisecond, "most that the server lives before it is killed")
	flags.StringVar(&only, "only", "", "only what has this in its name: SQLite, PostgreSQL, nodes, failover")
	flags.StringVar(&o.postgres, "postgres-bin", "", "folder of PostgreSQL's programs, for the failover")
	flags.StringVar(&o.dir, "dir", "build", "folder of the databases")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.kills < 1 || o.devices < 1 || o.load <= 0 || flags.NArg() > 0 {
		return errors.New("-kills, -devices and -load must be positive, and there are no arguments beside the flags")
	}
	server := os.Getenv("PROOFKEY_TEST_POSTGRES")
	if server == "" {
		return errors.New("PROOFKEY_TEST_POSTGRES is not set; make torture starts a server")
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "torture-")
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	binary, err := build(ctx, dir)
	if err != nil {
		return err
	}
	for _, sc := range append(scenarios(""), scenarios(server)...) {
		if strings.Contains(sc.name, only) {
			err = errors.Join(err, torture(ctx, o, dir, binary, sc, stdout))
		}
	}
	if failover := "PostgreSQL, failover"; strings.Contains(failover, only) {
		err = errors.Join(err, tortureCluster(ctx, o, dir, binary, failover, stdout))
	}
	if err != nil {
		return fmt.Errorf("%w\nThe databases and logs are in %s", err, dir)
	}
	return os.RemoveAll(dir)
}

// build makes the server, with the failpoints.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "proofkey")
	c := exec.CommandContext(ctx, "go", "build", "-tags", "torture", "-o", path, "github.com/proofkey/proofkey/cmd/proofkey")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, bytes.TrimSpace(out))
	}
	return path, nil
}
