package store

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// rowSteps are how many rows one INSERT has: few texts, so that the statements stay prepared.
var rowSteps = []int{64, 8, 1}

// inserts calls f with the text and the parameters of each statement that rows need.
func inserts(before, after string, rows [][]any, f func(text string, args []any) error) error {
	for _, step := range rowSteps {
		for ; len(rows) >= step; rows = rows[step:] {
			var text strings.Builder
			var args []any
			text.WriteString(before)
			for i, row := range rows[:step] {
				if i > 0 {
					text.WriteString("), ")
				}
				text.WriteByte('(')
				for j, v := range row {
					args = append(args, v)
					if j > 0 {
						text.WriteString(", ")
					}
					text.WriteString("$" + strconv.Itoa(len(args)))
				}
			}
			text.WriteString(")" + after)
			if err := f(text.String(), args); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) insertCount(ctx context.Context, before, after string, rows [][]any) (all int, err error) {
	err = inserts(before, after, rows, func(text string, args []any) error {
		n, err := tx.exec(ctx, text, args...)
		all += int(n)
		return err
	})
	return all, err
}

// insert stores all rows; ErrConflict when one of them was there.
func (tx *Tx) insert(ctx context.Context, before, after string, rows [][]any) error {
	n, err := tx.insertCount(ctx, before, after, rows)
	if err == nil && n < len(rows) {
		return ErrConflict
	}
	return err
}

// InsertUsers stores users with their identities, as [Tx.CreateUser] does one, and says which: those whose id, e-mail
// address or user name is taken are left out. No two of them may have the same. A user keeps the times that it comes with.
func (tx *Tx) InsertUsers(ctx context.Context, users []User) (stored map[string]bool, err error) {
	now := tx.Now()
	rows := make([][]any, len(users))
	for i := range users {
		u := &users[i]
		u.Email, u.Username = strings.ToLower(u.Email), strings.ToLower(u.Username)
		u.CreatedAt, u.UpdatedAt = orTime(u.CreatedAt, now), orTime(u.UpdatedAt, now)
		name, nickname, given, family := u.Profile.keys()
		rows[i] = []any{u.ID, u.Connection, null(u.Email), null(u.Username), u.Blocked, null(u.PasswordHash), doc(u.Profile),
			u.LoginsCount, ms(u.LastLogin), null(u.LastIP), ms(u.PasswordSetAt), null(u.LinkedTo), ms(u.CreatedAt), ms(u.UpdatedAt),
			name, nickname, given, family}
	}
	stored = make(map[string]bool, len(users))
	err = inserts(`INSERT INTO users (id, connection, email, username, blocked, password_hash, profile, logins_count, last_login,
			last_ip, password_set_at, linked_to, created_at, updated_at, name_key, nickname_key, given_name_key, family_name_key) VALUES `,
		` ON CONFLICT DO NOTHING RETURNING id`, rows, func(text string, args []any) error {
			ids, err := many(ctx, tx.Queries, scanString, text, args...)
			for _, id := range ids {
				stored[id] = true
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	var identities [][]any
	positions := map[string]int64{}
	for _, u := range users {
		if !stored[u.ID] {
			continue
		}
		provider, subject, _ := strings.Cut(u.ID, "|")
		owner, profile, position := u.ID, "{}", int64(0)
		if u.LinkedTo == "" {
			tx.users++
		} else {
			positions[u.LinkedTo]++
			owner, position, profile = u.LinkedTo, positions[u.LinkedTo], doc(u.linkedProfile())
		}
		identities = append(identities, []any{provider, subject, owner, u.Connection, profile, position})
	}
	reach("users inserted")
	return stored, tx.insert(ctx, `INSERT INTO identities (provider, subject, user_id, connection, profile, position) VALUES `, "", identities)
}

func orTime(t, absent time.Time) time.Time {
	if t.IsZero() {
		return absent
	}
	return t
}
