package messages

import (
	"testing"

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
