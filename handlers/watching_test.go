package handlers

import (
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/client/cbhemu"
)

// TestWatchingAThousandInstances counts the list calls for 50 upgrades that are
// approved, called and read back at the same time.
func TestWatchingAThousandInstances(t *testing.T) {
	const watched = 50
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(1000))
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
	// A machine that is busy takes longer, and a list is as good as it is fresh.
	most := max(watched/2, int(time.Since(start)/(200*time.Millisecond)))
	if n := d.listCalls(approvals.DefaultProject) - before; n > most {
		t.Errorf("%d list calls for %d upgrades", n, watched)
	}
	if n := len(d.clouds[approvals.DefaultProject].Requests(cbhemu.OpUpgrade)); n != watched {
		t.Errorf("%d upgrade calls", n)
	}
}
