package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// atOnce is how long a person waits for a form, and for what a menu offers: twice what
// they should, because the machine has other work.
const atOnce = 2 * time.Second

// offers are what a form's menu of bastions shows for what was typed, and that in time.
func (w *world) offers(form *slackemu.View, typed string) []slackemu.Option {
	w.t.Helper()
	began := time.Now()
	found, d := form.Action("instance").Suggest(typed)
	if took := time.Since(began); !d.Acked || d.Error != "" || took > atOnce {
		w.t.Fatalf("what is offered for %q: %+v after %s", typed, d, took)
	}
	return found
}

func names(options []slackemu.Option) (all []string) {
	for _, o := range options {
		all = append(all, o.Text)
	}
	return all
}

// submits sends a form as it has to be accepted.
func (w *world) submits(form *slackemu.View, values map[string]any) {
	w.t.Helper()
	w.insists("a form", func() slackemu.Delivery {
		d := form.Submit(values)
		if d.Acked && (d.Error != "" || len(d.Errors) > 0) {
			w.t.Fatalf("%+v", d)
		}
		return d
	})
}

// asked waits for the first request.
func (w *world) asked() *approvals.Request {
	w.t.Helper()
	w.untilRequest(1, "a request", func(r *approvals.Request) bool { return r.ID == 1 })
	return w.request(1)
}

// input is one of a form's inputs; nil where it has none of that name.
func input(form *slackemu.View, block string) map[string]any {
	for _, b := range form.Blocks {
		if b["block_id"] == block {
			element, _ := b["element"].(map[string]any)
			return element
		}
	}
	return nil
}

func TestUpgradeAloneOpensAFormForSeveralBastions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.types(rita, "upgrade")
	form := w.form(rita)
	if input(form, "channel") != nil {
		t.Error("the channel is asked for, in a channel")
	}
	await(t, "the list", func() bool { return len(w.offers(form, "")) > 0 })
	if got := names(w.offers(form, "")); !slices.Contains(got, "bastion-prod") || slices.Contains(got, "bastion-lab") {
		t.Errorf("offered: %q", got)
	}
	chosen := append(w.offers(form, "PROD"), w.offers(form, "stag")...)
	if got := names(chosen); !slices.Equal(got, []string{"bastion-prod", "bastion-staging"}) {
		t.Fatalf("found: %q", got)
	}
	if version := w.cloud.Instance("bastion-prod").Version; !strings.HasPrefix(chosen[0].Description, version+" · ") {
		t.Errorf("bastion-prod %s is offered as %q", version, chosen[0].Description)
	}
	soon := map[string]any{"instance": chosen, "time": time.Now().Add(time.Hour).Unix()}
	if d := form.Submit(soon); d.Errors["time"] == "" {
		t.Errorf("a time within the hour was taken: %+v", d)
	}
	at := ritasTime(t, 7, 4)
	w.submits(form, map[string]any{"instance": chosen, "time": at.Unix(), "reason": "security fixes"})
	r := w.asked()
	if len(r.Items) != 2 || r.Items[1].Target.Name != "bastion-staging" || !r.At.Equal(at) || r.Reason != "security fixes" || r.Channel != slackemu.ChannelOps {
		t.Errorf("%+v", r)
	}
	w.answers(rita, "CBH-1")
}

// A name that was typed is in the form, and can be chosen anew, and so is the time that is to be moved.
func TestTheFormBeginsWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.types(rita, "upgrade Bastion-Prod -- security fixes")
	form := w.form(rita)
	if got := fmt.Sprint(input(form, "instance")["initial_options"]); !strings.Contains(got, "bastion-prod") {
		t.Errorf("it begins with %s", got)
	}
	w.submits(form, map[string]any{"instance": w.offers(form, "staging"), "time": ritasTime(t, 7, 4).Unix()})
	r := w.asked()
	if len(r.Items) != 1 || r.Items[0].Target.Name != "bastion-staging" || r.Reason != "security fixes" {
		t.Errorf("%+v", r)
	}
	w.types(rita, "reschedule CBH-1")
	if at := seconds(t, input(w.form(rita), "time")["initial_date_time"]); at != r.At.Unix() {
		t.Errorf("a move begins with %s", time.Unix(at, 0))
	}
}

