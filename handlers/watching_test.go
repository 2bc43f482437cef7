package handlers

import (
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/client/cbhemu"
)

// TestWatchingManyInstances counts the list calls for 50 upgrades that are
// approved, called and read back at the same time. A list of more of them would take a busy
// machine longer to read than it may be old when a call is made.
func TestWatchingManyInstances(t *testing.T) {
	const watched = 50
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(watched))
	d.openRequestsFor(watched)
	before := d.listCalls(approvals.DefaultProject)
	d.run()
	start := time.Now()
	for id := int64(1); id <= watched; id++ {
		d.approves(id)
	}
	for id := int64(1); id <= watched; id++ {
		d.until("a read back", func() bool { return !d.load(id).Items[0].Progress.VerifiedAt.IsZero() })
	}
	// A machine that is busy takes longer, and a list is as good as it is fresh: ten are read in a second.
	most := max(watched/2, int(time.Since(start)/(100*time.Millisecond)))
	if n := d.listCalls(approvals.DefaultProject) - before; n > most {
		t.Errorf("%d list calls for %d upgrades", n, watched)
	}
	if n := len(d.clouds[approvals.DefaultProject].Requests(cbhemu.OpUpgrade)); n != watched {
		t.Errorf("%d upgrade calls", n)
	}
}
