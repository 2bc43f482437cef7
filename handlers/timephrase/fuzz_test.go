package timephrase

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzZones are zones with clock changes of an hour, of half an hour, at midnight, and without any.
var fuzzZones = []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Shanghai", "UTC"}

// FuzzParse types anything at any time in several zones, and holds every instant that comes out to be
// read from all the words, whatever their case and the spaces around them, and to read back.
func FuzzParse(f *testing.F) {
	for _, line := range allPhrases(f) {
		at, err := time.Parse(time.RFC3339, line.Now)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line.Phrase, at.Unix(), uint8(0))
	}
	f.Fuzz(func(t *testing.T, phrase string, unix int64, zone uint8) {
		location, err := time.LoadLocation(fuzzZones[int(zone)%len(fuzzZones)])
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(unix%(1<<33), 0)
		reading, err := Parse(phrase, now, location, Limits{})
		sameWhenShouted(t, phrase, now, location, reading, err)
		if err != nil {
			if err.Error() == "" || !utf8.ValidString(err.Error()) {
				t.Fatalf("%q is refused with %q", phrase, err)
			}
			return
		}
		if !reading.Time.After(now) {
			t.Fatalf("%q at %s is read as %s, which has passed", phrase, now, reading.Time)
		}
		readsBack(t, reading, now)
		noWordIsSkipped(t, phrase, now, location)
	})
}

func readsBack(t *testing.T, reading Reading, now time.Time) {
	t.Helper()
	again, err := Parse(reading.Text, now, time.UTC, Limits{})
	if err != nil || !again.Time.Equal(reading.Time) {
		t.Fatalf("%s is written %q, which is read as %s, %v", reading.Time, reading.Text, again.Time, err)
	}
}

// sameWhenShouted types the phrase in capitals and with spaces around.
func sameWhenShouted(t *testing.T, phrase string, now time.Time, zone *time.Location, want Reading, wantErr error) {
	t.Helper()
	capitals := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, phrase)
	for _, other := range []string{capitals, " " + phrase, "\t" + phrase + "  "} {
		if utf8.RuneCountInString(other) > maxRunes {
			continue
		}
		got, err := Parse(other, now, zone, Limits{})
		if (err == nil) != (wantErr == nil) || !got.Time.Equal(want.Time) {
			t.Fatalf("%q is read as %s, %v, and %q as %s, %v", phrase, want.Time, wantErr, other, got.Time, err)
		}
	}
}

// noWordIsSkipped puts a word without a meaning into each gap of a phrase that was read.
func noWordIsSkipped(t *testing.T, phrase string, now time.Time, zone *time.Location) {
	t.Helper()
	words := strings.Fields(phrase)
	for gap := range len(words) + 1 {
		with := append(append(append([]string{}, words[:gap]...), "xyzzy"), words[gap:]...)
		if got, err := Parse(strings.Join(with, " "), now, zone, Limits{}); err == nil {
			t.Fatalf("%q is read as %s", strings.Join(with, " "), got.Time)
		}
	}
}
