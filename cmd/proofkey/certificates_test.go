package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/proofkey/proofkey/config"
)

func TestCertificateFilesAreReadAgain(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	local(t, first, time.Now())
	local(t, second, time.Now())
	file := filepath.Join(first, "leaf.pem")
	cfg := config.Default()
	cfg.Listen.HTTPS = ":443"
	cfg.TLS.CertFile, cfg.TLS.KeyFile = config.Path(file), config.Path(file)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conf, _, err := serverTLS(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	serial := func() string {
		pair, err := conf.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.String()
	}
	before := serial()
	hangup := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}

	if err := replaceFile(file, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangup()
	time.Sleep(50 * time.Millisecond)
	if serial() != before {
		t.Fatal("a broken file replaced the certificate")
	}

	data, err := os.ReadFile(filepath.Join(second, "leaf.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	hangup()
	for range 200 {
		if serial() != before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("SIGHUP did not load the new certificate")
}

func TestServerTLSRefusesFilesThatAreNotThere(t *testing.T) {
	cfg := config.Default()
	cfg.Listen.HTTPS, cfg.TLS.CertFile, cfg.TLS.KeyFile = ":443", "nowhere.crt", "nowhere.key"
	if _, _, err := serverTLS(t.Context(), cfg, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("missing files were accepted")
	}
}

func TestPlainHTTPHasNoTLS(t *testing.T) {
	conf, challenge, err := serverTLS(t.Context(), config.Default(), nil)
	if conf != nil || err != nil || challenge(http.NotFoundHandler()) == nil {
		t.Errorf("got %v, %v", conf, err)
	}
}

func TestACMEHosts(t *testing.T) {
	cfg := config.Default()
	cfg.Tenants = []config.Tenant{
		{Domains: []string{"https://a.example", "http://localhost:3000", "https://127.0.0.1:3443"}},
		{Domains: []string{"https://b.example:8443", "https://a.example:8443"}},
	}
	if got := acmeHosts(cfg); len(got) != 2 || got[0] != "a.example" || got[1] != "b.example" {
		t.Errorf("hosts = %v", got)
	}
}
