package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"github.com/proofkey/proofkey/config"
)

// certificateCheck is how often certificate files are looked at; SIGHUP is at once.
const certificateCheck = 10 * time.Second

// serverTLS returns the TLS side of listen.https as the configuration has it, nil when it listens on plain HTTP only.
// The plain listener's handler goes through challenge, which answers ACME's HTTP challenge (RFC 8555 section 8.3).
func serverTLS(ctx context.Context, cfg *config.Config, log *slog.Logger) (conf *tls.Config, challenge func(http.Handler) http.Handler, err error) {
	challenge = func(next http.Handler) http.Handler { return next }
	switch {
	case cfg.Listen.HTTPS == "":
		return nil, challenge, nil
	case cfg.ACME.Agree:
		return acmeTLS(ctx, cfg, log)
	}
	files := &certificateFiles{cert: string(cfg.TLS.CertFile), key: string(cfg.TLS.KeyFile), log: log}
	if err := files.load(); err != nil {
		return nil, nil, err
	}
	files.watch(ctx)
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get}, challenge, nil
}

// certificateFiles serves a certificate from two files and reads them again when they change. A pair that does not load
// never replaces one that does.
type certificateFiles struct {
	cert, key string
	log       *slog.Logger
	pair      atomic.Pointer[tls.Certificate]
	stamp     string // of what was last tried; belongs to the goroutine of reload after the first load
}

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return f.pair.Load(), nil
}

func (f *certificateFiles) load() error {
	f.stamp = f.stamps()
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("tls.cert_file, tls.key_file: %w", err)
	}
	f.pair.Store(&pair)
	return nil
}

// stamps changes whenever either file was written.
func (f *certificateFiles) stamps() string {
	text := ""
	for _, path := range []string{f.cert, f.key} {
		if info, err := os.Stat(path); err == nil {
			text += fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
		}
	}
	return text
}

// watch returns once SIGHUP is no longer deadly, and goes on watching until ctx is done.
func (f *certificateFiles) watch(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go f.reload(ctx, hangup)
}

func (f *certificateFiles) reload(ctx context.Context, hangup chan os.Signal) {
	defer signal.Stop(hangup)
	tick := time.NewTicker(certificateCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		case <-tick.C:
			if f.stamps() == f.stamp {
				continue
			}
		}
		if err := f.load(); err != nil {
			f.log.Error("the certificate was not replaced", "err", err)
			continue
		}
		f.log.Info("certificate loaded", "not_after", f.pair.Load().Leaf.NotAfter)
	}
}

// acmeTLS obtains and renews a certificate for the host of every https domain, in the background: a domain whose DNS is
// not there yet must not keep the others from being served.
func acmeTLS(ctx context.Context, cfg *config.Config, log *slog.Logger) (*tls.Config, func(http.Handler) http.Handler, error) {
	quiet := zap.NewNop() // OnEvent tells what an operator needs, in the log of the server
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           quiet,
	})
	magic = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: string(cfg.ACME.CacheDir)},
		Logger:  quiet,
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			logACME(log, event, data)
			return nil
		},
	})
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA:     cfg.ACME.Directory,
		Email:  cfg.ACME.Email,
		Agreed: cfg.ACME.Agree,
		Logger: quiet,
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	if err := magic.ManageAsync(ctx, acmeHosts(cfg)); err != nil {
		return nil, nil, fmt.Errorf("acme: %w", err)
	}
	context.AfterFunc(ctx, cache.Stop)
	conf := magic.TLSConfig()
	conf.MinVersion = tls.VersionTLS12
	conf.NextProtos = append([]string{"h2", "http/1.1"}, conf.NextProtos...)
	return conf, issuer.HTTPChallengeHandler, nil
}

func logACME(log *slog.Logger, event string, data map[string]any) {
	switch event {
	case "cert_obtaining", "cert_obtained":
		log.Info("acme: "+event, "host", data["identifier"], "renewal", data["renewal"] == true)
	case "cert_failed":
		log.Error("acme: "+event, "host", data["identifier"], "renewal", data["renewal"] == true, "err", data["error"])
	}
}

func acmeHosts(cfg *config.Config) []string {
	var hosts []string
	for _, domain := range cfg.Origins() {
		u, err := url.Parse(domain)
		if err == nil && u.Scheme == "https" && !config.Loopback(u.Hostname()) && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}
