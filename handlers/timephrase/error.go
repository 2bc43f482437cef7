package timephrase

import (
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
	why  []saying
}

// Error is a phrase that was not taken. Its text is one or two sentences for the person who typed it.
type Error struct {
	Kind       Kind
	Part       string // the words concerned, as typed; "" when it is the whole phrase
	Candidates []Candidate
	Language   Language // of its text
	saying     saying
}

func (e *Error) Error() string { return e.saying.in(e.Language) }

// in puts the error into words of a language.
func (e *Error) in(l Language) *Error {
	e.Language = l
	for i, c := range e.Candidates {
		var whys []string
		for _, why := range c.why {
			whys = append(whys, why.in(l))
		}
		e.Candidates[i].Why = strings.Join(whys, sentence{", ", "，"}[l])
	}
	return e
}

// longestPart is how many bytes of a phrase an error quotes.
const longestPart = 60

func refuse(kind Kind, part string, s sentence, args ...any) *Error {
	return &Error{Kind: kind, Part: part, saying: saying{s, args}}
}

func unreadable(part string) *Error {
	part = shortened(part)
	return refuse(Invalid, part, noPart, part)
}

func shortened(part string) string {
	if len(part) > longestPart {
		return strings.ToValidUTF8(part[:longestPart], "") + "…"
	}
	return part
}

// doubtful asks about a phrase that has more than one reading.
func doubtful(part string, s sentence, args ...any) *Error {
	return refuse(Ambiguous, part, s, args...)
}
