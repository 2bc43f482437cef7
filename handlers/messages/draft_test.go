package messages

import (
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
)

// TestWhatIsPickedAgainOfAMove is its move as long as the cloud holds the old time, and an
// upgrade when the move has failed half-way.
func TestWhatIsPickedAgainOfAMove(t *testing.T) {
	t.Parallel()
	r := &approvals.Request{Action: approvals.Upgrade, Of: approvals.Ref{Request: 7}, Items: make([]approvals.Item, 1)}
	if d := ViewOf(r, 0).again(); d.Verb != "reschedule" || d.Request != 7 {
		t.Errorf("of one that still stands: %+v", d)
	}
	r.Items[0].FreedAt = sampleNow
	if d := ViewOf(r, 0).again(); d.Verb != "upgrade" || d.Request != 0 {
		t.Errorf("of one that is cancelled: %+v", d)
	}
}

// TestABatchIsAskedForAgainWithoutWhatWasTakenOut, with its distances, and in a button.
func TestABatchIsAskedForAgainWithoutWhatWasTakenOut(t *testing.T) {
	t.Parallel()
	r := undecided(batch)
	r.Items[0].End = approvals.EndTakenOut
	if draft := askedAgain(r); draft.Verb != "upgrade" || draft.Instance != "default/c7277d80, default/c7277d81" || draft.Stagger != 3600 || draft.Reason != r.Reason {
		t.Errorf("%+v", draft)
	}
	r.Reason = strings.Repeat("\\", LongestReason)
	for range 7 {
		another := r.Items[1]
		another.Target.ServerID = strings.Repeat("s", 120)
		r.Items = append(r.Items, another)
	}
	if draft := askedAgain(r); draft.Length() > LongestValue || strings.Count(draft.Instance, ",") != 8 {
		t.Errorf("%d characters: %+v", draft.Length(), draft)
	}
	r.Items = r.Items[:2]
	if draft := askedAgain(r); draft.Instance != "default/c7277d80" || draft.Stagger != 0 {
		t.Errorf("of one that is left: %+v", draft)
	}
	r.Of.Request = 7
	if draft := askedAgain(r); draft.Verb != "reschedule" || draft.Request != 7 {
		t.Errorf("of a move: %+v", draft)
	}
}

// TestAButtonSaysWhichOfTwoTimesItMeans that clocks show twice.
func TestAButtonSaysWhichOfTwoTimesItMeans(t *testing.T) {
	t.Parallel()
	v := Voice{Language: Languages[0], Zone: ZoneOf("Europe/Berlin"), Now: sampleNow}
	for utc, want := range map[int]string{-1: "Sun 25 Oct 01:00", 0: "Sun 25 Oct 02:00 +02:00", 1: "Sun 25 Oct 02:00 +01:00", 2: "Sun 25 Oct 03:00"} {
		if got := v.plain(short(time.Date(2026, 10, 25, utc, 0, 0, 0, time.UTC))); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
