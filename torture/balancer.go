package main

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
)

// balancer is a plain load balancer: one request a node in turn, and the next node where nobody listens. It knows nothing of
// sessions, and sends no request twice that a node may have seen.
type balancer struct {
	nodes []*node
	turn  atomic.Uint64
	to    http.RoundTripper
}

// serve listens at an address until stop is called.
func (b *balancer) serve(address string) (stop func() error, err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	b.to = &http.Transport{MaxIdleConnsPerHost: 256}
	quiet := log.New(io.Discard, "", 0)
	s := &http.Server{ErrorLog: quiet, Handler: &httputil.ReverseProxy{
		Transport: b, ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetXForwarded()
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", address, r.In.Host
		},
	}}
	go func() { _ = s.Serve(l) }() // it ends with stop
	return s.Close, nil
}

// RoundTrip asks the next node that listens.
func (b *balancer) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	first := b.turn.Add(1)
	for i := range b.nodes {
		out := r.Clone(r.Context())
		out.URL.Host = b.nodes[(first+uint64(i))%uint64(len(b.nodes))].address
		answer, err = b.to.RoundTrip(out)
		if e, ok := errors.AsType[*net.OpError](err); !ok || e.Op != "dial" {
			return answer, err
		}
	}
	return nil, err
}
