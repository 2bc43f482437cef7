// Package timephrase reads the times people type ("sunday 2am", "dec 1 02:00 UTC", "in 36 hours")
// and answers with one instant, or with an error that says what to type instead.
//
// The contract is that no answer is a guess: every word of the phrase must belong to the time, and a day
// and a clock time are both needed unless the phrase is a pure duration. Parse is a pure function of its
// arguments: it reads no clock, no environment and not the machine's own time zone.
package timephrase

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxRunes = 200

// Limits bounds how far ahead of now an instant may lie, in elapsed time. Zero is not checked.
type Limits struct{ Min, Max time.Duration }

// Reading is a phrase understood.
type Reading struct {
	Time time.Time
	Zone *time.Location
	Text string
}

// Kind says why a phrase was refused.
type Kind string

// The kinds of errors.
const (
	Empty       Kind = "empty"
	Invalid     Kind = "invalid"
	Past        Kind = "past"
	TooSoon     Kind = "too_soon"
	TooFar      Kind = "too_far"
	Ambiguous   Kind = "ambiguous"
	Nonexistent Kind = "nonexistent"
)

// Candidate is an instant a phrase may mean, and why.
type Candidate struct {
	Time time.Time
	Why  string
}

// Error is a phrase that was not taken.
type Error struct {
	Kind       Kind
	Part       string
	Candidates []Candidate
	text       string
}

func (e *Error) Error() string { return e.text }

func refuse(kind Kind, part, format string, args ...any) *Error {
	return &Error{Kind: kind, Part: part, text: fmt.Sprintf(format, args...)}
}

const example = "Type a day and a time, for example \"sunday 2am\" or \"2026-12-01 02:00\"."

func nothing() *Error { return refuse(Empty, "", "There is no time in that. %s", example) }

func unreadable(part string) *Error {
	if len(part) > 60 {
		part = ""
	}
	return refuse(Invalid, part, "I cannot read %q as a time. %s", part, example)
}

// Parse reads a phrase typed at now by a person in zone. The error is always an *Error.
func Parse(phrase string, now time.Time, zone *time.Location, limits Limits) (Reading, error) {
	if zone == nil {
		zone = time.UTC
	}
	at, in, err := read(phrase, now, zone)
	if err == nil {
		err = within(at, now, limits)
	}
	if err != nil {
		return Reading{}, err
	}
	return Reading{Time: at, Zone: in, Text: at.Format("Monday 2 January 2006 at 15:04") + " (" + in.String() + ")"}, nil
}

func within(at, now time.Time, limits Limits) *Error {
	ahead := at.Sub(now)
	switch {
	case ahead <= 0:
		return refuse(Past, "", "That time has passed. %s", example)
	case ahead < limits.Min:
		earliest := now.Add(limits.Min).Add(5*time.Minute - 1).Truncate(5 * time.Minute)
		e := refuse(TooSoon, "", "That is too soon: it must be more than %s ahead.", limits.Min)
		e.Candidates = []Candidate{{Time: earliest.In(at.Location()), Why: "the earliest possible time"}}
		return e
	case limits.Max > 0 && ahead > limits.Max:
		return refuse(TooFar, "", "That is too far ahead: at most %d days are possible.", int(limits.Max.Hours()/24))
	}
	return nil
}

