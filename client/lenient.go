package client

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// text is a JSON value read as a string, whatever it is: the cloud's own list
// example has numbers, a boolean and a single space where its schema says string.
// Objects, arrays and null are read as "".
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	var s string
	switch {
	case len(data) == 0 || data[0] == '{' || data[0] == '[' || string(data) == "null":
	case data[0] == '"':
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	default:
		s = string(data)
	}
	*t = text(strings.TrimSpace(s))
	return nil
}

// yes reads a switch: true, "true", 1.
func (t text) yes() bool {
	on, _ := strconv.ParseBool(strings.ToLower(string(t)))
	return on
}

// number reads a count; 0 for what is none.
func (t text) number() int {
	n, err := strconv.ParseFloat(string(t), 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// oldestMillis tells milliseconds from seconds: as milliseconds it is March
// 1973, as seconds it is the year 5138.
const oldestMillis = 1e11

// dates are tried in this order, the cloud's own first.
var dates = []string{time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700"}

// instant reads a moment: a timestamp in milliseconds (or seconds), RFC 3339, or
// the cloud's "2023-08-17 12:05:02.0", which is UTC. Zero means none.
func (t text) instant() time.Time {
	switch {
	case t == "":
		return time.Time{}
	case len(t) < len("2006-") || t[4] != '-':
		n, _ := strconv.ParseFloat(string(t), 64)
		return timestamp(n)
	}
	for _, layout := range dates {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// strange reports whether a moment is told that cannot be read. A number is none that
// stands for no moment, and so is a date of zeros.
func (t text) strange() bool {
	_, err := strconv.ParseFloat(string(t), 64)
	return err != nil && strings.ContainsAny(string(t), "123456789") && t.instant().IsZero()
}

func timestamp(n float64) time.Time {
	switch {
	case !(n > 0) || n > math.MaxInt64/1e6:
		return time.Time{}
	case n < oldestMillis:
		return time.Unix(int64(n), 0).UTC()
	}
	return time.UnixMilli(int64(n)).UTC()
}

// group is a JSON object that may be absent: null, a string or a list in its
// place leaves it empty.
type group[T any] struct{ fields T }

func (g *group[T]) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, &g.fields)
}
