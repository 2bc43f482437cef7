package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

// Whom Slack does not let the bot look up yet is told so once, and what they have typed is
// done when it does.
func TestWhoCannotBeLookedUpYetWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	limited := slackemu.MethodFault{Status: http.StatusTooManyRequests, RetryAfter: 3, Times: 1}
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": limited, "users.list": {Error: "missing_scope"}}})
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "list"}
	c.EnvelopeID, c.Received = "event", now
	types := func() error { return d.onCommand(context.Background(), c) }
	for range 2 {
		if err := types(); !IsTemporary(err) {
			t.Fatalf("it is given up: %v", err)
		}
	}
	answers := func() []slackemu.Message { // without what only a slow machine has to say
		return slices.DeleteFunc(d.answers(), func(m slackemu.Message) bool {
			return strings.Contains(m.Text, "I am still at it") || strings.Contains(m.Text, "Slack did not tell me")
		})
	}
	if told := answers(); len(told) != 1 || !strings.Contains(told[0].Text, "only so many") {
		t.Errorf("meanwhile she is told %+v", told)
	}
	d.until("the command to be done", func() bool { return types() == nil && len(answers()) > 1 })
	if told := answers(); len(told) != 2 || !strings.Contains(told[1].Text, "There are no such requests") || !strings.Contains(fmt.Sprint(d.answers()), "Hello!") {
		t.Errorf("she is told %+v", d.answers())
	}
}

// TestAnAnswerDoesNotWaitForItsLanguage: all the time that there is was spent on looking up who asks.
func TestAnAnswerDoesNotWaitForItsLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": {Delay: time.Minute}}})
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "list"}
	c.EnvelopeID, c.Received = "event", now
	begun := time.Now()
	if err := d.onCommand(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); len(d.answers()) == 0 || took >= 2*answerWithin { // as long as it takes to look two up in vain
		t.Errorf("after %s she is told %+v", took, d.answers())
	}
}

// TestWhatCouldNotBeDoneNorToldIsDoneLater: all of Slack is away, behind a proxy that refuses.
func TestWhatCouldNotBeDoneNorToldIsDoneLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	away := slackemu.MethodFault{Status: http.StatusProxyAuthRequired}
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": away, "users.list": away, "chat.postEphemeral": away}})
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "list"}
	c.EnvelopeID, c.Received = "event", now
	err := d.onCommand(context.Background(), c)
	if _, done := errors.AsType[*UntoldError](err); done || !IsTemporary(err) {
		t.Errorf("it counts as done, or is given up: %v", err)
	}
}

// TestAGroupThatIsDisabledIsSaid: trying again, as where Slack does not answer, would not help.
func TestAGroupThatIsDisabledIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	held := policy.OneLine(approvals.Set{Users: []string{slackemu.UserAna}, Groups: []string{"S0GONE"}}, 1, "")
	d.Engine.Authority.Policy = func() *policy.Policy { return held }
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"usergroups.users.list": {Error: "no_such_subteam"}}})
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "upgrade bastion-prod in 3 days"}
	c.EnvelopeID, c.Received = "event", now
	if err := d.onCommand(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if told := d.answers(); len(told) != 1 || !strings.Contains(told[0].Text, "a user group that the bot's policy names") {
		t.Errorf("she is told %+v", told)
	}
}

// TestNobodyIsToldToWaitWhoseAnswerIsUnderWay, however slow Slack is to take it.
func TestNobodyIsToldToWaitWhoseAnswerIsUnderWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{
		"users.info": {Times: 1, Delay: answerWithin * 3 / 10}, "chat.postEphemeral": {Times: 1, Delay: answerWithin * 8 / 10},
	}})
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "list"}
	c.EnvelopeID, c.Received = "event", now
	if err := d.onCommand(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if told := d.answers(); len(told) != 1 || !strings.Contains(told[0].Text, "There are no such requests") {
		t.Errorf("she is told %+v", told)
	}
}

// TestAnAnswerThatComesLateSaysHowItStands: the request was approved before its requester could be
// told of it, and does not wait for approvers that nobody names.
func TestAnAnswerThatComesLateSaysHowItStands(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "upgrade bastion-prod sunday 2am"}
	c.EnvelopeID, c.Received = "untold", now
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"chat.postEphemeral": {Status: http.StatusProxyAuthRequired}}})
	if err := d.onCommand(context.Background(), c); !IsTemporary(err) {
		t.Fatalf("it counts as told: %v", err)
	}
	d.approves(1)
	d.slack.SetFaults(slackemu.Faults{})
	if err := d.onCommand(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	told := d.answers()
	if got := content(told[len(told)-1]); !strings.Contains(got, "CBH-1 *approved, not yet with the cloud*") || !strings.Contains(got, "approved by <@"+slackemu.UserAna+">") {
		t.Error(got)
	}
}

// TestACommandThatIsServedAgainIsForWhatItNamedAtFirst: its answer could not be given, and
// when it can be, the bastion has another request.
func TestACommandThatIsServedAgainIsForWhatItNamedAtFirst(t *testing.T) {
	t.Parallel()
	for command, test := range map[string]struct{ asked, says string }{
		"withdraw bastion-0000": {"bastion-0000", "CBH-1 is withdrawn"},
		"cancel bastion-0000":   {"bastion-0000", "CBH-1 is withdrawn"},
		"cancel bastion-0001":   {"bastion-0000, bastion-0001", "`bastion-0001` is taken out of CBH-1"},
		"withdraw bastion-0001": {"bastion-0000, bastion-0001, bastion-0002", "`bastion-0001` is taken out of CBH-1"},
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, approvals.DefaultProject)
			d.clouds[approvals.DefaultProject].Replace(bastions(3))
			d.types("upgrade " + test.asked + " 2026-12-10 02:00")
			c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: command}
			c.EnvelopeID, c.Received = "untold", now
			d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"chat.postEphemeral": {Status: http.StatusProxyAuthRequired}}})
			if err := d.onCommand(context.Background(), c); !IsTemporary(err) {
				t.Fatalf("it counts as told: %v", err)
			}
			d.slack.SetFaults(slackemu.Faults{})
			d.types("upgrade " + strings.Fields(command)[1] + " 2026-12-11 02:00")
			if err := d.onCommand(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			if got := d.load(2).State; got != approvals.Pending {
				t.Errorf("another request of the same bastion is %s", got)
			}
			if told := d.answers(); !strings.Contains(content(told[len(told)-1]), test.says) {
				t.Errorf("she is told %s", content(told[len(told)-1]))
			}
		})
	}
}
