package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
)

// tale is what people do, in a channel and with a bastion of its own, and what the bot
// has posted there for it when its upgrade is over: of each message the kind, and who was
// called by it.
type tale struct {
	name string
	fate cbhemu.Fate // of the upgrade; "": it goes well
	play func(*stage)
	ends []string
}

var tales = []tale{
	{"mention", "", (*stage).mention, []string{"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "succeeded Rita"}},
	{"form", "", (*stage).form, []string{"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "succeeded Rita"}},
	{"shortcut", "", (*stage).shortcut, []string{"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "succeeded Rita"}},
	{"home", "", (*stage).home, []string{"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "succeeded Rita"}},
	{"direct", "", (*stage).direct, nil},
	{"alone", "", (*stage).alone, []string{
		"card Ana Bo", "called", "heads_up 2", "running", "succeeded", // where she cannot see them
		"called to Rita Rita", "heads_up 2 to Rita", "running to Rita Rita", "succeeded to Rita Rita",
	}},
	{"deny", "", (*stage).deny, []string{"card Ana Bo Rita", "denied Rita"}},
	{"reschedule", "", (*stage).reschedule, []string{"card Ana Bo Rita", "rescheduled 2 Ana Bo", "called Rita", "heads_up 2", "running Rita", "succeeded Rita"}},
	{"move", "", (*stage).move, []string{
		"card Ana Bo Rita", "called Rita", "cancelled Rita",
		"card Ana Bo", "cancel_accepted", "freed", "called Bo", "heads_up 2", "running Bo", "succeeded Bo",
	}},
	{"cancel", "", (*stage).cancel, []string{"card Ana Bo Rita", "called Rita", "cancelled", "card Ana Bo Rita", "cancel_accepted Rita", "succeeded Rita"}},
	{"batch", "", (*stage).batch, []string{
		"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "running#1 Rita", "succeeded", "succeeded#1", "summary Rita",
	}},
	{"fail", cbhemu.Unchanged, (*stage).scheduled, []string{"card Ana Bo Rita", "called Rita", "heads_up 2", "running Rita", "failed (broadcast) Rita Ana"}},
}

// TestStoriesInABrowser goes through what people do, in each language with -tour and else
// in the first: first all that is asked for and decided, then together the upgrades that
// come of it.
func TestStoriesInABrowser(t *testing.T) {
	t.Parallel()
	spoken := tongues[:1]
	if *wholeTour {
		spoken = tongues
	}
	for _, l := range spoken {
		t.Run(l.tag, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, l)
			for _, each := range tales {
				if !s.play(each) {
					return // what people have begun stands in the way
				}
			}
			s.passes(untilStart - 30*time.Minute)
			s.passes(45 * time.Minute)
			s.passes(2 * time.Hour)
			s.passes(4 * time.Minute) // so long the old version has to be seen for its end to count
			s.ended()
			s.on(tales[len(tales)-1], (*stage).failed)
			s.passes(48 * time.Hour)
			for _, each := range tales {
				s.on(each, func(s *stage) { s.told(each.ends) })
			}
		})
	}
}

func (s *stage) mention() {
	s.does(types("@cbhbot "+s.upgrade(s.bastion)), stands(s.state(approvals.Pending)))
	s.decided()
}

// form is opened by a command without anything behind it.
func (s *stage) form() {
	s.does(types("/cbh "+strings.Fields(s.ask)[0]), opens())
	s.fillsIn()
}

// shortcut opens the same form in front of a channel, which the form begins with.
func (s *stage) shortcut() {
	s.does(taps(`[data-testid="global-shortcuts"]`), taps(`[data-shortcut="schedule_upgrade"]`), opens(),
		holds(`[data-testid="modal"] [data-block-id="channel"]`, s.channel))
	s.fillsIn()
}

// fillsIn fills in the form for an upgrade, at first with a time that is too near, and lets
// the request be decided.
func (s *stage) fillsIn() {
	s.Helper()
	s.does(keys(`[data-testid="modal"] [role="combobox"]`, s.bastion), suggests(s.bastion), click(`[data-testid="suggestion"]`), shows(`[data-testid="picked"] button`),
		picks(wednesday, "22:00"), submits(), reads(beginning(s.words(messages.FormTooSoon))),
		picks(sunday, "02:00"), submits(), stands(s.state(approvals.Pending)))
	s.decided()
}

// decided lets Ana approve the last card, and Rita be told so.
func (s *stage) decided() {
	s.Helper()
	s.approves(ana)
	s.does(stands(s.words(messages.StateScheduled)))
	s.thread(s.mark(messages.NoticeScheduled))
}

// home shows Ana what waits for her, lets her approve it there, and shows Rita what has
// become of what she asked for.
func (s *stage) home() {
	s.asks()
	s.as(ana)
	s.does(taps(`[data-channel="`+direct(ana)+`"]`), taps(`[data-testid="home-tab"]`), reads(s.bastion), s.press(messages.LabelApprove), confirms(),
		s.lacksButton(messages.LabelApprove))
	s.as(rita)
	s.does(taps(`[data-channel="`+direct(rita)+`"]`), taps(`[data-testid="home-tab"]`), stands(s.words(messages.StateScheduled)), reads(s.bastion))
}

// direct is a request for whose card there is no channel.
func (s *stage) direct() {
	s.does(taps(`[data-channel="`+direct(rita)+`"]`), shows(`[data-testid="home-tab"]`), types(s.upgrade(s.bastion)), reads(s.refusal(policy.NobodySees)))
}

// alone is a request that is asked for in a direct message, and whose card goes where its
// requester is not.
func (s *stage) alone() {
	s.does(taps(`[data-channel="`+direct(rita)+`"]`), shows(`[data-testid="home-tab"]`), types(s.upgrade(s.bastion)), stands(s.title()))
	s.as(ana)
	s.does(taps(`[data-channel="`+s.channel+`"]`), s.press(messages.LabelApprove), confirms(), stands(s.words(messages.StateScheduled)))
	s.as(rita)
	s.does(taps(`[data-channel="`+direct(rita)+`"]`), stands(s.mark(messages.NoticeScheduled)))
}

func (s *stage) deny() {
	s.asks()
	s.as(ana)
	s.does(s.press(messages.LabelDeny), opens(), keys(`[data-testid="modal"] textarea`, "   "), submits(), reads(s.words(messages.FormSayWhy)),
		keys(`[data-testid="modal"] textarea`, "frozen"), submits(), stands(s.state(approvals.Denied)))
	s.thread(s.notice(approvals.NoticeDenied))
	s.does(reads("frozen"))
}

func (s *stage) reschedule() {
	s.asks()
	s.does(s.press(messages.LabelReschedule), opens(), picks(sunday, "02:10"), submits(), reads("2:10"))
	s.approves(bo)
	s.does(stands(s.words(messages.StateScheduled)))
	s.thread(s.notice(approvals.NoticeRescheduled), s.mark(messages.NoticeScheduled))
}

// move is of an upgrade that the cloud holds, and by somebody else: a request of its own.
func (s *stage) move() {
	s.scheduled()
	s.as(bo)
	s.does(s.press(messages.LabelReschedule), opens(), picks(saturday, "13:10"), submits(), s.offersButton(messages.LabelApprove))
	s.approves(ana)
	s.threadOf(0, s.mark(messages.NoticeScheduled), s.mark(messages.NoticeMovedAway))
}

func (s *stage) cancel() {
	s.scheduled()
	s.as(rita)
	s.does(s.press(messages.LabelCancel), s.offersButton(messages.LabelApprove))
	s.approves(bo)
	s.does(stands(s.words(messages.StateDone)))
	s.thread(s.mark(messages.NoticeCancelDone))
}

func (s *stage) batch() {
	other := s.bastion + "-2"
	s.offers(other, "")
	s.does(types("/cbh "+s.upgrade(s.bastion+", "+other)), s.offersButton(messages.LabelApprove), shows(`[data-testid="table"]`))
	s.approves(ana)
	s.thread(s.mark(messages.NoticeBatch))
}

// failed is how the end of an upgrade looks that has changed nothing: the channel reads
// it, too.
func (s *stage) failed() {
	s.does(chromedp.Navigate(s.base+"/?failed#"+rita+"/"+s.front), whole(), stands(s.state(approvals.Failed)), stands(s.mark(messages.NoticeSameVersion)), shows(`[data-testid="broadcast"]`))
}
