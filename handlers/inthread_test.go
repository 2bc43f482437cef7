package handlers

import (
	"fmt"
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

// mentions lets Rita write to the bot in a thread, and returns what she is answered there.
func (d *desk) mentions(thread, text string) string {
	d.t.Helper()
	d.events++
	e := bot.Event{
		ID: fmt.Sprint("event-", d.events), Received: now, Type: "app_mention", User: slackemu.UserRita, Channel: slackemu.ChannelOps,
		Text: "<@" + slackemu.UserBot + "> " + text, ThreadTS: thread,
	}
	before := len(d.answers())
	if err := d.onMessage(d.t.Context(), e); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	return content(d.answers()[before])
}

// TestAMentionInACardsThreadIsForItsRequest where it names none.
func TestAMentionInACardsThreadIsForItsRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(2))
	d.run()
	card := func(id int64) (ts string) {
		d.until("a card", func() bool { ts, _ = d.Store.Card(t.Context(), id); return ts != "" })
		return ts
	}
	d.types("upgrade bastion-0000 2026-12-10 02:00")
	d.types("upgrade bastion-0001 2026-12-11 02:00")
	first, second := card(1), card(2)
	for _, step := range []struct{ thread, typed, says string }{
		{first, "status", "CBH-1"},
		{second, "status this, please", "CBH-2"},
		{second, "status bastion-0000", "bastion-0000"},
		{first, "reschedule saturday, 3am", "CBH-1 is moved to Sat 28 Nov 2026 03:00"},
		{second, "改期 周六凌晨4点", "CBH-2 已改期到 2026年11月28日"},
		{second, "reschedule it to sunday 5am", "CBH-2 is moved to Sun 29 Nov 2026 05:00"},
		{first, "reschedule by 2 days", "Is this the one you mean?"},
		{first, "reschedule sunday 6", "before noon or after noon"},
		{first, "reschedule to monday", `Add one to the day, for example "monday 02:00"`},
		{first, "改期 周一", "周一"},
		{first, "reschedule CBH-2 sunday 6am", "CBH-2 is moved to Sun 29 Nov 2026 06:00"},
		{first, "reschedule sunday bastion 2am", "no instance"},
		{first, "reschedule sundy 4am", `Did you mean "sunday"?`},
		{first, "reschedule to mondy", `Did you mean "monday"?`},
		{first, "改到周日凌晨5点", "Do you mean `reschedule`?"},
		{first, "cancel?", "takes a pending request back"},
		{first, "Withdraw ?", "takes a pending request back"},
		{first, "取消？", "takes a pending request back"},
		{first, "cancel it?", "no instance"},
		{first, "status?", "CBH-1"},
		{first, "reschedule", "Please add a date and a time"},
		{first, "approve", "CBH-1"},
		{"1.1", "reschedule sunday 7am", "Which"},
		{"1.1", "status", "2 open requests"},
		{first, "withdraw -- not needed", "CBH-1 is withdrawn"},
		{second, "cancel it", "CBH-2 is withdrawn"},
		{second, "cancel", "CBH-2"},
		{second, "status", "withdrawn"},
	} {
		if got := d.mentions(step.thread, step.typed); !strings.Contains(got, step.says) {
			t.Errorf("%s: %s", step.typed, got)
		}
	}
	if a, b := d.load(1).State, d.load(2).State; a != approvals.Withdrawn || b != approvals.Withdrawn {
		t.Errorf("%s and %s", a, b)
	}
}
