package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// A search reads along the index of one of its conditions and stops where the page is full: the page is in the order of
// that field, and of the id where the field is the same. Alternatives are read one after the other. Without such a
// condition, and where the caller sorts so, the users come in the order in which they were made. So what a page costs does
// not depend on how many users there are or match; only what no indexed field narrows is looked for among all.

// indexed are the fields with an index, of which each has the id behind it.
var indexed = []string{"user_id", "email", "username", "name", "nickname", "given_name", "family_name", "created_at", "last_login"}

// accountColumns are the columns of identities by the fields of searches; each has an index.
var accountColumns = map[string]string{
	"identities.connection": "connection", "identities.provider": "provider", "identities.user_id": "subject",
}

const narrowest = 7

// narrowness ranks the conditions that an index can answer; 0: none can.
func (w Condition) narrowness() int {
	if some := w.alternatives(); len(some) > 0 {
		rank := narrowest
		for _, of := range some {
			best := 0
			for _, part := range of.parts() {
				best = max(best, part.narrowness())
			}
			rank = min(rank, best)
		}
		return rank
	}
	f := userFields[w.Field]
	isText := f.kind == exactText || f.kind == lowerText
	switch unique := w.Field == "user_id" || w.Field == "email" || w.Field == "username"; {
	case w.Op == Is && unique:
		return narrowest
	case w.Op == Is && w.Field == "identities.user_id":
		return 6
	case !slices.Contains(indexed, w.Field) && accountColumns[w.Field] == "":
		return 0
	case w.Op == Is && isText:
		return 5
	case w.Op == Prefix && isText && w.Value != "":
		return 4
	case w.Op == Range && (w.From != "" || w.To != ""), w.Op == Is && f.kind == instant:
		return 3
	case w.Op == Is && accountColumns[w.Field] != "":
		return 2
	}
	return 0
}

// alternatives are the conditions of which one must hold, where there are such.
func (w Condition) alternatives() []Condition {
	switch {
	case w.Op == Or:
		return w.Of
	case w.Op >= Is && w.Field == "":
		return w.anywhere().Of
	}
	return nil
}

// parts are the conditions of which all must hold.
func (w Condition) parts() []Condition {
	if w.Op != And || len(w.Of) == 0 {
		return []Condition{w}
	}
	var all []Condition
	for _, of := range w.Of {
		all = append(all, of.parts()...)
	}
	return all
}

// reading is one way along an index.
type reading struct {
	from  string // tables
	where string
	by    []string // what it is ordered by
	args  []any
	// counted are those that it has, where a shorter text says so: the owners of accounts are never linked to others.
	counted string
}

// maxReadings bounds how many alternatives are read one after the other.
const maxReadings = 12

// readings chooses how to read a search: several have no user in common and stand one behind the other.
func (s UserQuery) readings() ([]reading, error) {
	switch {
	case s.Sort != "":
		return s.sorted()
	case s.Where == nil:
		r, err := read(nil, "created_at")
		return []reading{r}, err
	}
	budget := maxReadings
	return readings(s.Where.parts(), &budget)
}

