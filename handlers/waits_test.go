package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/handlers/cloud"
)

// Whom Slack does not let the bot look up yet is told so once, and what they have typed is
// done when it does.
func TestWhoCannotBeLookedUpYetWaits(t *testing.T) {
	d := newDesk(t, cloud.DefaultProject)
	limited := slackemu.MethodFault{Status: http.StatusTooManyRequests, RetryAfter: 3, Times: 1}
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": limited, "users.list": {Error: "missing_scope"}}})
	c := bot.Command{SlashCommand: slack.SlashCommand{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: "list"}}
	c.EnvelopeID, c.Received = "event", now
	types := func() error { return d.onCommand(context.Background(), c) }
	for range 2 {
		if err := types(); !IsTemporary(err) {
			t.Fatalf("it is given up: %v", err)
		}
	}
	if told := d.answers(); len(told) != 1 || !strings.Contains(told[0].Text, "only so many") {
		t.Errorf("meanwhile she is told %+v", told)
	}
	d.until("the command to be done", func() bool { return types() == nil })
	if told := d.answers(); len(told) != 2 || !strings.Contains(told[1].Text, "There are no such requests") {
		t.Errorf("she is told %+v", told)
	}
}
