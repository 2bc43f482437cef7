package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
)

// TestTheNoticeIsSaidAndKeptAsItHolds has a policy with an hour of notice for minor
// upgrades, and the setting's day for the others.
func TestTheNoticeIsSaidAndKeptAsItHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.Engine.Authority.Policy().Lead.Minor = time.Hour
	d.clouds[approvals.DefaultProject].SetBehaviour(cbhemu.Behaviour{MinorAtOnce: true})
	for text, says := range map[string]string{
		"help all":                                          "A minor upgrade needs more than 1 hour of notice, a cross-version one more than 24 hours.",
		"upgrade bastion-prod in 30 minutes":                "is too soon: it must be at least 1 hour 5 minutes ahead",
		"upgrade bastion-archive in 3 hours":                "is too soon: it must be at least 24 hours 5 minutes ahead",
		"upgrade bastion-dev, bastion-archive in 3 hours":   "is too soon: it must be at least 24 hours 5 minutes ahead",
		"upgrade bastion-prod in 3 hours -- security fixes": "CBH-1 is recorded",
	} {
		if got := content(d.types(text)); !strings.Contains(got, says) {
			t.Errorf("%s: %s", text, got)
		}
	}
	r := d.load(1)
	if r.Lead != time.Hour || !r.Deadline.Equal(r.At.Add(-65*time.Minute)) {
		t.Errorf("CBH-1 has a notice of %s, and can be approved until %s", r.Lead, r.Deadline)
	}
	d.run()
	d.approves(1)
	d.until("it is scheduled", func() bool { return d.load(1).Stage(0) == approvals.Scheduled })
}

// TestTheFormSaysTheNoticeThatHolds submits a time that is too soon.
func TestTheFormSaysTheNoticeThatHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.MinLead = 2 * time.Hour
	soon := bot.Submission{Interaction: bot.Interaction{Callback: &slack.InteractionCallback{}}}
	soon.Received = now
	soon.Callback.View.State = &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
		messages.InputTime: {"time": {SelectedDateTime: now.Add(time.Hour).Unix()}},
	}}
	answer := d.checkTime(context.Background(), soon)
	if answer == nil || !strings.Contains(answer.Errors[messages.InputTime], "the cloud wants to know 2 hours ahead") {
		t.Errorf("%+v", answer)
	}
}

// TestAFormBeginsWithATimeThatCanBeApproved: not with one whose approvals end within minutes, while there is another.
func TestAFormBeginsWithATimeThatCanBeApproved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	earliest := d.earliest()
	for most, later := range map[time.Duration]time.Duration{60 * 24 * time.Hour: toDecide, 25 * time.Hour: 0, time.Hour: 0} {
		d.MaxLead = most
		if at := d.begins(messages.Draft{}, nil); !at.Equal(earliest.Add(later)) {
			t.Errorf("upgrades may lie %s ahead, the earliest is %s: it begins with %s", most, earliest, at)
		}
	}
	typed := earliest.Add(time.Hour)
	if at := d.begins(messages.Draft{At: typed.Unix()}, nil); !at.Equal(typed) {
		t.Errorf("%s was typed: it begins with %s", typed, at)
	}
}

// TestAChosenTimeThatIsTooSoonByNowIsSaidInTheReadersZone: the button stood there for a while.
func TestAChosenTimeThatIsTooSoonByNowIsSaidInTheReadersZone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	earliest := d.types("upgrade bastion-dev now")
	d.MinLead = 48 * time.Hour
	if got := content(d.presses(earliest, buttonsOf(earliest)[0].label)); !strings.Contains(got, "Asia/Shanghai is too soon") {
		t.Error(got)
	}
}
