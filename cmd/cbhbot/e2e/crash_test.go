package e2e

import (
	"flag"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// These tests end the program in the middle of each step between a command and
// its result, and let another process go on. The step is held from outside: the
// first process talks to Redis through a proxy that stops one write, or waits
// for an answer of Slack or the cloud that never comes.

var crashAll = flag.Bool("crash.all", false, "end the program in each window in both ways, with either token; else each window in either way, and with either token")

// scene is a world whose first process can be held.
type scene struct {
	*world
	proxy  *redistest.Proxy
	card   *slackemu.Shown // once it is there
	unread bool            // nobody finds out what was sent at the kill
	twice  bool            // a second card is posted
	given  bool            // the approval: whoever gave it is not to be asked again
	moves  bool            // the request is the move of another, which the cloud holds
}

const asking = "upgrade bastion-prod in 3 days at 2am -- security fixes"

// Commands as they are on the wire: the one that reserves a card's posting, and
// the one that notes its timestamp.
var (
	granting = []string{"\r\ncard\r\n$5\r\nC0OPS\r\n"}
	storing  = []string{"\r\ncard\r\n", "\r\ndrawn\r\n"}
)

// never makes a call of Slack hang until the process is gone.
func never(method string, times int) slackemu.Faults {
	return slackemu.Faults{Methods: map[string]slackemu.MethodFault{method: {Times: times, Delay: time.Hour, Drop: true}}}
}

// windows are the moments. Each function brings the first process to its moment
// and returns when it is there.
var windows = map[string]func(*scene){
	"acked, not handled": func(s *scene) {
		silent := never("*", 0) // neither is anybody known nor told
		silent.Methods["response_url"] = silent.Methods["*"]
		s.slack.SetFaults(silent)
		s.types(rita, asking)
	},
	"handled, not committed": func(s *scene) {
		s.holding(func() { s.types(rita, asking) }, `"verb":"ask"`)
	},
	"committed, card not posted": func(s *scene) {
		s.holding(func() { s.types(rita, asking) }, granting...)
	},
	"card posted, its timestamp not stored": func(s *scene) {
		s.holding(func() { s.asks() }, storing...)
	},
	"pressed, not committed": func(s *scene) {
		s.asks()
		s.holding(func() { s.approves() }, `"verb":"approve"`)
	},
	"approved, not called": func(s *scene) {
		s.asks()
		s.holding(func() { s.approves() }, `"verb":"claim"`)
	},
	"called, the answer under way": func(s *scene) {
		s.asks()
		// The cloud carries the call out when the caller has hung up.
		s.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Hour)})
		s.approves()
		s.until("the call to begin", func() bool { return s.stage() == approvals.Executing })
	},
	"called, the answer not stored": func(s *scene) {
		s.asks()
		s.holding(func() { s.approves() }, `"verb":"finish"`)
	},
	"stored, the card not updated": func(s *scene) {
		s.asks()
		s.slack.SetFaults(never("chat.update", 0))
		s.approves()
		s.untilRequest(1, "the read-back to be stored", func(r *approvals.Request) bool { return !r.Items[0].Progress.VerifiedAt.IsZero() })
	},
	moving + "nothing called":                      func(s *scene) { s.moving(`"verb":"claim"`) },
	moving + "cancelled, the answer not stored":    func(s *scene) { s.moving(`"verb":"finish"`) },
	moving + "cancelled, not taken over":           func(s *scene) { s.moving(`"verb":"take over"`) },
	moving + "called again, the answer not stored": func(s *scene) { s.moving(`"verb":"finish"`, `"attempt":2`) },
	"a retry due, nobody alive": func(s *scene) {
		s.asks()
		s.untilReadsAreOlderThan(2 * time.Second) // no call may rely on them
		s.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Times: -1})
		s.approves()
		s.sees(rita, "does not answer, or not as it should")
	},
}

// moving begins the names of the windows of a move.
const moving = "moving, "

// moving has the cloud hold an upgrade, and then somebody's approval of its move end in
// what never arrives.
func (s *scene) moving(words ...string) {
	s.asks()
	s.approves()
	s.untilRequest(1, "the upgrade to be read back", func(r *approvals.Request) bool { return !r.Items[0].Progress.VerifiedAt.IsZero() })
	s.types(rita, "reschedule bastion-prod in 4 days at 2am -- the release slipped")
	s.card, s.moves = s.sees(ana, "Move the upgrade of bastion-prod"), true
	s.holding(s.approves, words...)
}

// asks has Rita ask for an upgrade, and takes the card.
func (s *scene) asks() { s.card = s.world.card("in 3 days at 2am") }

func (s *scene) approves() {
	s.t.Helper()
	s.presses(ana, s.card, "Approve")
	s.given = true
}

