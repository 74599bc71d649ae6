package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const suitePackage = "github.com/auth0/go-auth0/management"

// Each test is a process of its own, because one that panics would take the rest with it. A test of which nothing is expected
// to pass gets little time: some of them ask again for a minute.
const (
	testLimit    = 60 * time.Second
	failingLimit = 4 * time.Second
)

// expectation is one line of tests.txt.
type expectation struct {
	pass   bool
	reason string
}

// readList reads tests.txt: a name, a tab, and `pass` or `fail` with a tab and a reason.
func readList(path string) (map[string]expectation, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	listed := map[string]expectation{}
	for text := range strings.Lines(string(raw)) {
		text = strings.TrimSuffix(text, "\n")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, "\t")
		passes := len(fields) == 2 && fields[1] == "pass"
		fails := len(fields) == 3 && fields[1] == "fail" && fields[2] != ""
		if _, double := listed[fields[0]]; double || !passes && !fails {
			return nil, fmt.Errorf("%s: %q is no line of this list, or a second one", path, text)
		}
		listed[fields[0]] = expectation{pass: passes, reason: fields[len(fields)-1]}
	}
	return listed, nil
}

// suite is the compiled tests, and the names of those that have a recording, by the test function they belong to.
type suite struct {
	dir, binary string
	recorded    map[string][]string
}

// buildSuite compiles the tests from the module cache and finds which of them talk to the service.
func buildSuite(ctx context.Context, dir string) (*suite, error) {
	s := &suite{dir: dir, binary: filepath.Join(dir, "management.test"), recorded: map[string][]string{}}
	if _, err := output(exec.CommandContext(ctx, "go", "test", "-c", "-o", s.binary, suitePackage)); err != nil {
		return nil, err
	}
	module, err := output(exec.CommandContext(ctx, "go", "list", "-f", "{{.Module.Dir}}", suitePackage))
	if err != nil {
		return nil, err
	}
	functions, err := output(exec.CommandContext(ctx, s.binary, "-test.list", "."))
	if err != nil {
		return nil, err
	}
	exists := strings.Fields(functions)
	root := os.DirFS(filepath.Join(strings.TrimSpace(module), "test/data/recordings"))
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		name, isRecording := strings.CutSuffix(path, ".yaml")
		function, _, _ := strings.Cut(name, "/")
		if isRecording && slices.Contains(exists, function) { // some recordings outlived their tests
			s.recorded[function] = append(s.recorded[function], name)
		}
		return err
	})
	if err != nil || len(s.recorded) == 0 {
		return nil, fmt.Errorf("no recordings in %s: %w", strings.TrimSpace(module), errors.Join(err, fs.ErrNotExist))
	}
	return s, nil
}

func output(cmd *exec.Cmd) (string, error) {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, complaint.Bytes())
	}
	return string(out), nil
}

func (s *suite) names() []string {
	var names []string
	for _, own := range s.recorded {
		names = append(names, own...)
	}
	slices.Sort(names)
	return names
}

// run answers which tests passed, and what each function said.
func (s *suite) run(ctx context.Context, on *server, listed map[string]expectation) (passed map[string]bool, outputs map[string]string, err error) {
	passed, outputs = map[string]bool{}, map[string]string{}
	env := append(os.Environ(), "AUTH0_HTTP_RECORDINGS=off", "AUTH0_DEBUG=off", "AUTH0_DOMAIN="+on.domain(),
		"AUTH0_CLIENT_ID="+on.M2M.ClientID, "AUTH0_CLIENT_SECRET="+on.M2M.ClientSecret)
	functions := make([]string, 0, len(s.recorded))
	for function := range s.recorded {
		functions = append(functions, function)
	}
	slices.Sort(functions)
	result := regexp.MustCompile(`(?m)^\s*--- PASS: (\S+)`)
	for _, function := range functions {
		limit := failingLimit
		if slices.ContainsFunc(s.recorded[function], func(name string) bool { return listed[name].pass }) {
			limit = testLimit
		}
		out := s.runFunction(ctx, function, limit, env)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		outputs[function] = out
		for _, found := range result.FindAllStringSubmatch(out, -1) {
			passed[found[1]] = true
		}
	}
	return passed, outputs, nil
}

// runFunction answers what the test printed; whether it passed is read from that, subtest by subtest.
func (s *suite) runFunction(ctx context.Context, function string, limit time.Duration, env []string) string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, "-test.v", "-test.run", "^"+function+"$")
	cmd.Dir, cmd.Env = s.dir, env
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Sprintf("%sstopped after %s\n", out, limit)
	}
	if err != nil {
		return fmt.Sprintf("%s%v\n", out, err)
	}
	return string(out)
}
