package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/proofkey/proofkey/store"
)

// cluster is a PostgreSQL primary with a synchronous standby: what the primary has acknowledged, the standby has on disk.
type cluster struct {
	bin, dir, password string
	account            *syscall.Credential // PostgreSQL does not run as root; nil: as who runs this
	ports              [2]string
	servers            [2]*exec.Cmd
}

// newCluster makes and starts both. bin is the folder of PostgreSQL's programs.
func newCluster(ctx context.Context, bin string) (c *cluster, err error) {
	c = &cluster{bin: bin, password: store.RandomID(24)}
	if c.dir, err = os.MkdirTemp("", "torture-pg-"); err != nil { // short: the path of a socket has 107 bytes
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if os.Geteuid() == 0 {
		if err := c.takeAccount(); err != nil {
			return c, err
		}
	}
	for i := range c.ports {
		address, err := freeAddress()
		if err != nil {
			return c, err
		}
		_, c.ports[i], _ = net.SplitHostPort(address)
	}
	pwfile := filepath.Join(c.dir, "password")
	if err := os.WriteFile(pwfile, []byte(c.password), 0o644); err != nil { // the folder is the account's alone
		return c, err
	}
	if err := c.tool(ctx, "initdb", "-D", c.data(0), "-U", "proofkey", "--auth=scram-sha-256", "--pwfile="+pwfile, "-E", "UTF8", "--locale=C"); err != nil {
		return c, err
	}
	if err := c.start(ctx, 0); err != nil {
		return c, err
	}
	if err := c.tool(ctx, "pg_basebackup", "-h", "127.0.0.1", "-p", c.ports[0], "-U", "proofkey", "-D", c.data(1), "-R", "-X", "stream", "-c", "fast"); err != nil {
		return c, err
	}
	if err := c.start(ctx, 1); err != nil {
		return c, err
	}
	return c, c.synchronize(ctx)
}

func (c *cluster) data(i int) string { return filepath.Join(c.dir, strconv.Itoa(i)) }

// takeAccount gives the folder to the account that runs the servers.
func (c *cluster) takeAccount() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	c.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, uid, gid)
}

func (c *cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "PGPASSWORD="+c.password)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account, Setpgid: true}
	return cmd
}

func (c *cluster) tool(ctx context.Context, name string, args ...string) error {
	if out, err := c.command(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// start starts a server and waits until it answers.
func (c *cluster) start(ctx context.Context, i int) error {
	log, err := os.Create(filepath.Join(c.dir, fmt.Sprintf("log%d", i)))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := c.command(context.WithoutCancel(ctx), "postgres", "-D", c.data(i), "-p", c.ports[i], "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+c.dir, "-c", "max_connections=200", "-c", "hot_standby=on")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.servers[i] = cmd
	return c.await(ctx, i, `SELECT true`)
}

// await asks a server until it answers true.
func (c *cluster) await(ctx context.Context, i int, question string) error {
	db, err := sql.Open("pgx", c.url(c.ports[i:i+1], ""))
	if err != nil {
		return err
	}
	defer db.Close()
	for began := time.Now(); ; {
		var yes bool
		err := db.QueryRowContext(ctx, question).Scan(&yes)
		if yes {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("PostgreSQL %d does not say yes to %q: %v", i, question, err)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// synchronize makes the primary wait for the standby at each commit.
func (c *cluster) synchronize(ctx context.Context) error {
	db, err := sql.Open("pgx", c.url(c.ports[:1], ""))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, text := range []string{`ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return c.await(ctx, 0, `SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)
}

// url names the servers at ports to a client.
func (c *cluster) url(ports []string, more string) string {
	var hosts []string
	for _, port := range ports {
		hosts = append(hosts, "127.0.0.1:"+port)
	}
	return "postgres://proofkey:" + c.password + "@" + strings.Join(hosts, ",") + "/postgres?sslmode=disable" + more
}

// database is what the nodes are told: both servers, of which they take the one that can be written to.
func (c *cluster) database() string {
	return c.url(c.ports[:], "&target_session_attrs=read-write&connect_timeout=2")
}

// failOver kills the primary with all its processes, and promotes the standby.
func (c *cluster) failOver(ctx context.Context) error {
	if err := c.kill(0); err != nil {
		return err
	}
	return c.tool(ctx, "pg_ctl", "promote", "-D", c.data(1), "-w")
}

// kill ends a server as a power cut would. Its processes would end by themselves once they notice, but may finish first what
// they do.
func (c *cluster) kill(i int) error {
	cmd := c.servers[i]
	if cmd == nil {
		return nil
	}
	c.servers[i] = nil
	pid := cmd.Process.Pid
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // where there is no such file, they notice
	err := cmd.Process.Kill()
	for text := range strings.FieldsSeq(string(children)) {
		if child, convErr := strconv.Atoi(text); convErr == nil {
			_ = syscall.Kill(child, syscall.SIGKILL) // it may be gone
		}
	}
	_ = cmd.Wait() // it was killed
	return err
}

func (c *cluster) close() error {
	return errors.Join(c.kill(0), c.kill(1), os.RemoveAll(c.dir))
}
