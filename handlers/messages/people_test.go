package messages

import (
	"slices"
	"testing"

	"cbhbot/approvals"
)

// TestStillNeededNamesWhoIsLeft: whoever has approved is not asked again, unless their
// approval does not count and there is nobody else to ask.
func TestStillNeededNamesWhoIsLeft(t *testing.T) {
	t.Parallel()
	r := pending()
	r.Missing, r.Decisions = needed(1), []approvals.Decision{yes(ana)}
	for _, want := range [][]string{{"U0BO"}, {"U0ANA", "U0BO"}} {
		if got := stillNeeded(r)[0].From.Users; !slices.Equal(got, want) {
			t.Errorf("after %d approvals: %v, not %v", len(r.Decisions), got, want)
		}
		r.Decisions = append(r.Decisions, yes(bo))
	}
	if !slices.Equal(anaAndBo.Users, []string{"U0ANA", "U0BO"}) {
		t.Error("the record's own set was changed")
	}
}
