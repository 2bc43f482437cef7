package approvals

import (
	"slices"
	"testing"
)

// TestANoticesKeyTellsItFromAllOthers goes over all kinds, items, numbers and
// places that a request can have.
func TestANoticesKeyTellsItFromAllOthers(t *testing.T) {
	seen := map[string]Notice{}
	for _, kind := range NoticeKinds {
		for item := range 12 {
			for n := range 12 {
				for _, to := range []string{"", "U1", "CSEC", "C1"} {
					notice := Notice{Kind: kind, Item: item, N: n, To: to}
					if other, taken := seen[notice.Key()]; taken {
						t.Fatalf("%+v and %+v are both %q", notice, other, notice.Key())
					}
					seen[notice.Key()] = notice
				}
			}
		}
	}
}

func TestANoticeIsAskedForOnce(t *testing.T) {
	r := upgradeAsked(2)
	for range 2 {
		r.tell(0, NoticeClock)
		r.tell(1, NoticeClock)
		r.AskDirectly([]string{"A", "A"})
	}
	if told(r) != "clock, clock#1, direct A" {
		t.Errorf("told %s", told(r))
	}
}

func TestWhatIsNotAskedForAnyMore(t *testing.T) {
	asks := []NoticeKind{NoticeReminder, NoticeDirect}
	for _, kind := range NoticeKinds {
		if live := (Notice{Kind: kind}).Live(); live != (kind == NoticeCalled) || (Notice{Kind: kind, To: "R"}).Live() {
			t.Errorf("%s is changed in place: %v", kind, live)
		}
		if kind == NoticeHeadsUp {
			continue
		}
		if upgradeAsked(1).PastNotice(Notice{Kind: kind}) {
			t.Errorf("%s is past while people are asked", kind)
		}
		if got := approved(t, 1).PastNotice(Notice{Kind: kind}); got != slices.Contains(asks, kind) {
			t.Errorf("%s is past after the decision: %v", kind, got)
		}
	}
	comes, headsUp := after(t, called(t, 1, Accepted), noon, Look{Observation: planned}), Notice{Kind: NoticeHeadsUp}
	if comes.PastNotice(headsUp) || !after(t, comes, noon.Add(ahead), Look{Observation: busy}).PastNotice(headsUp) {
		t.Error("people are told that an upgrade comes, until it runs")
	}
}
