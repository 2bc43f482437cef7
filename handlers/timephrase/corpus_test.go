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

// corpus reads testdata/open.jsonl.
func corpus(t testing.TB) []corpusLine {
	t.Helper()
	file, err := os.Open("testdata/open.jsonl")
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
	if len(all) < 200 {
		t.Fatalf("the corpus has only %d phrases", len(all))
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
func (c corpusLine) right(t testing.TB, at time.Time) bool {
	return slices.ContainsFunc(append([]string{c.Expect}, c.Accept...), func(want string) bool {
		instant, err := time.Parse(time.RFC3339, want)
		return err == nil && at.Sub(instant).Abs().Seconds() <= c.Tol
	})
}

// TestCorpus holds the reading to the corpus, without any instant that is not right.
func TestCorpus(t *testing.T) {
	total, right := map[string]int{}, map[string]int{}
	for _, line := range corpus(t) {
		reading, refusal := typed(t, line.Phrase, line.Now, line.TZ)
		total[line.Class]++
		asked := refusal != nil && refusal.Kind == Ambiguous && slices.Contains(line.Accept, "ambiguous")
		refused := refusal != nil && refusal.Kind != Ambiguous && slices.Contains(line.Accept, "reject")
		switch {
		case refusal == nil && line.right(t, reading.Time), refusal != nil && line.Class == "trap", asked, refused:
			right[line.Class]++
		case refusal == nil:
			t.Errorf("%s %q at %s in %s is read as %s, and not as %s", line.ID, line.Phrase, line.Now, line.TZ, reading.Text, line.Expect)
		default:
			t.Logf("%s %q is refused: %v", line.ID, line.Phrase, refusal)
		}
	}
	for class, least := range map[string]float64{"core": 1, "extended": 0.9, "trap": 1} {
		if share := float64(right[class]) / float64(total[class]); share < least {
			t.Errorf("%s: %d of %d are right", class, right[class], total[class])
		}
	}
}
