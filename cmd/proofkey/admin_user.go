package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func newAdminUser(f *adminFlags) *cobra.Command {
	c := group("user", "Users: named by user_id or e-mail address")
	c.AddCommand(newUserCreate(f), newUserList(f), newUserShow(f), newUserUpdate(f),
		newUserBlock(f), newUserUnblock(f),
		newUserSetPassword(f), newUserRevoke(f), newUserDelete(f),
		newUserImport(f), newUserExport(f))
	return c
}

const userArgument = "a user_id or an e-mail address"

// userView is a user as the verbs show it, under the Management API names.
type userView struct {
	UserID        string         `json:"user_id"`
	Connection    string         `json:"connection"`
	Email         string         `json:"email,omitempty"`
	EmailVerified bool           `json:"email_verified"`
	Username      string         `json:"username,omitempty"`
	Name          string         `json:"name,omitempty"`
	Nickname      string         `json:"nickname,omitempty"`
	GivenName     string         `json:"given_name,omitempty"`
	FamilyName    string         `json:"family_name,omitempty"`
	Picture       string         `json:"picture,omitempty"`
	Blocked       bool           `json:"blocked"`
	HasPassword   bool           `json:"has_password"`
	UserMetadata  map[string]any `json:"user_metadata,omitempty"`
	AppMetadata   map[string]any `json:"app_metadata,omitempty"`
	LoginsCount   int64          `json:"logins_count"`
	LastLogin     *time.Time     `json:"last_login,omitempty"`
	LastIP        string         `json:"last_ip,omitempty"`
	CreatedAt     time.Time      `json:"created_at"`
	UpdatedAt     time.Time      `json:"updated_at"`
}

func viewUser(u store.User) userView {
	p := u.Profile
	v := userView{
		UserID: u.ID, Connection: u.Connection, Email: u.Email, EmailVerified: p.EmailVerified, Username: u.Username,
		Name: p.Name, Nickname: p.Nickname, GivenName: p.GivenName, FamilyName: p.FamilyName, Picture: p.Picture,
		Blocked: u.Blocked, HasPassword: u.PasswordHash != "", UserMetadata: p.UserMetadata, AppMetadata: p.AppMetadata,
		LoginsCount: u.LoginsCount, LastIP: u.LastIP, CreatedAt: stored(u.CreatedAt), UpdatedAt: stored(u.UpdatedAt),
	}
	if !u.LastLogin.IsZero() {
		v.LastLogin = &u.LastLogin
	}
	return v
}

func userFacts(u store.User) []fact {
	p := u.Profile
	email := u.Email
	if email != "" && p.EmailVerified {
		email += " (verified)"
	}
	facts := []fact{
		{"user_id", u.ID}, {"email", email}, {"username", u.Username}, {"connection", u.Connection}, {"blocked", flagged(u.Blocked)},
		{"password", yes(u.PasswordHash != "")}, {"name", p.Name}, {"nickname", p.Nickname}, {"given name", p.GivenName},
		{"family name", p.FamilyName}, {"picture", p.Picture}, {"created", when(u.CreatedAt)}, {"updated", when(u.UpdatedAt)},
	}
	if u.LoginsCount > 0 {
		facts = append(facts, fact{"last login", fmt.Sprintf("%s from %s, number %d", when(u.LastLogin), u.LastIP, u.LoginsCount)})
	}
	return facts
}

func (s *shell) user(u store.User) error { return s.one(viewUser(u), userFacts(u)...) }

// profileFlags are what a user can be called.
func profileFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.String("name", "", "full `name`")
	flags.String("nickname", "", "`name` the user likes to be called")
	flags.String("given-name", "", "first `name`")
	flags.String("family-name", "", "last `name`")
	flags.String("picture", "", "`URL` of a picture")
	flags.Bool("verified", false, "the e-mail address is known to be the user's")
}

func patchProfile(c *cobra.Command, p *store.Profile) {
	flags := c.Flags()
	take(c, "name", flags.GetString, &p.Name)
	take(c, "nickname", flags.GetString, &p.Nickname)
	take(c, "given-name", flags.GetString, &p.GivenName)
	take(c, "family-name", flags.GetString, &p.FamilyName)
	take(c, "picture", flags.GetString, &p.Picture)
	take(c, "verified", flags.GetBool, &p.EmailVerified)
}

func newUserCreate(f *adminFlags) *cobra.Command {
	var email, connection string
	var secret secretFlags
	c := &cobra.Command{
		Use:   "create --email ADDRESS",
		Short: "Make a user; without a password nobody can sign in as them until one is set",
		Args:  noArguments,
	}
	c.Flags().StringVar(&email, "email", "", "e-mail `address`")
	profileFlags(c)
	c.Flags().StringVar(&connection, "connection", store.DefaultConnection, "`name` of the connection")
	secret.add(c, true)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
		if err := required(c, "email"); err != nil {
			return err
		}
		password, hash, err := secret.read(c, s.in)
		if err != nil {
			return err
		}
		conn, err := management.FindConnection(ctx, s.db.Queries, connection)
		if err != nil {
			return err
		}
		u, err := s.draft(conn, email)
		if err != nil {
			return err
		}
		patchProfile(c, &u.Profile)
		switch {
		case password != "":
			u.PasswordHash, err = s.hash(ctx, conn, u, password)
		case hash != "":
			if u.PasswordHash, err = hash, identity.CheckHash(hash); err != nil {
				err = fmt.Errorf("the password hash of the file cannot be used: %w", err)
			}
		}
		if err != nil {
			return err
		}
		if err := s.admin.CreateUser(ctx, &u); err != nil {
			return err
		}
		return s.user(u)
	})
	return c
}

