package attack

import (
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// accountCases are about guessing who has an account, and their password. They come last: a victim ends up blocked.
func accountCases() []attempt {
	return []attempt{
		{"enumeration", "by the text and the status of a failed sign-in", "CVE-2020-1717", func(r *run) error {
			if err := r.needs(r.Native, true); err != nil {
				return err
			}
			known, err := r.fail(r.Username)
			if err != nil {
				return err
			}
			unknown, err := r.fail(stranger())
			if err != nil {
				return err
			}
			if known.status != unknown.status || bare(known.body) != bare(unknown.body) {
				return works("the pages differ: %d and %d", known.status, unknown.status)
			}
			return nil
		}},
		{"enumeration", "by the time of a failed sign-in", "CVE-2023-3597", (*run).timing},
		{"brute force", "stopped, whatever the spelling and the headers", "CVE-2023-6544", (*run).guess},
	}
}

func stranger() string { return "nobody-" + strings.ToLower(rand.Text()) + "@example.com" }

// fail signs in with a wrong password.
func (r *run) fail(username string) (answer, error) {
	b := r.browser()
	page, err := b.open(r.authorizeURL(r.Native))
	if err != nil {
		return page, err
	}
	return b.submit(page, username, "wrong-"+rand.Text())
}

// varying is what differs between any two pages: sealed states, nonces, ids and what was typed.
var varying = regexp.MustCompile(`(state|nonce|value)="[^"]*"|nonce-[^'" ]*|tx_[A-Z2-7]+|[?&]state=[^"&]*|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|[A-Za-z0-9_-]{40,}`)

func bare(page string) string { return varying.ReplaceAllString(page, "") }

// timing compares the times of known and unknown names, taken in turn. They tell apart only where nearly all of one are
// longer than nearly all of the other: a busy machine must not look like a leak.
func (r *run) timing() error {
	if err := r.needs(r.Native, true); err != nil {
		return err
	}
	const rounds = 7 // with the case before, below the usual ten failures that block an account
	var known, unknown []time.Duration
	for range rounds {
		for _, one := range []struct {
			name string
			into *[]time.Duration
		}{{r.Username, &known}, {stranger(), &unknown}} {
			begun := time.Now()
			a, err := r.fail(one.name)
			if err != nil {
				return err
			}
			if a.status == 429 {
				return absent("the sign-ins are throttled before they can be compared")
			}
			*one.into = append(*one.into, time.Since(begun))
		}
	}
	if _, _, err := r.login(r.Native); err != nil { // which lets the failures be forgotten
		return err
	}
	slices.Sort(known)
	slices.Sort(unknown)
	low, high := known, unknown
	if known[rounds/2] > unknown[rounds/2] {
		low, high = unknown, known
	}
	if low[rounds-2] < high[1] && high[rounds/2] > 2*low[rounds/2] {
		return works("names that exist take %s, others %s", known[rounds/2], unknown[rounds/2])
	}
	return nil
}

// maxGuesses is more than any provider should allow on one account.
const maxGuesses = 60

// guess tries passwords on the victim under many spellings; a stop must come, and must hold for all of them.
func (r *run) guess() error {
	if err := r.needs(r.Native, false); err != nil {
		return err
	}
	if r.Victim == "" {
		return absent("the target was given without a user who may be blocked")
	}
	spellings := []string{r.Victim, strings.ToUpper(r.Victim), " " + r.Victim, r.Victim + " ", strings.ToUpper(r.Victim[:1]) + r.Victim[1:]}
	for n := range maxGuesses {
		a, err := r.fail(spellings[n%len(spellings)])
		if err != nil {
			return err
		}
		if a.status == 429 || strings.Contains(a.body, "blocked") || strings.Contains(a.body, "locked") || strings.Contains(a.body, "Too many") {
			for _, s := range spellings {
				if a, err = r.fail(s); err != nil {
					return err
				}
				if a.status != 429 && !strings.Contains(a.body, "blocked") && !strings.Contains(a.body, "locked") && !strings.Contains(a.body, "Too many") {
					return works("the spelling %q goes on", s)
				}
			}
			return nil
		}
	}
	return errors.New("60 wrong passwords on one account were not stopped")
}
