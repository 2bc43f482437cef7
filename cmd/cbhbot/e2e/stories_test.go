package e2e

import (
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
)

// TestStoriesInABrowser goes through what people do, in each language.
func TestStoriesInABrowser(t *testing.T) {
	t.Parallel()
	for _, l := range tongues {
		t.Run(l.tag, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, l)
			s.play("mention", (*stage).mention)
			s.play("direct", (*stage).direct)
			s.play("deny", (*stage).deny)
			s.play("reschedule", (*stage).reschedule)
			s.play("cancel", (*stage).cancel)
			s.play("batch", (*stage).batch)
			s.play("fail", (*stage).fail) // the last, because it moves the clock
		})
	}
}

func (s *stage) mention() {
	s.does(types("@cbhbot "+s.upgrade(s.bastion)), stands(s.state(approvals.Pending)))
	s.approves(ana)
	s.does(stands(s.words(messages.StateScheduled)))
	s.thread(s.mark(messages.NoticeScheduled))
	s.mentioned("card Ana Rita", "called Rita Ana")
}

func (s *stage) direct() {
	s.does(click(`[data-channel="D0RITA"]`), shows(`[data-testid="home-tab"]`), types(s.upgrade(s.bastion)), reads(s.refusal(policy.NobodySees)))
}

func (s *stage) deny() {
	s.asks()
	s.as(ana)
	s.does(s.press(messages.LabelDeny), opens(), keys(`[data-testid="modal"] textarea`, "   "), submits(), reads(s.words(messages.FormSayWhy)),
		keys(`[data-testid="modal"] textarea`, "frozen"), submits(), stands(s.state(approvals.Denied)))
	s.thread(s.notice(approvals.NoticeDenied))
	s.does(reads("frozen"))
	s.mentioned("card Ana Rita", "denied Ana Rita")
}

func (s *stage) reschedule() {
	s.asks()
	s.does(s.press(messages.LabelReschedule), opens(), picks("2026-12-02", "03:40"), submits(), reads("3:40"))
	s.approves(bo)
	s.does(stands(s.words(messages.StateScheduled)))
	s.thread(s.notice(approvals.NoticeRescheduled), s.mark(messages.NoticeScheduled))
	s.mentioned("card Bo Rita", "rescheduled 2", "called Rita Bo")
}

func (s *stage) cancel() {
	s.scheduled()
	s.as(rita)
	s.does(s.press(messages.LabelCancel), s.offersButton(messages.LabelApprove))
	s.approves(bo)
	s.does(stands(s.words(messages.StateDone)))
	s.thread(s.mark(messages.NoticeCancelDone))
	s.mentioned("card Ana Rita", "called Rita Ana", "cancelled", "card Bo Rita", "cancel_accepted Rita", "succeeded Rita")
}

func (s *stage) batch() {
	other := s.bastion + "-2"
	s.offers(other, "")
	s.does(types("/cbh "+s.upgrade(s.bastion+", "+other)), s.offersButton(messages.LabelApprove), shows(`[data-testid="table"]`))
	s.approves(ana)
	s.thread(s.mark(messages.NoticeBatch))
	s.mentioned("card Ana Rita", "called Rita Ana")
}

func (s *stage) fail() {
	s.offers(s.bastion, cbhemu.Unchanged)
	s.scheduled()
	s.jump(untilStart)
	s.does(stands(s.state(approvals.Running)))
	s.thread(s.notice(approvals.NoticeRunning))
	s.jump(untilStart)
	s.does(stands(s.state(approvals.Failed)), stands(s.mark(messages.NoticeSameVersion)))
	s.mentioned("card Ana Rita", "called Rita Ana", "running Rita", "failed (broadcast) Rita Ana")
}
