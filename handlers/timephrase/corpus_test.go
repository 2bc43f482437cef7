package timephrase

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"
)

// corpusLine is a phrase with its right answer: an instant, "reject" or "ambiguous".
type corpusLine struct {
	ID, Phrase, Now, TZ, Expect, Class string
	Accept                             []string
	Tol                                float64 // seconds
}

// corpora are the files of phrases, with the least share of each class that must be right.
var corpora = map[string]map[string]float64{
	"testdata/open.jsonl":    {"core": 1, "extended": 1, "trap": 1},
	"testdata/open-zh.jsonl": {"core": 1, "extended": 0.95, "trap": 1},
	"testdata/slack.jsonl":   {"core": 1, "extended": 1, "trap": 1},
}

// corpus reads a file of phrases.
func corpus(t testing.TB, name string) []corpusLine {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []corpusLine
	for lines := json.NewDecoder(bufio.NewReader(file)); lines.More(); {
		var line corpusLine
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if len(all) < 100 {
		t.Fatalf("%s has only %d phrases", name, len(all))
	}
	return all
}

// allPhrases are those of each corpus.
func allPhrases(t testing.TB) (all []corpusLine) {
	t.Helper()
	for name := range corpora {
		all = append(all, corpus(t, name)...)
	}
	return all
}

// typed parses a phrase as somebody in a zone at an instant.
func typed(t testing.TB, phrase, now, zone string) (Reading, *Error) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := Parse(phrase, at, location, Limits{Min: 24 * time.Hour})
	var refusal *Error
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("%q: the error is a %T", phrase, err)
	}
	return reading, refusal
}

// right tells whether an instant is one of the right answers. Under 24 hours ahead none is.
func (c corpusLine) right(at time.Time) bool {
	return slices.ContainsFunc(append([]string{c.Expect}, c.Accept...), func(want string) bool {
		instant, err := time.Parse(time.RFC3339, want)
		return err == nil && at.Sub(instant).Abs().Seconds() <= c.Tol
	})
}

// TestCorpus holds the reading to the corpora, without any instant that is not right.
func TestCorpus(t *testing.T) {
	for name, atLeast := range corpora {
		total, right := map[string]int{}, map[string]int{}
		for _, line := range corpus(t, name) {
			total[line.Class]++
			if line.answered(t) {
				right[line.Class]++
			}
		}
		for class, least := range atLeast {
			if share := float64(right[class]) / float64(total[class]); share < least {
				t.Errorf("%s, %s: %d of %d are right", name, class, right[class], total[class])
			}
		}
	}
}

// answered tells whether the answer is a right one. A wrong instant is an error.
func (c corpusLine) answered(t *testing.T) bool {
	t.Helper()
	reading, refusal := typed(t, c.Phrase, c.Now, c.TZ)
	switch {
	case refusal == nil && c.right(reading.Time):
		return true
	case refusal == nil:
		t.Errorf("%s %q at %s in %s is read as %s, and not as %s", c.ID, c.Phrase, c.Now, c.TZ, reading.Time, c.Expect)
		return false
	case c.Class == "trap":
		return true
	}
	t.Logf("%s %q is refused: %v", c.ID, c.Phrase, refusal)
	kind := "reject"
	if refusal.Kind == Ambiguous {
		kind = "ambiguous"
	}
	return slices.Contains(c.Accept, kind)
}
