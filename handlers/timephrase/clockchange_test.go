package timephrase

import (
	"testing"
	"time"
)

// TestClockChanges types local times around clock changes: by an hour, by half an hour, by two, at
// midnight, and where a whole day was left out.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		zone, now, phrase string
		kind              Kind     // "" when it is read
		instants          []string // the one that is read, or the candidates
	}{
		// Clocks go from 02:00 to 03:00 on 28 March 2027, and back on 31 October.
		{"Europe/Berlin", "2027-03-22T12:00:00Z", "sunday 01:59", "", []string{"2027-03-28T00:59:00Z"}},
		{"Europe/Berlin", "2027-03-22T12:00:00Z", "sunday 02:30", Nonexistent, []string{"2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z"}},
		{"Europe/Berlin", "2027-03-22T12:00:00Z", "sunday 03:00", "", []string{"2027-03-28T01:00:00Z"}},
		{"Europe/Berlin", "2027-10-25T12:00:00Z", "sunday 02:30", Ambiguous, []string{"2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"}},
		{"Europe/Berlin", "2027-10-25T12:00:00Z", "sunday 02:30 CEST", "", []string{"2027-10-31T00:30:00Z"}},
		{"Europe/Berlin", "2027-10-25T12:00:00Z", "sunday 02:30 +01:00", "", []string{"2027-10-31T01:30:00Z"}},
		{"Europe/Berlin", "2027-10-25T12:00:00Z", "sunday 03:00", "", []string{"2027-10-31T02:00:00Z"}},
		{"Europe/Berlin", "2027-03-27T10:00:00Z", "in 2 days", "", []string{"2027-03-29T09:00:00Z"}},
		{"Europe/Berlin", "2027-03-27T10:00:00Z", "in 48 hours", "", []string{"2027-03-29T10:00:00Z"}},
		{"Europe/Berlin", "2027-03-27T01:30:00Z", "in 1 day", Nonexistent, []string{"2027-03-28T01:30:00Z"}}, // the other is 23 hours ahead
		{"Europe/Berlin", "2027-03-27T10:00:00Z", "sunday 02:30", TooSoon, []string{"2027-03-28T10:10:00Z"}},
		{"Europe/Berlin", "2027-03-27T01:30:00Z", "in 1 day 12 hours", Nonexistent, []string{"2027-03-28T12:30:00Z", "2027-03-28T13:30:00Z"}},
		// 14 March and 7 November 2027.
		{"America/New_York", "2027-03-08T12:00:00Z", "sunday 2:30am", Nonexistent, []string{"2027-03-14T06:30:00Z", "2027-03-14T07:30:00Z"}},
		{"America/New_York", "2027-11-01T12:00:00Z", "sunday 1:30am", Ambiguous, []string{"2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"}},
		{"America/New_York", "2027-11-01T12:00:00Z", "sunday 1:30am EST", "", []string{"2027-11-07T06:30:00Z"}},
		{"America/New_York", "2027-11-01T12:00:00Z", "sunday 2am", "", []string{"2027-11-07T07:00:00Z"}},
		// Half an hour: back from 02:00 to 01:30 on 4 April 2027, on from 02:00 to 02:30 on 3 October.
		{"Australia/Lord_Howe", "2027-03-30T00:00:00Z", "sunday 1:29am", "", []string{"2027-04-03T14:29:00Z"}},
		{"Australia/Lord_Howe", "2027-03-30T00:00:00Z", "sunday 1:45am", Ambiguous, []string{"2027-04-03T14:45:00Z", "2027-04-03T15:15:00Z"}},
		{"Australia/Lord_Howe", "2027-03-30T00:00:00Z", "sunday 2am", "", []string{"2027-04-03T15:30:00Z"}},
		{"Australia/Lord_Howe", "2027-09-28T00:00:00Z", "sunday 2:15am", Nonexistent, []string{"2027-10-02T15:15:00Z", "2027-10-02T15:45:00Z"}},
		{"Australia/Lord_Howe", "2027-09-28T00:00:00Z", "sunday 2:30am", "", []string{"2027-10-02T15:30:00Z"}},
		// At midnight: on 14 March 2027 the day begins at 01:00, on 7 November 00:30 comes twice.
		{"America/Havana", "2027-03-08T12:00:00Z", "sunday 00:30", Nonexistent, []string{"2027-03-14T04:30:00Z", "2027-03-14T05:30:00Z"}},
		{"America/Havana", "2027-03-08T12:00:00Z", "sunday 1am", "", []string{"2027-03-14T05:00:00Z"}},
		{"America/Havana", "2027-11-01T12:00:00Z", "sunday 00:30", Ambiguous, []string{"2027-11-07T04:30:00Z", "2027-11-07T05:30:00Z"}},
		// Two hours: from 01:00 to 03:00 on 28 March 2027.
		{"Antarctica/Troll", "2027-03-22T12:00:00Z", "sunday 01:30", Nonexistent, []string{"2027-03-27T23:30:00Z", "2027-03-28T01:30:00Z"}},
		{"Antarctica/Troll", "2027-03-22T12:00:00Z", "sunday 03:30", "", []string{"2027-03-28T01:30:00Z"}},
		// Friday 30 December 2011 was left out.
		{"Pacific/Apia", "2011-12-26T12:00:00Z", "friday 2am", Nonexistent, []string{"2011-12-29T12:00:00Z", "2011-12-30T12:00:00Z"}},
		{"Pacific/Apia", "2011-12-26T12:00:00Z", "saturday 2am", "", []string{"2011-12-30T12:00:00Z"}},
		// No clock changes.
		{"Asia/Shanghai", "2027-03-22T12:00:00Z", "sunday 02:30", "", []string{"2027-03-27T18:30:00Z"}},
	} {
		t.Run(c.zone+" "+c.phrase, func(t *testing.T) {
			reading, refusal := typed(t, c.phrase, c.now, c.zone)
			kind, got := Kind(""), []Candidate{{Time: reading.Time}}
			if refusal != nil {
				kind, got = refusal.Kind, refusal.Candidates
			}
			if kind != c.kind || !sameInstants(got, c.instants) {
				t.Errorf("%q at %s is %q %v, %v", c.phrase, c.now, kind, got, refusal)
			}
			if kind == Nonexistent && (len(got) > 1 && got[0].Why[0].Point != BeforePutForward || got[len(got)-1].Why[0].Point != AfterPutForward) {
				t.Errorf("%q: the two are said to be %v and %v", c.phrase, got[0].Why, got[1].Why)
			}
		})
	}
}

func sameInstants(got []Candidate, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i, c := range got {
		if c.Time.UTC().Format(time.RFC3339) != want[i] {
			return false
		}
	}
	return true
}
