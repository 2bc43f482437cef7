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
	Why  []Remark  // may be none
}

// Error is a phrase that was not taken.
type Error struct {
	Kind       Kind
	Part       string // the words concerned, as typed; "" when it is the whole phrase
	Candidates []Candidate
	Remark     Remark
	Since      Since // as that of a Reading, where there are candidates
	Chinese    bool  // the phrase is
}

// Error is for logs: people are told by their own words.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s %q", e.Kind, e.Remark.Point, e.Part) }

// longestPart is how many bytes of a phrase an error quotes.
const longestPart = 60

func refuse(kind Kind, part string, r Remark) *Error {
	return &Error{Kind: kind, Part: part, Remark: r}
}

// invalid refuses words of a phrase.
func invalid(part string, p Point) *Error {
	return refuse(Invalid, part, Remark{Point: p, Words: part})
}

func unreadable(part string) *Error { return invalid(shortened(part), NotATime) }

func shortened(part string) string {
	if len(part) > longestPart {
		return strings.ToValidUTF8(part[:longestPart], "") + "…"
	}
	return part
}

// doubtful asks about words that have more than one reading.
func doubtful(part string, p Point) *Error {
	return refuse(Ambiguous, part, Remark{Point: p, Words: part})
}

// lacking asks about a phrase in which something is missing, or too much.
func lacking(p Point, words string) *Error {
	return refuse(Ambiguous, "", Remark{Point: p, Words: words})
}
