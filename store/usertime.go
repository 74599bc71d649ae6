package store

import (
	"strconv"
	"time"
)

// day is in milliseconds.
const day = int64(24 * time.Hour / time.Millisecond)

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// readInstant reads a date or a time of a search; without a zone it is UTC.
func readInstant(s string) (any, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UnixMilli(), nil
		}
	}
	return nil, ErrField
}

// readInstantEnd is the last millisecond that a date or a time means.
func readInstantEnd(s string) (any, error) {
	v, err := readInstant(s)
	if n, ok := v.(int64); ok && isDate(s) {
		return n + day - 1, err
	}
	return v, err
}

func readNumber(s string) (any, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, ErrField
	}
	return n, nil
}
