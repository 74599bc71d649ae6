package auth0_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

var errStop = errors.New("stopped by the test")

// stopping is a context that ends after it was asked a number of times whether it has: in the middle of what it is for.
type stopping struct {
	context.Context
	left atomic.Int64
}

func (s *stopping) Err() error {
	if s.left.Add(-1) < 0 {
		return errStop
	}
	return nil
}

func contextAfter(t *testing.T, asked int64) (context.Context, func()) {
	ctx, stop := context.WithCancel(t.Context())
	s := &stopping{Context: ctx}
	s.left.Store(asked)
	return s, stop
}
