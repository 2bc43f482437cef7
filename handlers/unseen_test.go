package handlers

import (
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot/slackemu"
)

// TestADirectMessageSaysWhenItIsOver to whoever was asked, where they were asked.
func TestADirectMessageSaysWhenItIsOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "prod")
	d.types("upgrade bastion-prod in 3 days at 2am")
	presenter := Presenter{Sender: d.Sender, Log: d.Log, Refused: func() {}, Language: inEnglish}
	r, asks, to := d.load(1), approvals.Notice{Kind: approvals.NoticeDirect, To: slackemu.UserAna}, engine.Place{User: slackemu.UserAna, Channel: slackemu.ChannelOps}
	ts, err := presenter.Post(t.Context(), to, presenter.Notice(r, asks, now))
	if err != nil {
		t.Fatal(err)
	}
	r.State = approvals.Expired
	if err := presenter.Update(t.Context(), to, ts, presenter.Notice(r, asks, now)); err != nil {
		t.Fatal(err)
	}
	if told := d.slack.Messages("D" + slackemu.UserAna[1:]); len(told) != 1 || !strings.Contains(content(told[0]), "CBH-1 is expired without approval and waits for you no more") {
		t.Errorf("Ana reads %+v", told)
	}
}

// Whoever cannot see the card's channel is told in a direct message, which leads
// nowhere that they cannot go.
func TestADirectMessageLeadsOnlyToACardThatItsReaderSees(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "prod")
	d.run()
	d.types("upgrade bastion-prod in 3 days at 2am")
	card := ""
	d.until("a card", func() bool {
		card, _ = d.Store.Card(t.Context(), 1)
		return card != ""
	})
	presenter := Presenter{Sender: d.Sender, Log: d.Log, Refused: func() {}, Language: inEnglish}
	for user, leads := range map[string]bool{slackemu.UserRita: false, slackemu.UserAna: true} {
		r := d.load(1)
		r.Unseen = true
		pic := presenter.Notice(r, approvals.Notice{Kind: approvals.NoticeRescheduled, To: user}, now)
		to := engine.Place{User: user, Channel: r.Channel, Thread: card}
		ts, err := presenter.Post(t.Context(), to, pic)
		if err != nil {
			t.Fatal(err)
		}
		told := d.slack.Messages("D" + user[1:])
		if last := told[len(told)-1]; last.TS != ts || strings.Contains(content(last), "archives/"+r.Channel) != leads {
			t.Errorf("%s reads: %s", user, content(last))
		}
	}
}
