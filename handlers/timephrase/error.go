package timephrase

import (
	"fmt"
	"strings"
	"time"
)

// Kind says why a phrase was not taken.
type Kind string

// The kinds of errors.
const (
	Empty       Kind = "empty"
	Invalid     Kind = "invalid"     // not understood: Part holds the words that were not
	Past        Kind = "past"        //
	TooSoon     Kind = "too_soon"    // Candidates holds the earliest possible time
	TooFar      Kind = "too_far"     //
	Ambiguous   Kind = "ambiguous"   // Candidates holds the instants it may mean, none when something is missing
	Nonexistent Kind = "nonexistent" // the clocks skip it: Candidates holds the nearest instants that exist
)

// Candidate is an instant a phrase may mean, and why.
type Candidate struct {
	Time time.Time // in the zone the phrase was read in
	Why  string    // a few words without a full stop: "the coming Sunday"; may be empty
}

// Error is a phrase that was not taken. Its text is one or two sentences for the person who typed it.
type Error struct {
	Kind       Kind
	Part       string // the words concerned, as typed; "" when it is the whole phrase
	Candidates []Candidate
	text       string
}

func (e *Error) Error() string { return e.text }

const example = `Type a day and a time, for example "sunday 2am" or "2026-12-01 02:00".`

// longestPart is how many bytes of a phrase an error quotes.
const longestPart = 60

func refuse(kind Kind, part, format string, args ...any) *Error {
	return &Error{Kind: kind, Part: part, text: fmt.Sprintf(format, args...)}
}

func nothing() *Error { return refuse(Empty, "", "There is no time in that. %s", example) }

func tooLong() *Error {
	return refuse(Invalid, "", "That is too long for a time: more than %d characters. %s", maxRunes, example)
}

func unreadable(part string) *Error {
	if len(part) > longestPart {
		part = strings.ToValidUTF8(part[:longestPart], "") + "…"
	}
	return refuse(Invalid, part, "I cannot read %q as part of a time. %s", part, example)
}

// doubtful asks about a phrase that has more than one reading.
func doubtful(part, format string, args ...any) *Error {
	return refuse(Ambiguous, part, format, args...)
}
