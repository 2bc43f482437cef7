package timephrase

import "time"

// isUnix tells seconds or milliseconds since 1970, of ten or thirteen figures.
func isUnix(t token) bool { return t.figures(10, 10) || t.figures(13, 13) }

func unixTime(d *draft, c captured) *Error {
	seconds := c[0].n
	if c[0].digits == 13 {
		seconds /= 1000
	}
	d.instant = time.Unix(int64(seconds), 0)
	return nil
}

// slackDate is Slack's own way of writing an instant.
func slackInstant(d *draft, c captured) *Error {
	if c[0].n < 0 {
		return unreadable(d.text[instantPart])
	}
	d.instant = time.Unix(int64(c[0].n), 0)
	return nil
}
