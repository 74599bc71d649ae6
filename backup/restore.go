package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/store"
)

// RestoreOptions say where the tenants go.
type RestoreOptions struct {
	// Places are the tenants to restore, by their names in the backup; their databases must be empty.
	Places []Place
	// SignOut ends every session and refresh token.
	SignOut bool
	Now     func() time.Time
}

// Restore fills the places, all or none of them: each is written whole and checked before the first is there for others.
func (a *Archive) Restore(ctx context.Context, o RestoreOptions) (report Report, err error) {
	for _, p := range o.Places {
		if !slices.ContainsFunc(a.Tenants, func(t Tenant) bool { return t.Name == p.Name }) {
			return report, fmt.Errorf("the backup has no tenant %q: it has %s", p.Name, strings.Join(a.names(), ", "))
		}
		if err := store.Empty(ctx, p.Database); err != nil {
			return report, fmt.Errorf("tenant %s: %w", p.Name, err)
		}
	}
	f := &filling{options: o}
	defer func() { err = errors.Join(err, f.abort()) }()
	all, err := a.walk(ctx, f)
	if err != nil {
		return report, err
	}
	// From here on the second reading is known to have been of the same whole backup as the first.
	if all.ID != a.ID {
		return report, errors.New("another backup has come in the place of the one that was checked")
	}
	report = Report{ID: all.ID, MadeAt: all.MadeAt, Program: all.Program}
	for _, place := range f.open {
		i := slices.IndexFunc(all.Tenants, func(t Tenant) bool { return t.Name == place.name })
		t := all.Tenants[i]
		sealed, err := place.finish(ctx, a.master, o)
		if err != nil {
			return Report{}, fmt.Errorf("tenant %s: %w", t.Name, err)
		}
		t.Sealed = &sealed
		report.Tenants = append(report.Tenants, t)
	}
	for i, place := range f.open {
		if err := place.Commit(ctx); err != nil {
			err = fmt.Errorf("tenant %s: %w", place.name, err)
			if i > 0 {
				err = fmt.Errorf("%w; restored already, and to be removed before another try: %s", err, strings.Join(f.names()[:i], ", "))
			}
			return Report{}, err
		}
	}
	return report, nil
}

func (a *Archive) names() (all []string) {
	for _, t := range a.Tenants {
		all = append(all, t.Name)
	}
	return all
}

// filling is the visitor that restores.
type filling struct {
	options RestoreOptions
	open    []filled
	skip    bool // the present tenant
}

type filled struct {
	name string
	*store.Restore
}

func (f *filling) begin(ctx context.Context, t tenant, p Place) error {
	i := slices.IndexFunc(f.options.Places, func(o Place) bool { return o.Name == p.Name })
	if f.skip = i < 0; f.skip {
		return nil
	}
	r, err := store.BeginRestore(ctx, f.options.Places[i].Database, t.Schema)
	if err != nil {
		return fmt.Errorf("tenant %s: %w", p.Name, err)
	}
	f.open = append(f.open, filled{p.Name, r})
	return nil
}

func (f *filling) fill(ctx context.Context, t store.Table, next func() ([]any, error)) error {
	if f.skip {
		return nil
	}
	place := f.open[len(f.open)-1]
	if _, err := place.Load(ctx, t, next); err != nil {
		return fmt.Errorf("tenant %s: %w", place.name, err)
	}
	return nil
}

func (p filled) finish(ctx context.Context, master []byte, o RestoreOptions) (store.Sealed, error) {
	sealed, err := p.Finish(ctx, master)
	if err == nil && o.SignOut {
		err = p.SignOut(ctx, o.Now())
	}
	return sealed, err
}

func (f *filling) abort() error {
	var errs []error
	for _, p := range f.open {
		errs = append(errs, p.Abort())
	}
	return errors.Join(errs...)
}

func (f *filling) names() (all []string) {
	for _, p := range f.open {
		all = append(all, p.name)
	}
	return all
}
