package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	_ "modernc.org/sqlite" // the driver that fills the tables
)

// growthBar is how much an operation may slow down with the users and tokens of a large tenant.
const growthBar = 1.10

// growth is one operation on a small and on a large tenant, the medians of rounds that took turns.
type growth struct {
	Operation string        `json:"operation"`
	Small     float64       `json:"small_per_second"`
	Large     float64       `json:"large_per_second"`
	SmallCPU  time.Duration `json:"small_cpu_ns"`
	LargeCPU  time.Duration `json:"large_cpu_ns"`
	Users     int           `json:"users"`
	Tokens    int           `json:"tokens"`
}

const (
	growthRounds  = 7
	growthClients = 8
)

// growing are the operations whose cost must not depend on the size of the tenant.
var growing = []string{"code exchange (API access token, ID token, refresh token)", "refresh, rotating (API access token, ID token)"}

// fillTokens gives the many users so many refresh tokens. The rows are made inside the database.
func (s *site) fillTokens(ctx context.Context, tokens, many int, progress io.Writer) (err error) {
	driver, name, hash := "pgx", s.database, `'\x00'`
	if s.schema == "" {
		driver, hash = "sqlite", `X'00'`
		name = "file:" + s.file() + "?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)&_pragma=cache_size(-262144)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		return errors.New("open the database")
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for made, n := 0, 0; made < tokens; n++ {
		part := min(tokens-made, many)
		fmt.Fprintf(progress, "%s: %d of %d refresh tokens\n", s.engine, made, tokens)
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`INSERT INTO refresh_tokens (id, user_id, client_id, grant_id, audience, scope, rotating, counter,
				token_hash, created_at, exchanged_at, expires_at, device)
			SELECT substr(users.id, 25) || users.id || '-%d', users.id, '%s', 'none', '%s', '%s', TRUE, 0, %s, %d, %d, %d, '{}'
			FROM users WHERE users.id LIKE 'auth0|00%%' ORDER BY users.id LIMIT %d`,
			n, s.phone.ID, audience, scopeFull, hash, 1600000000000+n, 1600000000000+n, time.Now().Add(720*time.Hour).UnixMilli()+int64(n), part)); err != nil {
			return fmt.Errorf("fill refresh_tokens: %w", err)
		}
		made += part
	}
	if s.schema != "" { // which autovacuum does in a while; nobody does it for SQLite
		_, err = db.ExecContext(ctx, "ANALYZE")
	}
	return err
}

// measureGrowth runs the operations on the large tenant and on a fresh one, in turns, so that a slow minute of the machine
// is slow for both.
func measureGrowth(ctx context.Context, o options, large *site, bare *bare, progress io.Writer, fresh func() (*site, error)) (all []growth, err error) {
	if err := large.fillTokens(ctx, o.tokens, o.many, progress); err != nil {
		return nil, err
	}
	small, err := fresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, small.drop(context.WithoutCancel(ctx))) }()
	if err := small.seed(ctx, bare.passwordHash); err != nil {
		return nil, err
	}
	var beds []*bed
	for _, s := range []*site{small, large} {
		p, _, err := s.start(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, p.stop()) }()
		b := &bed{site: s, pid: p.pid, bare: bare}
		if err := b.prepare(ctx); err != nil {
			return nil, err
		}
		beds = append(beds, b)
	}
	for _, op := range operations {
		for _, name := range growing {
			if op.name != name {
				continue
			}
			g := growth{Operation: name, Users: o.many, Tokens: o.tokens}
			var rates [2][]float64
			var cpus [2][]time.Duration
			for n := range growthRounds {
				fmt.Fprintf(progress, "%s: growth of %s, round %d of %d\n", large.engine, name, n+1, growthRounds)
				for i := range beds {
					i = (i + n) % len(beds)
					c, err := beds[i].measure(ctx, op, growthClients, min(o.cell, time.Second))
					if err != nil {
						return nil, fmt.Errorf("growth: %w", err)
					}
					rates[i], cpus[i] = append(rates[i], c.PerSecond), append(cpus[i], c.CPU)
				}
			}
			g.Small, g.Large = percentile(rates[0], 0.5), percentile(rates[1], 0.5)
			g.SmallCPU, g.LargeCPU = percentile(cpus[0], 0.5), percentile(cpus[1], 0.5)
			all = append(all, g)
		}
	}
	return all, nil
}