// untilReadsAreOlderThan waits until what was last read of the cloud is as old.
func (w *world) untilReadsAreOlderThan(age time.Duration) {
	w.t.Helper()
	await(w.t, "what was read to be old", func() bool {
		reads := w.cloud.Requests(cbhemu.OpList)
		return time.Since(reads[len(reads)-1].At) > age
	})
}

// holding does something whose write to Redis, recognised by the words, never
// arrives.
func (s *scene) holding(do func(), words ...string) {
	s.t.Helper()
	held := s.proxy.Stop(words...)
	do()
	select {
	case <-held:
	case <-time.After(patience):
		s.t.Fatalf("nothing with %q was written\n%s", words, s.transcript())
	}
}

// stage is where the one request stands; "" while there is none.
func (s *scene) stage() approvals.State {
	if r := s.request(1); len(r.Items) > 0 {
		return r.Stage(0)
	}
	return ""
}

// ends are the ways a process ends.
var ends = map[string]func(*process) time.Duration{
	"SIGKILL": func(p *process) time.Duration { p.kill(); return 0 },
	"SIGTERM": (*process).stop,
}

// grants are what the token may do: what the manifest asks for, with all that is
// optional and with nothing of it.
var grants = map[string][]string{"all": slackemu.DefaultScopes(), "required": slackemu.RequiredScopes()}

// unfound is the moment after which the card cannot be found without an optional
// scope, so that there are two.
const unfound = "card posted, its timestamp not stored"

func TestEachCrashWindowIsClosed(t *testing.T) {
	t.Parallel()
	closed := map[string]func(*testing.T){}
	for granted, scopes := range grants {
		for moment, reach := range windows {
			for way, end := range ends {
				if !*crashAll && !unlike(moment, way, granted) {
					continue
				}
				closed[moment+"/"+way+"/"+granted] = func(t *testing.T) {
					w := newClockedWorld(t, cbhemu.Options{}, slackemu.Options{Scopes: scopes})
					s := &scene{world: w}
					s.unread = granted == "required" && way == "SIGKILL"
					s.twice = s.unread && moment == unfound // at a SIGTERM it is stored after all
					s.crash(reach, end)
					s.finish()
				}
			}
		}
	}
	together(t, 8, closed)
}

// unlike reports whether a way through a window is unlike the others: only where a card
// is to be found does it matter what the token may, and a move goes through the same
// commits as a request. A SIGTERM lets what is under way come to its end.
func unlike(moment, way, granted string) bool {
	if strings.HasPrefix(moment, moving) {
		return way == "SIGKILL" && granted == "required"
	}
	return moment == unfound || (way == "SIGKILL") == (granted == "all")
}

// crash ends the first process at its moment and starts another.
func (s *scene) crash(reach func(*scene), end func(*process) time.Duration) {
	s.t.Helper()
	first, proxy := s.startBehind()
	s.proxy = proxy
	reach(s)
	within := 15 * time.Second
	if *crashAll { // so many processes begin at once that this one waits long for the processor
		within = time.Minute
	}
	if took := end(first); took > within {
		s.t.Errorf("stopping took %s", took)
	}
	s.slack.SetFaults(slackemu.Faults{})
	s.cloud.ClearFaults()
	s.start()
	if s.twice {
		s.oldestOfTwoCards()
		s.card = s.sees(ana, "waiting for approval") // the latest
	}
}

// finish brings the request to its end and counts what must be there once.
func (s *scene) finish() {
	s.t.Helper()
	if s.card == nil {
		s.card = s.sees(ana, "waiting for approval")
	}
	if !s.given {
		s.approves()
	}
	requests := 1
	if s.moves {
		requests = 2
		s.sees(rita, "*The old time is cancelled:*")
	}
	s.until("all to be scheduled", func() bool { return s.count("*Scheduled.*") == requests })
	s.until("the card to show it", func() bool {
		m := s.shown(ana, s.card)
		return strings.Contains(m.Text, "scheduled") && !m.Action("Approve").Exists()
	})
	if n := len(s.cloud.Requests(cbhemu.OpUpgrade)); n != requests {
		s.t.Errorf("%d POSTs", n)
	}
	cards := 0
	for _, m := range s.slack.Messages(slackemu.ChannelOps) {
		if strings.HasPrefix(m.Text, "CBH-") && m.ThreadTS == "" && m.EphemeralFor == "" {
			cards++
		}
	}
	if want := map[bool]int{false: requests, true: 2}[s.twice]; cards != want {
		s.t.Errorf("%d cards\n%s", cards, s.transcript())
	}
	if s.moves {
		s.moved()
	}
}

