package timephrase

import (
	"strings"
	"time"
)

// zone is where a wall clock hangs. strict tells that its offset must be in force in the location at the
// time: "CEST" is no time of day in winter.
type zone struct {
	location *time.Location
	offset   time.Duration
	strict   bool
	why      string
}

// zones is the readings of the zone that the phrase names, else none.
func (d *draft) zones() []zone {
	if d.offset != nil {
		return []zone{*d.offset}
	}
	return d.named
}

func utcZone(d *draft, _ captured) *Error {
	d.offset = &zone{location: time.UTC}
	return nil
}

// offsetZone is SIGN HOURS [MINUTES], as in "+08:00" and "UTC+8".
func offsetZone(d *draft, c captured) *Error {
	minutes := 0
	if len(c) > 2 {
		minutes = c[2].n
	}
	return d.setOffset(c[0], c[1].n, minutes)
}

// basicOffset is SIGN HHMM.
func basicOffset(d *draft, c captured) *Error { return d.setOffset(c[0], c[1].n/100, c[1].n%100) }

// bareOffset is an offset without "UTC". After "-" it may also be the end of a range: only a date or a
// clock time in full tells.
func bareOffset(d *draft, c captured) *Error {
	if refusal := offsetZone(d, c); refusal != nil {
		return refusal
	}
	d.dashed = c[0].text == "-"
	return nil
}

func (d *draft) setOffset(sign token, hours, minutes int) *Error {
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if sign.text == "-" {
		offset = -offset
	}
	if minutes > 59 || offset < -12*time.Hour || offset > 14*time.Hour {
		return refuse(Invalid, d.text[offsetPart], "No place has the offset %q: they go from -12:00 to +14:00.", d.text[offsetPart])
	}
	d.offset = &zone{location: fixedZone(offset)}
	return nil
}

// fixedZone is a zone of one offset, with a name that reads back: "UTC+08:00".
func fixedZone(offset time.Duration) *time.Location {
	if offset == 0 {
		return time.UTC
	}
	return time.FixedZone("UTC"+offsetText(offset), int(offset/time.Second))
}

func offsetText(offset time.Duration) string {
	return time.Time{}.In(time.FixedZone("", int(offset/time.Second))).Format("-07:00")
}

// ianaZone is a name of the IANA database, in any case.
func ianaZone(d *draft, c captured) *Error {
	location, err := time.LoadLocation(ianaName(c[0].text))
	if err != nil {
		return refuse(Invalid, c[0].text, "I know no time zone %q. Type one like Europe/Berlin, or UTC.", c[0].text)
	}
	d.named = []zone{{location: location}}
	return nil
}

// ianaName writes a name the way the database does: "america/port-au-prince" is America/Port-au-Prince.
func ianaName(lower string) string {
	var b strings.Builder
	for lower != "" {
		end := strings.IndexAny(lower, "/_-")
		if end < 0 {
			end = len(lower)
		}
		b.WriteString(ianaPiece(lower[:end]))
		b.WriteString(lower[end:min(end+1, len(lower))])
		lower = lower[min(end+1, len(lower)):]
	}
	return b.String()
}

func ianaPiece(piece string) string {
	if odd, ok := ianaPieces[piece]; ok || piece == "" {
		return odd
	}
	return strings.ToUpper(piece[:1]) + piece[1:]
}

// ownZone is "local time", which is the asker's.
func ownZone(d *draft, _ captured) *Error {
	d.named = []zone{{location: d.zone}}
	return nil
}

// abbreviatedZone is "CET" and its like. One that is used in several places is asked about.
func abbreviatedZone(d *draft, c captured) *Error {
	meanings := abbreviations[c[0].text]
	for _, m := range meanings {
		location, err := time.LoadLocation(m.location)
		if err != nil {
			return refuse(Invalid, c[0].text, "I have no data for the time zone %q. Type an offset like +02:00.", c[0].text)
		}
		d.named = append(d.named, zone{location, m.offset, true, m.location})
	}
	if len(meanings) > 1 {
		d.ask("%q is the name of several time zones. Type one like Europe/London, or an offset like +01:00.", strings.ToUpper(c[0].text))
	}
	return nil
}

// settleDash asks about "sunday 02:00 -05:00", where the offset may be the end of a range. An ISO date or
// a clock time with seconds is no way to begin a range.
func (d *draft) settleDash() *Error {
	if !d.dashed || d.calendar || d.clock.seconds {
		return nil
	}
	return doubtful(d.text[offsetPart], "%q may be a time zone or the end of a range. Type a zone like UTC%s.", d.text[offsetPart], d.text[offsetPart])
}