var (
	iso      = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)[t ] ?(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)? ?(z|utc|gmt|[+-]\d\d:?\d\d)?$`)
	clocks   = regexp.MustCompile(`(?:^|[ ,@])(?:(\d{1,2})(?::(\d\d))? ?(am|pm|a\.m\.|p\.m\.)|(\d{1,2}):(\d\d)|(noon))(?:[ ,.]|$)`)
	weekday  = regexp.MustCompile(`(?:^|[ ,])(sunday|monday|tuesday|wednesday|thursday|friday|saturday|sun|mon|tues?|wed|thu(?:rs?)?|fri|sat)(?:[ ,]|$)`)
	monthDay = regexp.MustCompile(`(?:^|[ ,])(?:(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]* (\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)? (?:of )?(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*)(?:,? (\d{4}))?(?:[ ,]|$)`)
	ymd      = regexp.MustCompile(`(?:^|[ ,])(\d{4})-(\d\d)-(\d\d)(?:[ ,]|$)`)
	tomorrow = regexp.MustCompile(`(?:^|[ ,])(day after tomorrow|tomorrow)(?:[ ,]|$)`)
	elapsed  = regexp.MustCompile(`^in (\d{1,4}) ?(hours?|days?|weeks?)$`)
	zones    = regexp.MustCompile(`(?:^| )(utc|gmt|z|[+-]\d\d:\d\d|[a-z]+/[a-z_/]+)$`)
	fillers  = regexp.MustCompile(`^(?:[ ,@]|\bon\b|\bat\b|\bthe\b)*$`)
)

func read(phrase string, now time.Time, zone *time.Location) (time.Time, *time.Location, *Error) {
	if utf8.RuneCountInString(phrase) > maxRunes {
		return time.Time{}, nil, refuse(Invalid, "", "That is too long for a time. %s", example)
	}
	clean, err := normalise(phrase)
	if err != nil {
		return time.Time{}, nil, err
	}
	text := strings.Join(strings.Fields(strings.ToLower(clean)), " ")
	if m := elapsed.FindStringSubmatch(text); m != nil {
		return duration(m, now.In(zone)), zone, nil
	}
	if m := iso.FindStringSubmatch(text); m != nil {
		return isoTime(m, zone)
	}
	return parts(text, clean, now, zone)
}

func duration(m []string, now time.Time) time.Time {
	n, _ := strconv.Atoi(m[1])
	switch m[2][0] {
	case 'h':
		return now.Add(time.Duration(n) * time.Hour).Truncate(time.Second)
	case 'w':
		n *= 7
	}
	return now.AddDate(0, 0, n).Truncate(time.Second)
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func isoTime(m []string, zone *time.Location) (time.Time, *time.Location, *Error) {
	if m[7] != "" {
		zone = namedZone(m[7])
	}
	if zone == nil {
		return time.Time{}, nil, unreadable(m[7])
	}
	at, err := wall(number(m[1]), time.Month(number(m[2])), number(m[3]), number(m[4]), number(m[5]), number(m[6]), zone)
	return at, zone, err
}

func namedZone(name string) *time.Location {
	switch name {
	case "z", "utc", "gmt":
		return time.UTC
	}
	if t, err := time.Parse("-07:00", strings.ReplaceAll(name, "z", "")); err == nil {
		_, offset := t.Zone()
		return time.FixedZone(name, offset)
	}
	if t, err := time.Parse("-0700", name); err == nil {
		_, offset := t.Zone()
		return time.FixedZone(name, offset)
	}
	words := strings.Split(name, "/")
	for i, w := range words {
		for _, part := range strings.Split(w, "_") {
			if part == "" {
				return nil
			}
		}
		pieces := strings.Split(w, "_")
		for j := range pieces {
			pieces[j] = strings.ToUpper(pieces[j][:1]) + pieces[j][1:]
		}
		words[i] = strings.Join(pieces, "_")
	}
	zone, err := time.LoadLocation(strings.Join(words, "/"))
	if err != nil {
		return nil
	}
	return zone
}

// wall is a wall clock time in a zone: it must exist, and only once.
func wall(y int, mo time.Month, d, h, mi, s int, zone *time.Location) (time.Time, *Error) {
	at := time.Date(y, mo, d, h, mi, s, 0, zone)
	if at.Year() != y || at.Month() != mo || at.Day() != d || at.Hour() != h || at.Minute() != mi || at.Second() != s {
		return at, refuse(Nonexistent, "", "There is no such date and time in %s. %s", zone, example)
	}
	for _, shift := range []time.Duration{-time.Hour, time.Hour, -30 * time.Minute, 30 * time.Minute} {
		if other := at.Add(shift); other.Format("15:04 2") == at.Format("15:04 2") {
			e := refuse(Ambiguous, "", "That time happens twice in %s, because the clocks go back. Which one do you mean?", zone)
			e.Candidates = []Candidate{{Time: at}, {Time: other}}
			return at, e
		}
	}
	return at, nil
}

// take cuts the one match of a pattern out of the text. ok is false when there is none; more than one is
// left in the text, where it is not understood.
func take(text string, pattern *regexp.Regexp) (rest string, groups []string, ok bool) {
	at := pattern.FindStringSubmatchIndex(text)
	if at == nil {
		return text, nil, false
	}
	return text[:at[0]] + " " + text[at[1]:], pattern.FindStringSubmatch(text), true
}

func parts(text, clean string, now time.Time, zone *time.Location) (time.Time, *time.Location, *Error) {
	rest, m, ok := take(text, zones)
	if ok {
		if zone = namedZone(m[1]); zone == nil {
			return time.Time{}, nil, unreadable(m[1])
		}
	}
	day, rest, kind := date(rest, now.In(zone))
	rest, m, clocked := take(rest, clocks)
	if left := strings.TrimSpace(rest); !fillers.MatchString(rest) {
		return time.Time{}, nil, unreadable(left)
	}
	if kind == "" || !clocked {
		return time.Time{}, nil, refuse(Ambiguous, "", "I need both a day and a time of day. %s", example)
	}
	hour, minute, err := clockOf(m)
	if err != nil {
		return time.Time{}, nil, err
	}
	at, err := wall(day.Year(), day.Month(), day.Day(), hour, minute, 0, zone)
	if err == nil && kind == "weekday" && !at.After(now) {
		at, err = wall(day.Year(), day.Month(), day.Day()+7, hour, minute, 0, zone)
	}
	if err == nil && kind == "year" && !at.After(now) {
		at, err = wall(day.Year()+1, day.Month(), day.Day(), hour, minute, 0, zone)
	}
	return at, zone, err
}

func date(text string, now time.Time) (day time.Time, rest, kind string) {
	if rest, m, ok := take(text, ymd); ok {
		return time.Date(number(m[1]), time.Month(number(m[2])), number(m[3]), 0, 0, 0, 0, time.UTC), rest, "date"
	}
	if rest, m, ok := take(text, monthDay); ok {
		name, number_, year := m[1]+m[4], m[2]+m[3], now.Year()
		kind := "year"
		if m[5] != "" {
			year, kind = number(m[5]), "date"
		}
		day := time.Date(year, months[name], number(number_), 0, 0, 0, 0, time.UTC)
		if day.Day() != number(number_) {
			return day, text, ""
		}
		return day, rest, kind
	}
	if rest, m, ok := take(text, tomorrow); ok {
		n := map[string]int{"tomorrow": 1, "day after tomorrow": 2}[m[1]]
		return now.AddDate(0, 0, n), rest, "date"
	}
	if rest, m, ok := take(text, weekday); ok {
		ahead := (int(weekdays[m[1]]) - int(now.Weekday()) + 7) % 7
		return now.AddDate(0, 0, ahead), rest, "weekday"
	}
	return now, text, ""
}

func clockOf(m []string) (hour, minute int, err *Error) {
	switch {
	case m[6] != "":
		return 12, 0, nil
	case m[3] == "":
		hour, minute = number(m[4]), number(m[5])
	default:
		hour, minute = number(m[1]), number(m[2])
		if hour < 1 || hour > 12 {
			return 0, 0, unreadable(strings.TrimSpace(m[0]))
		}
		hour %= 12
		if m[3][0] == 'p' {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 {
		return 0, 0, unreadable(strings.TrimSpace(m[0]))
	}
	return hour, minute, nil
}

// Describe says how far away an instant is: "in 5 days".
func Describe(t, now time.Time) string {
	d := t.Sub(now)
	n, unit := int(d.Hours()/24), "day"
	switch {
	case d < 0:
		return "in the past"
	case d < time.Hour:
		n, unit = int(d.Minutes()), "minute"
	case d < 48*time.Hour:
		n, unit = int(d.Hours()), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("in %d %s", n, unit)
}
