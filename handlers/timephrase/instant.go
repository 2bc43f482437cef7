package timephrase

import (
	"strconv"
	"time"
)

// isUnix tells seconds or milliseconds since 1970, of ten or thirteen figures. "2026112902" is rather a date and an hour.
func isUnix(t token) bool { return t.figures(10, 10) && !isDateAndHour(t.n) || t.figures(13, 13) }

func isDateAndHour(n int) bool {
	_, err := time.Parse("2006010215", strconv.Itoa(n))
	return err == nil
}

// unixTime is an instant in such figures, or in Slack's own way of writing it. Bare figures that are in
// the past, or nearly so, are some other number.
func unixTime(d *draft, c captured) *Error {
	if c[0].n < 0 {
		return unreadable(d.text[instantPart])
	}
	d.instant = time.Unix(int64(c[0].n), 0)
	if c[0].digits == 13 {
		d.instant = time.UnixMilli(int64(c[0].n))
	}
	if c[0].kind == number && d.instant.Before(d.now.Add(day)) {
		return unreadable(d.text[instantPart])
	}
	return nil
}
