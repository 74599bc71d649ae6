package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// ms stores a time as UTC milliseconds, the zero time as NULL.
func ms(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// msInto reads what ms wrote.
type msInto struct{ t *time.Time }

func (d msInto) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d.t = time.Time{}
	case int64:
		*d.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("store: a time cannot be read from %T", src)
	}
	return nil
}

// doc stores a value as a JSON document. It fails only for a value that JSON cannot hold, which is a fault of ours.
func doc(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error())
	}
	return string(b)
}

// docInto reads what doc wrote.
type docInto struct{ v any }

func (d docInto) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), d.v)
	case []byte:
		return json.Unmarshal(v, d.v)
	}
	return fmt.Errorf("store: a document cannot be read from %T", src)
}

// null stores the empty string as NULL.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// nullInto reads NULL as the empty string.
type nullInto struct{ s *string }

func (d nullInto) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d.s = ""
	case string:
		*d.s = v
	case []byte:
		*d.s = string(v)
	default:
		return fmt.Errorf("store: a text cannot be read from %T", src)
	}
	return nil
}