// A closed time is refused at the input, and the form begins with an open one.
func TestTheFormKnowsThePolicysWindows(t *testing.T) {
	t.Parallel()
	path := policyFile(t, approvedBy(ana)+`    windows: [{days: [sun], from: "01:00", to: "05:00", zone: Asia/Shanghai}]`+"\n")
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_POLICY="+path)
	w.start()
	w.slack.SetLocale(rita, "zh-CN")
	w.types(rita, "upgrade")
	form := w.form(rita)
	await(t, "the list", func() bool { return len(w.offers(form, "")) > 0 })
	begins := time.Unix(seconds(t, input(form, "time")["initial_date_time"]), 0).In(ritasTime(t, 0, 0).Location())
	if begins.Weekday() != time.Sunday || begins.Hour() < 1 || begins.Hour() > 4 || time.Until(begins) < 24*time.Hour {
		t.Errorf("it begins with %s", begins)
	}
	prod := w.offers(form, "bastion-prod")
	d := form.Submit(map[string]any{"instance": prod, "time": begins.Add(12 * time.Hour).Unix()})
	if next := begins.AddDate(0, 0, 7).Format("1月2日"); !strings.Contains(d.Errors["time"], "周日 01:00 至 05:00") || !strings.Contains(d.Errors["time"], next) {
		t.Errorf("a closed time: %+v", d.Errors)
	}
	w.submits(form, map[string]any{"instance": prod, "time": begins.Unix()})
	if r := w.asked(); !r.At.Equal(begins) {
		t.Errorf("asked for %s", r.At)
	}
	w.types(rita, "reschedule CBH-1")
	if at := seconds(t, input(w.form(rita), "time")["initial_date_time"]); at != begins.Unix() {
		t.Errorf("a move begins with %s", time.Unix(at, 0))
	}
}

func seconds(t *testing.T, value any) int64 {
	t.Helper()
	var n int64
	if _, err := fmt.Sscan(fmt.Sprint(value), &n); err != nil {
		t.Fatalf("%v: %v", value, err)
	}
	return n
}

// Who may choose a closed time all the same is not held up at the input.
func TestAClosedTimeOfAFormCanBeOverridden(t *testing.T) {
	t.Parallel()
	path := policyFile(t, approvedBy(ana)+`    windows: [{days: [sun], from: "01:00", to: "05:00", zone: Asia/Shanghai}]`+"\n    window_override: {users: ["+rita+"]}\n")
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_POLICY="+path)
	w.start()
	w.types(rita, "upgrade bastion-prod")
	w.submits(w.form(rita), map[string]any{"time": ritasTime(t, 8, 13).Unix()})
	w.answers(rita, "Ask for it anyway")
}

// A global shortcut says of no channel: the form asks, and its answer is read there.
func TestAGlobalShortcutAsksForTheChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.insists("the shortcut", func() slackemu.Delivery {
		return w.slack.As(rita).In(slackemu.ChannelCrew).Shortcut("schedule_upgrade")
	})
	form := w.form(rita)
	await(t, "the list", func() bool { return len(w.offers(form, "")) > 0 })
	values := map[string]any{"instance": w.offers(form, "prod"), "time": ritasTime(t, 7, 4).Unix()}
	for _, nowhere := range []string{direct(rita), slackemu.GroupNight, slackemu.DirectRitaAna} {
		values["channel"] = nowhere
		if d := form.Submit(values); d.Error == "" {
			t.Errorf("%s can be chosen", nowhere)
		}
	}
	values["channel"] = slackemu.ChannelCrew
	w.submits(form, values)
	if r := w.asked(); r.Channel != slackemu.ChannelCrew {
		t.Errorf("the card goes to %s", r.Channel)
	}
	w.answers(rita, "CBH-1")
	if told := w.answered(rita); len(told) != 1 || told[0].Channel != slackemu.ChannelCrew || told[0].EphemeralFor != rita {
		t.Errorf("%+v", told)
	}
}

// Where every card has a channel, nobody is asked for one.
func TestAGlobalShortcutDoesNotAskWhereCardsHaveAChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_CHANNEL="+slackemu.ChannelGeneral)
	w.start()
	w.insists("the shortcut", func() slackemu.Delivery { return w.slack.As(rita).Shortcut("schedule_upgrade") })
	form := w.form(rita)
	if input(form, "channel") != nil {
		t.Error("the channel is asked for")
	}
	await(t, "the list", func() bool { return len(w.offers(form, "")) > 0 })
	w.submits(form, map[string]any{"instance": w.offers(form, "prod"), "time": ritasTime(t, 7, 4).Unix()})
	if r := w.asked(); r.Channel != slackemu.ChannelGeneral {
		t.Errorf("the card goes to %s", r.Channel)
	}
	w.answers(rita, "CBH-1")
}

