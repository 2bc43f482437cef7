package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// home waits for a person's Home page to show some words, and not others.
func (w *world) home(user string, shows ...string) *slackemu.View {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	last := ""
	v, err := w.slack.As(user).WaitHome(ctx, func(v slackemu.View) bool {
		last = fmt.Sprint(v.Blocks)
		for _, words := range shows {
			unwanted, not := strings.CutPrefix(words, "not ")
			if strings.Contains(last, unwanted) == not {
				return false
			}
		}
		return true
	})
	if err != nil {
		w.t.Fatalf("the home page of %s never showed %q: %s", user, shows, last)
	}
	return v
}

// clicks presses a button of somebody's Home page.
func (w *world) clicks(user, button string) {
	w.t.Helper()
	w.insists(user+" pressing "+button, func() slackemu.Delivery { return w.slack.As(user).Home().Action(button).Click() })
}

// TestHomeShowsWhatWaitsForWhom, lets them decide there, and follows what becomes of it
// with everybody who has it open.
func TestHomeShowsWhatWaitsForWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	if err := w.slack.SetLocale(rita, "zh-CN"); err != nil {
		t.Fatal(err)
	}
	w.start()
	for _, user := range []string{rita, ana, bo} {
		w.slack.As(user).OpenHome("home")
		w.home(user, "bastion-prod")
	}
	w.card("in 3 days at 2am")
	for _, user := range []string{ana, bo} {
		w.home(user, "Waiting for you: 1", "CBH-1", "/archives/", "security fixes", "not Asked by you")
	}
	w.home(rita, "您的申请：1", "CBH-1", "not 待您审批")
	w.clicks(ana, "Approve")
	w.home(ana, "not Waiting for you", "In the coming 30 days: 1")
	w.home(bo, "not Waiting for you", "In the coming 30 days: 1")
	w.home(rita, "未来 30 天：1", "已预约")
	if n := w.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

// TestHomeDenies with a reason, and answers there who may not.
func TestHomeDenies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.card("in 3 days at 2am")
	for _, user := range []string{ana, bo} {
		w.slack.As(user).OpenHome("home")
		w.home(user, "Waiting for you: 1")
	}
	stale := w.slack.As(bo).Home()
	w.clicks(ana, "Deny")
	w.submits(w.form(ana), map[string]any{"reason": "the release is frozen"})
	w.sees(rita, "*Denied*")
	w.insists("a press on what was there", func() slackemu.Delivery { return stale.Action("Approve").Click() })
	w.home(bo, "not Waiting for you", "Nothing was changed. CBH-1: denied")
	if private := w.answered(bo); len(private) != 0 {
		t.Errorf("it was answered elsewhere too: %v", private)
	}
	if r := w.request(1); r.Closing.By.ID != ana || r.Closing.Reason != "the release is frozen" {
		t.Errorf("%+v", r.Closing)
	}
}

// TestHomeIsPagedInPlace, and a page that was turned to stays when something changes.
func TestHomeIsPagedInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	var many []cbhemu.Instance
	for n := range 12 {
		i := w.cloud.Instance("bastion-prod")
		i.Name, i.ServerID = fmt.Sprintf("bastion-%02d", n), fmt.Sprintf("5c71ad43-8b5e-4c53-9f40-%012d", n)
		many = append(many, i)
	}
	w.cloud.Replace(many)
	w.start()
	w.slack.As(rita).OpenHome("home")
	w.home(rita, "Upgrades on offer: 12", "1 to 5 of 12", "bastion-04", "not bastion-05")
	w.clicks(rita, "Next")
	w.home(rita, "6 to 10 of 12", "bastion-05", "not bastion-04")
	w.clicks(rita, "Next")
	w.home(rita, "11 to 12 of 12", "bastion-11")
	w.types(rita, "upgrade bastion-00 in 3 days at 2am")
	w.home(rita, "Upgrades on offer: 11", "Asked by you: 1", "11 to 11 of 11")
	w.clicks(rita, "Previous")
	w.home(rita, "6 to 10 of 11")
	w.clicks(rita, "Plan it")
	w.submits(w.form(rita), map[string]any{"time": ritasTime(t, 7, 4).Unix(), "channel": slackemu.ChannelOps})
	w.untilRequest(2, "the request that was planned", func(r *approvals.Request) bool {
		return r.ID == 2 && r.Items[0].Target.Name == "bastion-06" && r.Channel == slackemu.ChannelOps
	})
	w.home(rita, "Asked by you: 2", "CBH-2")
}