// draft is a fresh user of the connection.
func (s *shell) draft(conn store.Connection, email string) (store.User, error) {
	clean, ok := identity.CleanEmail(email)
	if !ok {
		return store.User{}, fmt.Errorf("--email: %q is not an e-mail address", email)
	}
	return store.User{Connection: conn.Name, Email: clean, Profile: identity.FreshProfile(clean)}, nil
}

// hash checks a password against the connection's policy and makes its hash.
func (s *shell) hash(ctx context.Context, conn store.Connection, u store.User, password string) (string, error) {
	if r := identity.Check(conn.Settings, password, u); !r.OK() {
		return "", weakness(r)
	}
	return s.hasher.Hash(ctx, password)
}

func newUserList(f *adminFlags) *cobra.Command {
	var after string
	var limit int
	c := &cobra.Command{
		Use:   "list",
		Short: "List users by user_id",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			if limit < 1 || limit > 10000 {
				return usage(c, "--limit is between 1 and 10000")
			}
			all, err := s.db.Users(ctx, after, limit)
			if err != nil {
				return err
			}
			views, rows := make([]userView, len(all)), make([][]string, len(all))
			for i, u := range all {
				views[i] = viewUser(u)
				rows[i] = []string{u.ID, orText(u.Email, orText(u.Username, "-")), yes(u.Blocked), orText(when(u.LastLogin), "never"), u.Profile.Name}
			}
			if err := s.many(views, "USER_ID EMAIL BLOCKED LAST_LOGIN NAME", rows); err != nil {
				return err
			}
			if len(all) == limit {
				s.note("There may be more: --after '%s'", all[limit-1].ID)
			}
			return nil
		}),
	}
	c.Flags().StringVar(&after, "after", "", "start after this `user_id`")
	c.Flags().IntVar(&limit, "limit", 100, "at most this `number`")
	return c
}

func newUserUpdate(f *adminFlags) *cobra.Command {
	var email string
	c := &cobra.Command{
		Use:   "update USER",
		Short: "Change a user's profile; what is not named stays",
		Args:  oneArgument(userArgument),
	}
	c.Flags().StringVar(&email, "email", "", "new e-mail `address`, unverified unless --verified says so")
	profileFlags(c)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
		if err := something(c); err != nil {
			return err
		}
		u, err := s.admin.UpdateUser(ctx, args[0], "Update a user", func(u *store.User) error {
			if c.Flags().Changed("email") {
				clean, ok := identity.CleanEmail(email)
				if !ok {
					return fmt.Errorf("--email: %q is not an e-mail address", email)
				}
				u.Profile.EmailVerified = u.Profile.EmailVerified && clean == u.Email
				u.Email = clean
			}
			patchProfile(c, &u.Profile)
			return nil
		})
		if err != nil {
			return err
		}
		return s.user(u)
	})
	return c
}

func newUserBlock(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "block USER",
		Short: "Let a user sign in no more, nor refresh tokens",
		Args:  oneArgument(userArgument),
		RunE:  f.userVerb((*management.Admin).BlockUser),
	}
}

func newUserUnblock(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "unblock USER",
		Short: "Let a user sign in again, whether blocked by hand or by failed logins",
		Args:  oneArgument(userArgument),
		RunE:  f.userVerb((*management.Admin).UnblockUser),
	}
}

func (f *adminFlags) userVerb(do func(*management.Admin, context.Context, string) (store.User, error)) func(*cobra.Command, []string) error {
	return f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
		u, err := do(s.admin, ctx, args[0])
		if err != nil {
			return err
		}
		return s.user(u)
	})
}

func newUserSetPassword(f *adminFlags) *cobra.Command {
	var secret secretFlags
	c := &cobra.Command{
		Use:   "set-password USER",
		Short: "Set a user's password and sign them out everywhere",
		Args:  oneArgument(userArgument),
	}
	secret.add(c, false)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
		password, _, err := secret.read(c, s.in)
		if err != nil {
			return err
		}
		if password == "" {
			return usage(c, "--password-stdin or --password-file is required")
		}
		u, err := management.FindUser(ctx, s.db.Queries, args[0])
		if err != nil {
			return err
		}
		conn, err := management.FindConnection(ctx, s.db.Queries, u.Connection)
		if err != nil {
			return err
		}
		hash, err := s.hash(ctx, conn, u, password)
		if err != nil {
			return err
		}
		if u, err = s.admin.SetPassword(ctx, u.ID, hash); err != nil {
			return err
		}
		return s.done(u.ID, "Set the password of %s. Their sessions and refresh tokens have ended.", u.ID)
	})
	return c
}

func newUserRevoke(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke USER",
		Short: "End all sessions and refresh tokens of a user",
		Args:  oneArgument(userArgument),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			sessions, tokens, err := s.admin.SignOut(ctx, args[0])
			if err != nil {
				return err
			}
			return s.one(map[string]int64{"sessions": sessions, "refresh_tokens": tokens},
				fact{"ended sessions", fmt.Sprint(sessions)}, fact{"revoked refresh tokens", fmt.Sprint(tokens)})
		}),
	}
}

func newUserDelete(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "delete USER",
		Short: "Remove a user with their sessions and grants",
		Args:  oneArgument(userArgument),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			if err := s.admin.DeleteUser(ctx, args[0]); err != nil {
				return err
			}
			return s.done(args[0], "Deleted the user %s.", args[0])
		}),
	}
}
