package approvals

import (
	"slices"
	"testing"
	"time"
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
	asked, decided := upgradeAsked(1), approved(t, 1)
	for _, kind := range NoticeKinds {
		if live := (Notice{Kind: kind}).Live(); live != (kind == NoticeCalled || kind == NoticeDirect) || (Notice{Kind: kind, To: "R"}).Live() != (kind == NoticeDirect) {
			t.Errorf("%s is changed in place: %v", kind, live)
		}
		if kind == NoticeHeadsUp {
			continue
		}
		if asked.PastNotice(Notice{Kind: kind}) {
			t.Errorf("%s is past while people are asked", kind)
		}
		if got := decided.PastNotice(Notice{Kind: kind}); got != slices.Contains(asks, kind) {
			t.Errorf("%s is past after the decision: %v", kind, got)
		}
	}
	comes, headsUp := after(t, called(t, 1, Accepted), noon, Look{Observation: planned}), Notice{Kind: NoticeHeadsUp}
	runs := after(t, comes, noon.Add(ahead), Look{Observation: busy})
	if comes.PastNotice(headsUp) || !runs.PastNotice(headsUp) {
		t.Error("people are told that an upgrade comes, until it runs")
	}
}

// TestWhoAskedLearnsThatItWasApproved also where nothing comes of the call for a while.
func TestWhoAskedLearnsThatItWasApproved(t *testing.T) {
	late := noon.Add(wordAfter)
	at := func(r *Request, now time.Time) string {
		shown := *r
		shown.Notices = r.NoticesAt(now)
		return told(shown)
	}
	again := after(t, upgradeAsked(1), noon, yes("A"), Lapse{Strike: []string{"A"}, Quorum: needs(1, "A", "B")}, yes("B"))
	for name, c := range map[string]struct {
		request Request
		now     time.Time
		want    string
	}{
		"the call may follow at once": {approved(t, 1), late.Add(-1), ""},
		"it does not":                 {approved(t, 1), late, "approved"},
		"it is under way":             {claimed(t, 1), late, "approved"},
		"one of a batch is under way": {claimed(t, 2), late, "approved"},
		"it never left":               {called(t, 1, NotSent), late, "not_sent"},
		"it was accepted":             {called(t, 1, Accepted), late, "called"},
		"one of a batch was accepted": {called(t, 2, Accepted), late, "called"},
		"it is held":                  {after(t, approved(t, 1), noon, Hold{}), late, "clock"},
		"it is held for a group":      {after(t, approved(t, 1), noon, Hold{Group: true}), late, "no_group"},
		"nobody has approved yet":     {upgradeAsked(1), late, ""},
		"the old upgrade is gone":     {freed(t), late, "cancel_accepted, freed"},
		"one was taken out":           {after(t, approved(t, 2), noon, TakeOut{By: person("R"), Item: 1}), late, "taken_out#1, approved"},
		"approved anew":               {again, late, "lapsed 1, approved 1"},
		"approved anew, and not sent again": {after(t, called(t, 1, NotSent), noon, Lapse{Strike: []string{"A"}, Quorum: needs(1, "A", "B")}, yes("B"),
			Claim{}, answer(2, NotSent)), late, "not_sent, lapsed 1, not_sent 1"},
		"it was unclear, and is called again": {after(t, absent(t, called(t, 1, Unclear), 60, 62), settled.Add(time.Minute), Claim{}), settled.Add(time.Hour), "unclear 1"},
		"nobody had to":                       {Request{State: Approved, Alone: true, Items: []Item{{State: Waiting}}}, late, ""},
		"an emergency, after one of two":      {after(t, upgradeAsked(1), noon, two("A"), BreakGlass{By: person("E"), Reason: "fire"}), late, "emergency"},
		"to whom does not see a thread":       {unseen(approved(t, 1)), late, "approved, approved R"},
	} {
		before := len(c.request.Notices)
		if got := at(&c.request, c.now); got != c.want || len(c.request.Notices) != before {
			t.Errorf("%s: told %s, not %s", name, got, c.want)
		}
	}
}
