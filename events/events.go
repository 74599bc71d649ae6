// Package events writes the tenant's log: one record for each outcome, under the type codes of Auth0's catalogue.
//
// An event that records a change of state is written with that change, by [store.Tx.AddEvent], so that neither exists
// without the other. The event of a mere failure goes through [Log.Record], which never makes a request wait: a flood of
// failures may lose records, which are counted, but must not slow down those who succeed. Both ways end in AddEvent, which
// bounds every value and takes out what looks like a secret.
package events

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

const (
	queueLength  = 4096
	batchLength  = 256
	writeTimeout = 10 * time.Second
	gatherFor    = 50 * time.Millisecond
	reportEvery  = time.Second
)

// Of starts the event of an outcome: its time and id, and what is known about the request. The caller adds what else it
// knows. The last event of a request is the one its log line names.
func Of(ctx context.Context, typ string) store.Event {
	m := web.MetaOf(ctx)
	m.Event = typ
	now := time.Now().UTC()
	return store.Event{
		ID:            store.NewEventID(now),
		Date:          now,
		Type:          typ,
		Description:   Describe(typ),
		TransactionID: m.ID,
		CorrelationID: m.CorrelationID,
		ClientID:      m.ClientID,
		UserID:        m.UserID,
		IP:            m.IP,
		UserAgent:     m.UserAgent,
		Hostname:      m.Host,
		Auth0Client:   m.Auth0Client,
	}
}

// Log takes the events of failures. It is safe for concurrent use.
type Log struct {
	db      *store.DB
	log     *slog.Logger
	queue   chan store.Event
	flushes chan chan struct{}
	stopped chan struct{}

	mu     sync.RWMutex // closing excludes sends to queue
	closed bool

	dropped  atomic.Int64 // all that were lost
	reported atomic.Int64 // as many of them were written to log
	lastSaid atomic.Int64 // when, in Unix nanoseconds
}

// New starts a log; Close ends it, before the database is closed.
func New(db *store.DB, log *slog.Logger) *Log {
	l := &Log{db: db, log: log, queue: make(chan store.Event, queueLength), flushes: make(chan chan struct{}), stopped: make(chan struct{})}
	go l.run()
	return l
}

// Record accepts an event and returns at once. When the queue is full, or the log is closed, the event is dropped.
func (l *Log) Record(ctx context.Context, e store.Event) {
	if e.ID == "" {
		filled := Of(ctx, e.Type)
		e.ID, e.Date = filled.ID, filled.Date
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		l.drop(1, nil)
		return
	}
	select {
	case l.queue <- e:
	default:
		l.drop(1, nil)
	}
}

// Flush waits until the events that were recorded before it are written.
func (l *Log) Flush(ctx context.Context) error {
	written := make(chan struct{})
	select {
	case l.flushes <- written:
	case <-l.stopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dropped is the number of events that were lost since the start.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Close writes what was accepted and stops. It may be called twice.
func (l *Log) Close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.mu.Unlock()
	<-l.stopped
	l.report(nil)
}

func (l *Log) run() {
	defer close(l.stopped)
	for open := true; open; {
		var batch []store.Event
		var flushed chan struct{}
		batch, flushed, open = l.gather()
		if len(batch) > 0 {
			l.write(batch)
		}
		if flushed != nil {
			close(flushed)
		}
	}
}

// gather waits for an event and then, for a moment, for those behind it: a commit costs more than the events in it, so a
// quiet server saves most of them and a busy one fills its batches at once.
func (l *Log) gather() (batch []store.Event, flushed chan struct{}, open bool) {
	var moment <-chan time.Time
	for len(batch) < batchLength {
		select {
		case e, open := <-l.queue:
			if !open {
				return batch, nil, false
			}
			if batch = append(batch, e); len(batch) == 1 {
				moment = time.After(gatherFor)
			}
		case flushed = <-l.flushes:
			for len(l.queue) > 0 {
				if e, open := <-l.queue; open {
					batch = append(batch, e)
				}
			}
			return batch, flushed, true
		case <-moment:
			return batch, nil, true
		}
	}
	return batch, nil, true
}

func (l *Log) write(batch []store.Event) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	err := l.db.Write(ctx, func(tx *store.Tx) error {
		for _, e := range batch {
			if err := tx.AddEvent(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.drop(int64(len(batch)), err)
	}
}

// drop counts lost events and says so at most once a second, lest the log of the process becomes the second victim.
func (l *Log) drop(n int64, why error) {
	l.dropped.Add(n)
	now, last := time.Now().UnixNano(), l.lastSaid.Load()
	if now-last >= int64(reportEvery) && l.lastSaid.CompareAndSwap(last, now) {
		l.report(why)
	}
}

func (l *Log) report(why error) {
	total := l.dropped.Load()
	n := total - l.reported.Swap(total)
	if n <= 0 {
		return
	}
	if why != nil {
		l.log.Error("events could not be written", "count", n, "error", why)
		return
	}
	l.log.Warn("events were dropped: more failures than the log can take", "count", n)
}

// Failure reads why an outcome was a refusal: the code and the sentence that were answered, and the reason that was not. All
// are empty in the event of a success.
func Failure(e store.Event) (code, message, reason string) {
	text := func(from map[string]any, name string) string {
		s, _ := from[name].(string)
		return s
	}
	if inner, ok := e.Details["error"].(map[string]any); ok {
		return text(inner, "code"), text(inner, "message"), text(inner, "reason")
	}
	code, reason = text(e.Details, "error"), text(e.Details, "reason")
	if code == "" {
		return "", "", ""
	}
	if message = text(e.Details, "error_description"); message == "" {
		message = e.Description
	}
	return code, message, reason
}