func readings(all []Condition, budget *int) (list []reading, err error) {
	best, rank := 0, 0
	for i, w := range all {
		if n := w.narrowness(); n > rank && len(w.alternatives()) <= *budget {
			best, rank = i, n
		}
	}
	some := all[best].alternatives()
	switch {
	case rank == 0:
		r, err := read(all, "created_at")
		return []reading{r}, err
	case len(some) == 0:
		r, err := read(all, all[best].Field, best)
		return []reading{r}, err
	}
	*budget -= len(some)
	rest := slices.Delete(all, best, best+1)
	for i, w := range some {
		those := append(w.parts(), rest...)
		if i > 0 {
			those = append(those, Condition{Op: Not, Of: []Condition{{Op: Or, Of: some[:i]}}})
		}
		more, err := readings(those, budget)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// read is the reading of conditions in the order of a field; account is the place of the one that the accounts are read by.
func read(all []Condition, field string, account ...int) (reading, error) {
	r := reading{from: `users`, where: `users.linked_to IS NULL`, by: []string{userFields[field].expr, `users.id`}}
	c := &clause{}
	if column := accountColumns[field]; column != "" {
		r.along(column, c.arg(all[account[0]].Value))
		all = slices.Delete(slices.Clone(all), account[0], account[0]+1)
		if len(all) == 0 {
			r.counted = `SELECT DISTINCT i.user_id FROM identities i WHERE i.` + column + ` = CAST($1 AS TEXT)`
		}
	}
	for _, w := range all {
		text, err := c.condition(w)
		if err != nil {
			return r, err
		}
		r.where += ` AND ` + text
	}
	if field == "user_id" {
		r.by = r.by[1:]
	}
	r.args = c.args
	return r, nil
}

// sorted are the readings of a search in the order of a field: those who have a value first, then the others. The engines
// disagree about where NULLs belong and would sort all users to put them there.
func (s UserQuery) sorted() ([]reading, error) {
	f, ok := userFields[s.Sort]
	if !ok || f.kind == truth {
		return nil, ErrField
	}
	var all []Condition
	if s.Where != nil {
		all = []Condition{*s.Where}
	}
	r, err := read(all, s.Sort)
	if err != nil || s.Sort == "created_at" || s.Sort == "user_id" {
		return []reading{r}, err
	}
	having, without := r, r
	having.where += ` AND ` + f.expr + ` IS NOT NULL`
	without.where += ` AND ` + f.expr + ` IS NULL`
	without.by = r.by[1:]
	return []reading{having, without}, nil
}

// along reads along the accounts of a kind. A user with several of them is listed with the first.
func (r *reading) along(column, value string) {
	r.from = `identities i JOIN users ON users.id = i.user_id`
	r.where += fmt.Sprintf(` AND i.%[1]s = %[2]s AND i.position = (SELECT min(j.position) FROM identities j
		WHERE j.user_id = i.user_id AND j.%[1]s = %[2]s)`, column, value)
	r.by = []string{`i.user_id`}
}

// order is the text of ORDER BY.
func (r reading) order(descending bool) string {
	if !descending {
		return strings.Join(r.by, `, `)
	}
	return strings.Join(r.by, ` DESC, `) + ` DESC`
}

// SearchUsers lists the users that a query picks. Its text is the same for the same shape of query; what was asked for is
// in its parameters only.
func (q Queries) SearchUsers(ctx context.Context, s UserQuery) ([]User, error) {
	list, err := s.readings()
	if err != nil {
		return nil, err
	}
	if s.Limit <= 0 {
		s.Limit = 50
	}
	var found []User
	skip := s.Offset
	for i, r := range list {
		more, err := q.usersAlong(ctx, r, s.Descending, s.Limit-len(found), skip)
		if err != nil {
			return nil, err
		}
		if found = append(found, more...); len(found) == s.Limit || i == len(list)-1 {
			break
		}
		switch {
		case len(more) > 0:
			skip = 0
		case skip > 0: // the page begins in a later reading
			n, err := q.count(ctx, r, skip)
			if err != nil {
				return nil, err
			}
			skip -= n
		}
	}
	return found, nil
}

func (q Queries) usersAlong(ctx context.Context, r reading, descending bool, limit, offset int) ([]User, error) {
	args := append(slices.Clone(r.args), limit, offset)
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM `+r.from+` WHERE `+r.where+` ORDER BY `+r.order(descending)+
		fmt.Sprintf(` LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
}

// count counts the users of a reading, and no more than most.
func (q Queries) count(ctx context.Context, r reading, most int) (int, error) {
	args := append(slices.Clone(r.args), most)
	text := cmp.Or(r.counted, `SELECT 1 FROM `+r.from+` WHERE `+r.where)
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM (`+text+fmt.Sprintf(` LIMIT $%d) AS found`, len(args)), args...)
	return int(n), err
}

// CountLimit is how many found users are counted: more are said to be so many. All users are always counted.
const CountLimit = 10000

// CountUsers counts the users that a query picks on all pages.
func (q Queries) CountUsers(ctx context.Context, s UserQuery) (int64, error) {
	if s.Where == nil {
		return q.countAllUsers(ctx)
	}
	s.Sort = ""
	list, err := s.readings()
	if err != nil {
		return 0, err
	}
	all := 0
	for _, r := range list {
		n, err := q.count(ctx, r, CountLimit-all)
		if all += n; err != nil || all == CountLimit {
			return int64(all), err
		}
	}
	return int64(all), nil
}

// userParts is how many parts user_counts has.
const userParts = 16

func (q Queries) countAllUsers(ctx context.Context) (int64, error) {
	return one(ctx, q, scanInt, `SELECT CAST(sum(users) AS BIGINT) FROM user_counts`)
}

// countUsers adds what a transaction has made and removed. It comes last, so that the part is locked shortly.
func (tx *Tx) countUsers(ctx context.Context, part int) error {
	if tx.users == 0 {
		return nil
	}
	return tx.exec1(ctx, ErrNotFound, `UPDATE user_counts SET users = users + $2 WHERE part = $1`, part, tx.users)
}
