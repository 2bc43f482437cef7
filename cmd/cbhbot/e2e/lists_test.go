package e2e

import (
	"fmt"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestAListIsTurnedInPlace: no second list stands below the first, and what a card is
// known of leads there.
func TestAListIsTurnedInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	w.presses(rita, w.card("in 3 days at 2am"), "Withdraw")
	w.sees(rita, "*Withdrawn*")
	first.stop()
	w.copies(45)
	w.start()

	w.types(rita, "list all")
	list := w.sees(rita, "Requests 1 to 20 of 45")
	for _, turn := range []struct{ button, shows string }{
		{"Next", "Requests 21 to 40 of 45"}, {"Next", "Requests 41 to 45 of 45"}, {"Previous", "Requests 21 to 40 of 45"}, {"Next", "Requests 41 to 45 of 45"},
	} {
		w.presses(rita, list, turn.button)
		w.until(turn.shows, func() bool { return strings.Contains(w.shown(rita, list).Text, turn.shows) })
		if turn.shows == "Requests 41 to 45 of 45" && w.shown(rita, list).Action("Next").Exists() {
			t.Error("there is a page behind the last one")
		}
	}
	lists := 0
	for _, m := range w.answered(rita) {
		if strings.Contains(m.Text, "of 45") {
			lists++
		}
	}
	if content := fmt.Sprint(w.shown(rita, list).Blocks); lists != 1 || strings.Count(content, "/archives/"+slackemu.ChannelOps+"/p") != 1 {
		t.Errorf("%d lists, the last page: %s", lists, content)
	}
}

// TestAMovedUpgradeIsListedAsReplaced, and not as one that was given up.
func TestAMovedUpgradeIsListedAsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Scheduled.*")
	w.types(rita, "reschedule CBH-1 in 4 days at 2am")
	w.presses(ana, w.sees(ana, "CBH-2 waiting for approval"), "Approve")
	w.sees(rita, "*The old time is cancelled:*")
	w.types(rita, "history bastion-prod")
	w.answers(rita, "replaced by CBH-2")
	w.types(rita, "status CBH-1")
	w.answers(rita, "*replaced by CBH-2*")
}
