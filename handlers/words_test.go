package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
)

// TestWordsThatMustBeTrue keeps what people are answered where a sentence that
// comes easily would be false.
func TestWordsThatMustBeTrue(t *testing.T) {
	over := undecided(func(r *approvals.Request, _ *approvals.Item) {
		r.State, r.Closing = approvals.Withdrawn, approvals.Closing{At: now, By: r.Requester}
	})
	h := &Handlers{Now: func() time.Time { return now }}
	refused := &client.Error{Op: "list", Status: 403, Kind: client.NoPermission, Message: "no"}
	listing, _ := explain(refused)
	var all strings.Builder
	for _, c := range []struct {
		name string
		says any
	}{
		{"a request whose card is not there yet", asked(request(), zoneOf("Asia/Shanghai"), now)},
		{"a list that the cloud refuses", listing},
		{"a typing error", unknownVerb("upgarde")},
		{"a line of what is open", h.line(request(), say("CBH-142"))},
		{"a line of what is over", h.line(over, say("CBH-142"))},
	} {
		fmt.Fprintf(&all, "## %s\n%s\n", c.name, c.says)
	}
	golden(t, "true words", all.String())
}

// TestAFormSaysTheEarliestTimeInTheZoneOfWhoeverFillsIt.
func TestAFormSaysTheEarliestTimeInTheZoneOfWhoeverFillsIt(t *testing.T) {
	d := newDesk(t, cloud.DefaultProject)
	d.clouds[cloud.DefaultProject].SetBehaviour(cbhemu.Behaviour{})
	s := bot.Submission{Received: now, Callback: slack.InteractionCallback{View: slack.View{
		PrivateMetadata: Draft{Verb: "upgrade", Instance: "bastion-prod", Zone: "Asia/Shanghai"}.value(),
		State: &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
			inputTime: {"time": {SelectedDateTime: now.Add(time.Hour).Unix()}},
		}},
	}}}
	got := d.checkTime(context.Background(), s).Errors[inputTime]
	if !strings.Contains(got, "The earliest is Thu 26 Nov 2026 20:1") || !strings.Contains(got, "Asia/Shanghai") {
		t.Error(got)
	}
	if person, err := d.People.Person(context.Background(), slackemu.UserRita); err != nil || person.Zone != "Asia/Shanghai" {
		t.Errorf("%+v, %v", person, err)
	}
}
