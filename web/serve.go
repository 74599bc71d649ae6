package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	maxHeaderBytes    = 64 << 10
	readyTimeout      = 2 * time.Second
)

// Addresses are the listeners of a process, host:port each; "" opens none. Port 0 takes a free one. Dashboard is a second plain
// listener, for who has no names to tell domains apart by.
type Addresses struct {
	HTTP, HTTPS, Dashboard, Metrics string
}

// Timing bounds connections and the way down. The zero value means the defaults of package config.
type Timing struct {
	Read, Write, Idle time.Duration
	// Delay is how long a stopping server says "not ready" while it still takes requests.
	Delay time.Duration
	// Shutdown is how long accepted requests may take once the listeners are closed.
	Shutdown time.Duration
}

// Servers are the open listeners of a process. [Listen] opens them, so that the ports are known before the routes are
// built; [Servers.Serve] answers on them until it is told to stop.
type Servers struct {
	listeners map[string]net.Listener
	timing    Timing
	log       *slog.Logger
	stopping  atomic.Bool
}

// Handlers are what the listeners answer with.
type Handlers struct {
	// HTTP and HTTPS answer on the listener of that name, HTTP on that of the Dashboard too; HTTPS falls back to HTTP.
	HTTP, HTTPS http.Handler
	// Metrics answers /metrics on its own listener.
	Metrics http.Handler
	// TLS has the certificates of the HTTPS listener.
	TLS *tls.Config
	// Ready says whether requests can be answered now; nil means always. Its error is logged, not shown.
	Ready func(context.Context) error
}

const (
	listenHTTP      = "http"
	listenHTTPS     = "https"
	listenDashboard = "dashboard"
	listenMetrics   = "metrics"
)

// Listen opens all listeners, or none of them.
func Listen(ctx context.Context, at Addresses, timing Timing, log *slog.Logger) (*Servers, error) {
	s := &Servers{listeners: map[string]net.Listener{}, timing: timing, log: log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for _, l := range []struct{ name, addr string }{
		{listenHTTP, at.HTTP}, {listenHTTPS, at.HTTPS}, {listenDashboard, at.Dashboard}, {listenMetrics, at.Metrics},
	} {
		if l.addr == "" {
			continue
		}
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", l.addr)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("listen for %s on %s: %w", l.name, l.addr, err)
		}
		s.listeners[l.name] = ln
	}
	return s, nil
}

// HTTPAddr is the address of the plain listener, nil when there is none.
func (s *Servers) HTTPAddr() *net.TCPAddr { return s.addr(listenHTTP) }

// HTTPSAddr is the address of the TLS listener, nil when there is none.
func (s *Servers) HTTPSAddr() *net.TCPAddr { return s.addr(listenHTTPS) }

// DashboardAddr is the address of the Dashboard's listener, nil when there is none.
func (s *Servers) DashboardAddr() *net.TCPAddr { return s.addr(listenDashboard) }

// MetricsAddr is the address of the metrics listener, nil when there is none.
func (s *Servers) MetricsAddr() *net.TCPAddr { return s.addr(listenMetrics) }

func (s *Servers) addr(name string) *net.TCPAddr {
	ln, ok := s.listeners[name]
	if !ok {
		return nil
	}
	addr, _ := ln.Addr().(*net.TCPAddr)
	return addr
}

// Close closes listeners that were never served.
func (s *Servers) Close() {
	for _, ln := range s.listeners {
		_ = ln.Close()
	}
}

// Serve answers until ctx is done or a listener fails, and then stops in this order: /readyz says no; after
// Timing.Delay the listeners close; requests that were accepted finish, for at most Timing.Shutdown; what is left is
// cut. It returns nil after a stop in which every accepted request was answered.
func (s *Servers) Serve(ctx context.Context, h Handlers) error {
	servers := s.servers(h)
	failed := make(chan error, len(servers))
	var running sync.WaitGroup
	for name, srv := range servers {
		running.Go(func() {
			if err := s.run(name, srv); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serve %s: %w", name, err)
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.stopping.Store(true)
	if err == nil && s.timing.Delay > 0 {
		s.log.Info("stopping: not ready, still answering", "delay", s.timing.Delay.String())
		select {
		case <-time.After(s.timing.Delay):
		case err = <-failed:
		}
	}
	err = errors.Join(err, s.shutdown(servers))
	running.Wait()
	return err
}

func (s *Servers) servers(h Handlers) map[string]*http.Server {
	servers := map[string]*http.Server{}
	for name := range s.listeners {
		handler := h.HTTP
		switch {
		case name == listenMetrics:
			handler = h.Metrics
		case name == listenHTTPS && h.HTTPS != nil:
			handler = h.HTTPS
		}
		srv := &http.Server{
			Handler:           s.draining(s.health(h.Ready, handler)),
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       cmp.Or(s.timing.Read, 30*time.Second),
			WriteTimeout:      cmp.Or(s.timing.Write, time.Minute),
			IdleTimeout:       cmp.Or(s.timing.Idle, 2*time.Minute),
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		}
		if name == listenHTTPS {
			srv.TLSConfig = h.TLS.Clone()
			srv.TLSConfig.MinVersion = max(srv.TLSConfig.MinVersion, tls.VersionTLS12)
		}
		servers[name] = srv
	}
	return servers
}

func (s *Servers) run(name string, srv *http.Server) error {
	if name == listenHTTPS {
		return srv.ServeTLS(s.listeners[name], "", "")
	}
	return srv.Serve(s.listeners[name])
}

func (s *Servers) shutdown(servers map[string]*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(s.timing.Shutdown, 30*time.Second))
	defer cancel()
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for name, srv := range servers {
		wait.Go(func() {
			if err := srv.Shutdown(ctx); err != nil {
				_ = srv.Close()
				mu.Lock()
				errs = append(errs, fmt.Errorf("stop %s: requests were cut: %w", name, err))
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// draining asks each client of a stopping server to come back on another connection. A connection that is closed when
// its answer says so cannot lose a request; an idle one that is closed by the server can.
func (s *Servers) draining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// health answers /healthz and /readyz before any route and for any Host, because what asks knows an address only.
func (s *Servers) health(ready func(context.Context) error, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		switch r.URL.Path {
		case "/healthz":
			plain(w, http.StatusOK, "ok\n")
		case "/readyz":
			s.readiness(w, r, ready)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Servers) readiness(w http.ResponseWriter, r *http.Request, ready func(context.Context) error) {
	if s.stopping.Load() {
		plain(w, http.StatusServiceUnavailable, "stopping\n")
		return
	}
	if ready == nil {
		plain(w, http.StatusOK, "ok\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := ready(ctx); err != nil {
		s.log.Warn("not ready", "err", err)
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ok\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// RedirectHTTPS sends GET and HEAD to the origin in origins that has the host of the request, and refuses everything
// else: a secret that was sent in the clear is not asked for again. The target is the configured origin, never the
// Host header itself.
func RedirectHTTPS(origins []string) http.Handler {
	targets := map[string]string{}
	for _, origin := range origins {
		if u, err := url.Parse(origin); err == nil && u.Scheme == "https" {
			targets[u.Hostname()] = origin
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := url.URL{Host: strings.ToLower(r.Host)}
		target, ok := targets[asked.Hostname()]
		if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			plain(w, http.StatusMisdirectedRequest, "This server answers over https only.\n")
			return
		}
		http.Redirect(w, r, target+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
}
