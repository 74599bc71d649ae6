package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func pool(t *testing.T, caFile string) *x509.CertPool {
	t.Helper()
	data, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(data) {
		t.Fatalf("%s has no certificate", caFile)
	}
	return p
}

func local(t *testing.T, dir string, now time.Time, names ...string) (*x509.Certificate, string) {
	t.Helper()
	conf, caFile, err := localTLS(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return conf.Certificates[0].Leaf, caFile
}

func TestLocalCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "proofkey")
	leaf, caFile := local(t, dir, time.Now(), "login.test")
	roots := pool(t, caFile)
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "login.test"} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if days := leaf.NotAfter.Sub(leaf.NotBefore).Hours() / 24; days > 398 {
		t.Errorf("the leaf is valid for %.1f days", days)
	}
	again, _ := local(t, dir, time.Now(), "login.test")
	if !again.Equal(leaf) {
		t.Error("the second start made another certificate")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("the folder has %d files, want ca.key, ca.pem and leaf.pem", len(entries))
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// The CA is worthless to a thief: a certificate for any other site does not verify.
func TestLocalCAIsConstrained(t *testing.T) {
	dir := t.TempDir()
	_, caFile := local(t, dir, time.Now())
	ca, err := openCA(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, allowed := range map[string]bool{
		"bank.example": false, "8.8.8.8": false, "192.168.1.1": false, "latest": false, "a.test": true, "127.9.9.9": true,
	} {
		data, err := ca.sign([]string{name}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		pair, err := parsePair(data)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: pool(t, caFile), DNSName: name})
		if (err == nil) != allowed {
			t.Errorf("%s: %v, want accepted: %v", name, err, allowed)
		}
	}
}

func TestLocalLeafIsRenewed(t *testing.T) {
	dir, start := t.TempDir(), time.Now()
	first, caFile := local(t, dir, start)
	for _, test := range []struct {
		what  string
		now   time.Time
		names []string
		same  bool
	}{
		{"after ten months", start.AddDate(0, 10, 0), nil, true},
		{"near its end", start.Add(leafLifetime - leafRenewal + time.Hour), nil, false},
		{"with a new name", start.Add(leafLifetime), []string{"new.test"}, false},
	} {
		leaf, _ := local(t, dir, test.now, test.names...)
		if leaf.Equal(first) != test.same {
			t.Errorf("%s: the same certificate: %v, want %v", test.what, !test.same, test.same)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool(t, caFile), DNSName: "localhost", CurrentTime: test.now}); err != nil {
			t.Errorf("%s: %v", test.what, err)
		}
		first = leaf
	}
	before := pool(t, caFile)
	local(t, dir, start.Add(caLifetime))
	if before.Equal(pool(t, caFile)) {
		t.Error("a CA that is near its end was not replaced")
	}
}

func TestProcessesThatStartAtOnceAgree(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	leaves := make([]*x509.Certificate, 8)
	for i := range leaves {
		wait.Go(func() {
			conf, _, err := localTLS(dir, nil, time.Now())
			if err != nil {
				t.Error(err)
				return
			}
			leaves[i] = conf.Certificates[0].Leaf
		})
	}
	wait.Wait()
	roots := pool(t, filepath.Join(dir, "ca.pem"))
	for i, leaf := range leaves {
		if leaf == nil {
			continue
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost"}); err != nil {
			t.Errorf("process %d serves a certificate that ca.pem does not vouch for: %v", i, err)
		}
	}
}

func TestLocalTLSHandshake(t *testing.T) {
	conf, caFile, err := localTLS(t.TempDir(), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if conn, err := ln.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
	}()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", ln.Addr().String(), &tls.Config{RootCAs: pool(t, caFile)})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestBrokenCAIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.key"), []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := localTLS(dir, nil, time.Now()); err == nil {
		t.Error("a broken ca.key was accepted")
	}
}

func BenchmarkLocalTLS(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		if _, _, err := localTLS(dir, nil, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
