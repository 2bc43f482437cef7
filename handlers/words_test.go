package handlers

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// TestPhrasesAreReadAtOnce is for the race detector, which the tests of timephrase do without.
func TestPhrasesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, phrase := range []string{"sunday 2am", "周日凌晨2点", "2am europe/berlin sunday", "in 36 hours"} {
				if _, err := timephrase.Parse(phrase, now, time.UTC, timephrase.Limits{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestAListIsUnderstoodWhollyOrNotAtAll: all requests are no answer about one bastion.
func TestAListIsUnderstoodWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	if got := content(d.types("list all bastion-prod")); !strings.Contains(got, "not `all bastion-prod`") {
		t.Error(got)
	}
}

// TestAFormSaysTheEarliestTimeInTheZoneOfWhoeverFillsIt.
func TestAFormSaysTheEarliestTimeInTheZoneOfWhoeverFillsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].SetBehaviour(cbhemu.Behaviour{})
	s := bot.Submission{Interaction: bot.Interaction{Received: now, Callback: &slack.InteractionCallback{View: slack.View{
		PrivateMetadata: messages.Draft{Verb: "upgrade", Instance: "bastion-prod", Zone: "Asia/Shanghai"}.Value(),
		State: &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
			messages.InputTime: {"time": {SelectedDateTime: now.Add(time.Hour).Unix()}},
		}},
	}}}}
	got := d.checkTime(context.Background(), s).Errors[messages.InputTime]
	if !strings.Contains(got, "The earliest is Thu 26 Nov 2026 20:1") || !strings.Contains(got, "Asia/Shanghai") {
		t.Error(got)
	}
	if person, err := d.Engine.Authority.Directory.Person(context.Background(), slackemu.UserRita); err != nil || person.Zone != "Asia/Shanghai" {
		t.Errorf("%+v, %v", person, err)
	}
}

// TestDaysAheadAreThoseOfTheCalendar: who types "in 3 days" is not told "in 2 days", because it is
// 54 hours until then.
func TestDaysAheadAreThoseOfTheCalendar(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	if got := content(d.types("upgrade bastion-dev in 3 days at 2am")); !strings.Contains(got, "UTC, in 3 days. It needs") {
		t.Error(got)
	}
}