// A message's words are the reason to begin with, and what follows is said in its thread.
func TestAMessageShortcutKeepsTheWordsAndTheThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	root, _ := w.slack.As(ana).Say(slackemu.ChannelOps, "CVE-2026-1 is out")
	said, _ := w.slack.As(ana).Reply(slackemu.ChannelOps, root.TS, "we need *this* <soon> & "+strings.Repeat("very ", 200))
	for _, m := range w.slack.As(rita).Sees(slackemu.ChannelOps) {
		if m.TS == said.TS {
			w.insists("the shortcut", func() slackemu.Delivery { return m.Shortcut("schedule_from_message") })
		}
	}
	form := w.form(rita)
	reason := fmt.Sprint(input(form, "reason")["initial_value"])
	if !strings.HasPrefix(reason, "we need *this* <soon> & very") || len(reason) > 500 || input(form, "channel") != nil {
		t.Errorf("the reason begins as %q", reason)
	}
	await(t, "the list", func() bool { return len(w.offers(form, "")) > 0 })
	w.submits(form, map[string]any{"instance": w.offers(form, "prod"), "time": ritasTime(t, 7, 4).Unix()})
	if r := w.asked(); r.Reason != strings.TrimSpace(reason) || r.Channel != slackemu.ChannelOps {
		t.Errorf("%+v", r)
	}
	w.answers(rita, "CBH-1")
	if told := w.answered(rita); len(told) != 1 || told[0].ThreadTS != root.TS {
		t.Errorf("%+v", told)
	}
}

// The form waits for nothing that the cloud has to say.
func TestTheFormOpensWhileTheCloudHangs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Hour), Times: -1})
	opens := func(command string) *slackemu.View {
		t.Helper()
		began := time.Now()
		w.types(rita, command)
		form := w.form(rita)
		if took := time.Since(began); took > atOnce {
			t.Errorf("the form opened after %s", took)
		}
		return form
	}
	form := opens("upgrade")
	if got := w.offers(form, ""); len(got) != 0 {
		t.Errorf("offered without any list: %q", names(got))
	}
	hinted := func() bool {
		return strings.Contains(fmt.Sprint(w.slack.As(rita).Modal().Blocks), "does not answer at the moment")
	}
	w.until("the hint", hinted)
	form.CloseAll()

	w.cloud.ClearFaults()
	w.slack.As(ana).Command(slackemu.ChannelOps, "/cbh", "instances")
	w.answers(ana, "bastion-staging")
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Hour), Times: -1})
	ancient := time.Now().Add(6 * time.Second) // older than a list may be to act on
	await(t, "the list to be old", func() bool { return time.Now().After(ancient) })
	form = opens("upgrade")
	if got := w.offers(form, "prod"); len(got) != 1 {
		t.Errorf("offered by the last list: %q", names(got))
	}
	w.until("the hint", hinted)
	form.CloseAll()
	opens("upgrade bastion-prod")
	w.idle()
	if told := w.answered(rita); len(told) != 0 {
		t.Errorf("whoever has a form was told %+v", told)
	}
}

// What has come too late for a form is answered with a button that opens it.
func TestAFormThatDidNotOpenIsOfferedAgain(t *testing.T) {
	t.Parallel()
	late := map[string]slackemu.MethodFault{"views.open": {Error: "expired_trigger_id"}}
	for name, c := range map[string]struct {
		user  string
		do    func(w *world)
		opens string
	}{
		"a command": {rita, func(w *world) { w.types(rita, "upgrade bastion-prod -- security fixes") }, "upgrade"},
		"a shortcut": {rita, func(w *world) {
			w.insists("the shortcut", func() slackemu.Delivery { return w.slack.As(rita).Shortcut("schedule_upgrade") })
		}, "upgrade"},
		"a move":   {rita, func(w *world) { w.types(rita, "reschedule CBH-1") }, "pick_time"},
		"a denial": {ana, func(w *world) { w.presses(ana, w.sees(ana, "waiting for approval"), "Deny") }, "deny"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			w.start()
			if c.opens != "upgrade" {
				w.card("in 3 days at 2am")
				w.answers(rita, "CBH-1")
			}
			w.methods(late)
			c.do(w)
			button := w.offeredAgain(c.user)
			w.methods(nil)
			w.insists("the button", func() slackemu.Delivery { return button.Click() })
			if form := w.form(c.user); form.CallbackID != c.opens {
				t.Errorf("the form %q was opened", form.CallbackID)
			}
		})
	}
}

// offeredAgain waits for the button that opens a form.
func (w *world) offeredAgain(user string) (button *slackemu.Action) {
	w.t.Helper()
	w.until("a button that opens the form", func() bool {
		for _, m := range w.slack.As(user).Sees("") {
			if a := m.Action("Open the form"); a.Exists() && w.private(user, m.Message) {
				button = a
				return true
			}
		}
		return false
	})
	return button
}

// Shortcuts are in everybody's menu, and for the members of the workspace.
func TestAShortcutOpensNothingForAGuest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	guest := w.slack.As(slackemu.UserGus)
	w.insists("the shortcut", func() slackemu.Delivery { return guest.Shortcut("schedule_upgrade") })
	w.answers(guest.ID, "Only active members of this workspace may")
	w.blind(guest.ID)
	if m := guest.Modal(); m != nil {
		t.Errorf("a form was opened: %s", m.Title)
	}
}