// moved counts what a move leaves behind it. It tells both threads while it goes on, so
// that a kill at one commit may meet a notice that is just being sent: where nobody can
// read whether it arrived, it is sent again (deploy/docs/using.md).
func (s *scene) moved() {
	s.t.Helper()
	s.untilRequest(1, "the old upgrade to be over", func(r *approvals.Request) bool { return r.Stage(0) == approvals.Cancelled })
	for _, words := range []string{"*The old time is cancelled:*", "*Moved.*"} {
		s.sees(rita, words)
		if n := s.count(words); n != 1 && !(s.unread && n == 2) {
			s.t.Errorf("%d times %s\n%s", n, words, s.transcript())
		}
	}
	cancels := len(s.cloud.Requests(cbhemu.OpCancel))
	if at := s.cloud.Instance("bastion-prod").UpgradeTime; cancels != 1 || !at.Equal(s.request(2).At) {
		s.t.Errorf("%d cancels; the cloud holds it for %s", cancels, at)
	}
}

// count counts the messages with these words.
func (s *scene) count(words string) (n int) {
	for _, m := range s.slack.Messages(slackemu.ChannelOps) {
		if strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

// One process that is started again takes its own work up: what was acked is
// worked on within three seconds of its death. It is tried again where a machine stood still.
func TestAckedWorkIsTakenUpSoonAfterAKill(t *testing.T) {
	t.Parallel()
	atBest(t, 3*time.Second, takenUpAfter)
}

// takenUpAfter is how long after a kill acked work is done by the process that is started again.
func takenUpAfter(t *testing.T) time.Duration {
	t.Helper()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	w.slack.SetFaults(never("users.info", 1))
	w.types(rita, asking)
	w.untilBegun("inbox:commands")
	first.kill()
	killed := time.Now()
	w.slack.SetFaults(slackemu.Faults{})
	w.start()
	w.sees(ana, "waiting for approval")
	return time.Since(killed)
}

// newCopiedCard is a scene in which the card was posted twice, and the first of both.
func newCopiedCard(t *testing.T) (*scene, *slackemu.Shown) {
	t.Helper()
	s := &scene{world: newClockedWorld(t, cbhemu.Options{}, slackemu.Options{Scopes: slackemu.RequiredScopes()}), twice: true}
	s.crash(windows[unfound], ends["SIGKILL"])
	return s, s.oldestOfTwoCards()
}

// Without a scope that reads the channel, nobody can tell that the card is there: a
// second one is posted. Whoever presses a button of the first is told, the press
// counts, and that message leads to the card.
func TestASecondCardLeadsToTheCard(t *testing.T) {
	t.Parallel()
	s, copied := newCopiedCard(t)
	before := s.shown(bo, copied) // as somebody has it in front of them who is slow
	s.presses(rita, copied, "Approve")
	s.sees(rita, "You asked for this yourself")
	s.until("the copy to lead to the card", func() bool {
		m := s.shown(ana, copied)
		return !m.Action("Approve").Exists() && strings.Contains(m.Text, "posted twice") && strings.Contains(m.Text, "p"+strings.ReplaceAll(s.card.TS, ".", ""))
	})
	if m := s.shown(ana, s.card); !m.Action("Approve").Exists() {
		t.Errorf("the card has lost its buttons: %s", m.Text)
	}
	s.insists("a press on what is not there any more", before.Action("Deny").Click)
	if told := s.reads(bo, "second copy of the card"); !s.private(bo, told) {
		t.Errorf("%+v", told)
	}
	s.presses(ana, s.card, "Approve")
	s.sees(rita, "*Scheduled.*")
	if n := s.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

// The press itself counts.
func TestAPressOnASecondCardCounts(t *testing.T) {
	t.Parallel()
	s, copied := newCopiedCard(t)
	s.presses(ana, copied, "Approve")
	s.sees(rita, "*Scheduled.*")
	s.reads(ana, "second copy of the card")
	if m := s.shown(ana, copied); m.Action("Approve").Exists() || s.posts() != 1 {
		t.Errorf("%d POSTs; the copy says %s", s.posts(), m.Text)
	}
}

// oldestOfTwoCards waits for a second card, and returns the first.
func (w *world) oldestOfTwoCards() *slackemu.Shown {
	w.t.Helper()
	var cards []*slackemu.Shown
	w.until("a second card", func() bool {
		cards = nil
		for _, m := range w.slack.As(ana).Sees(slackemu.ChannelOps) {
			if strings.HasPrefix(m.Text, "CBH-") && m.ThreadTS == "" {
				cards = append(cards, m)
			}
		}
		return len(cards) == 2
	})
	if cards[1].TS < cards[0].TS {
		return cards[1]
	}
	return cards[0]
}
