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

// direct is the conversation of a person with the bot.
func direct(user string) string { return "D" + user[1:] }

// strangers are the accounts that may do nothing and read nothing.
var strangers = []string{slackemu.UserGus, slackemu.UserXen, slackemu.UserDee, slackemu.UserJobs}

// answers waits for a private answer to a person that holds some words.
func (w *world) answers(user, words string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%s to be answered %q", user, words), func() bool {
		return slices.ContainsFunc(w.answered(user), func(m slackemu.Message) bool { return strings.Contains(fmt.Sprint(m.Text, m.Blocks), words) })
	})
}

// blind fails when somebody has read of a bastion in anything that they alone see.
func (w *world) blind(user string) {
	w.t.Helper()
	for _, m := range w.answered(user) {
		if strings.Contains(fmt.Sprint(m.Text, m.Blocks), "bastion-") {
			w.t.Errorf("%s was told of a bastion: %s", user, m.Text)
		}
	}
	if home := w.slack.As(user).Home(); home != nil && strings.Contains(fmt.Sprint(home.Blocks), "bastion-") {
		w.t.Errorf("%s reads of a bastion on the home page", user)
	}
}

// The lists, the policy, mentions and the home page are for the members of the
// workspace who are no guests.
func TestReadingIsForMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.card("in 3 days at 2am")
	for _, user := range strangers {
		t.Run(user, func(t *testing.T) {
			for _, text := range []string{
				"instances", "instances basti", "list", "list mine", "status", "status bastion-prod", "status CBH-1", "history bastion-prod",
				"policy", "policy bastion-prod", "upgrade bastion-prd in 3 days at 2am", "upgrade", "cancel bastion-prd", "withdraw bastion-prd",
			} {
				w.insists(text, func() slackemu.Delivery { return w.slack.As(user).Command(slackemu.ChannelOps, "/cbh", text) })
				if user == slackemu.UserXen { // the command of another workspace's app
					w.answers(user, "members of another workspace")
				} else {
					w.answers(user, "Only active members of this workspace may")
				}
				w.slack.As(user).Reload()
			}
			w.addresses(user, slackemu.ChannelOps, "", "status bastion-prod")
			if user != slackemu.UserDee { // whom no message reaches
				w.answers(user, "Only active members of this workspace may see this")
			}
			w.slack.As(user).OpenHome("home")
			w.until("the home page", func() bool { return w.slack.As(user).Home() != nil })
			w.idle()
			w.blind(user)
			if m := w.slack.As(user).Modal(); m != nil {
				t.Errorf("a form was opened: %s", m.Title)
			}
		})
	}
	w.types(rita, "help")
	w.types(rita, "status bastion-prod")
	w.answers(rita, "waiting for approval")
	w.slack.As(rita).OpenHome("home")
	w.until("what is open", func() bool {
		h := w.slack.As(rita).Home()
		return h != nil && strings.Contains(fmt.Sprint(h.Blocks), "CBH-1")
	})
}

// sharing is a channel that another company hosts, with people of it.
func sharing(t *testing.T, scopes []string) *world {
	w := newClockedWorld(t, cbhemu.Options{}, slackemu.Options{Scopes: scopes})
	for _, c := range w.slack.Channels() {
		if c.ID == slackemu.ChannelPartners {
			c.Members = append(c.Members, slackemu.UserGus, slackemu.UserDee, slackemu.UserJobs)
			w.slack.SetChannel(c)
		}
	}
	w.start()
	return w
}

// Nobody is told of bastions where another company reads.
func TestNothingIsToldInASharedChannel(t *testing.T) {
	t.Parallel()
	for granted, scopes := range grants {
		t.Run(granted, func(t *testing.T) {
			t.Parallel()
			w := sharing(t, scopes)
			for _, text := range []string{"instances", "list", "status", "status bastion-prod", "history bastion-prod", "policy"} {
				w.addresses(rita, slackemu.ChannelPartners, "", text)
				w.answers(rita, "shared with another company")
				w.slack.As(rita).Reload()
				if granted == "all" { // a command does not say where it was typed
					w.typesIn(slackemu.ChannelPartners, rita, text)
					w.answers(rita, "shared with another company")
					w.slack.As(rita).Reload()
				}
			}
			w.idle()
			w.blind(rita)
			w.typesIn(direct(rita), rita, "instances")
			w.answers(rita, "bastion-prod")
		})
	}
}

// The table of authority, through the wire of a channel that another workspace hosts:
// its envelopes name teams in other places.
func TestAuthorityHoldsInASharedChannel(t *testing.T) {
	t.Parallel()
	w := sharing(t, nil)
	w.typesIn(slackemu.ChannelPartners, rita, "upgrade bastion-prod in 3 days at 2am -- security fixes")
	card := w.sharedCard(ana, "waiting for approval")
	for _, user := range strangers {
		for _, name := range []string{"Approve", "Deny", "Withdraw"} {
			w.pressesShared(user, card, name)
			w.answers(user, "Only active members of this workspace may do this")
			w.slack.As(user).Reload()
		}
		for _, text := range []string{
			"withdraw CBH-1", "reschedule CBH-1 in 4 days at 2am", "reschedule CBH-1", "break-glass CBH-1 -- attackers are in", "cancel CBH-1", "rollback bastion-prod",
		} {
			w.typesIn(slackemu.ChannelPartners, user, text)
			w.answers(user, map[bool]string{false: "Only active members of this workspace may do this", true: "members of another workspace"}[user == slackemu.UserXen])
			w.slack.As(user).Reload()
		}
		if m := w.slack.As(user).Modal(); m != nil {
			t.Errorf("%s: a form was opened: %s", user, m.Title)
		}
	}
	other := crowd(w, 1)[0]
	for _, c := range []struct{ user, name, words string }{
		{rita, "Approve", "You asked for this yourself"}, {rita, "Deny", "You asked for this yourself"},
		{other, "Approve", "You are not among those who may decide this"}, {other, "Deny", "You are not among those who may decide this"},
		{other, "Withdraw", "Only the requester and the approvers may do this"},
	} {
		w.pressesShared(c.user, card, c.name)
		w.answers(c.user, c.words)
		w.slack.As(c.user).Reload()
	}
	if r := w.request(1); r.State != approvals.Pending || len(r.Decisions) > 0 || r.Revision != 1 {
		t.Errorf("a refused act changed something: %+v", r)
	}
	w.pressesShared(bo, card, "Withdraw")
	w.sharedCard(bo, "withdrawn")
	if w.posts() != 0 {
		t.Error("something was called")
	}

	// An approver denies by a form, mentions and approves, all as in the own workspace.
	w.typesIn(slackemu.ChannelPartners, rita, "upgrade bastion-prod in 3 days at 2am")
	w.pressesShared(ana, w.sharedCard(ana, "CBH-2 waiting for approval"), "Deny")
	w.form(ana).Submit(map[string]any{"reason": "not now"})
	w.sharedCard(rita, "*Denied*")
	w.addresses(rita, slackemu.ChannelPartners, "", "upgrade bastion-prod in 4 days at 2am")
	w.pressesShared(ana, w.sharedCard(ana, "CBH-3 waiting for approval"), "Approve")
	w.sharedCard(rita, "*Scheduled.*")
}

// A form is of the workspace that installed the app, whoever sends it: one that
// somebody sends who belongs to another one by now is refused, and not passed over.
func TestAFormOfSomebodyElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Deny")
	w.form(ana)
	w.slack.SetUser(slackemu.User{ID: ana, TeamID: slackemu.TeamOther, Name: "ana", TZ: "UTC", IsStranger: true})
	w.idle()
	if d := w.slack.As(ana).Modal().Submit(map[string]any{"reason": "because"}); !d.Acked {
		t.Fatalf("%+v", d)
	}
	w.answers(ana, "Only active members of this workspace may do this")
	if m := w.shown(bo, card); !m.Action("Approve").Exists() {
		t.Errorf("the form of somebody elsewhere counted: %s", m.Text)
	}
}

// A form that only some may send is opened for them alone.
func TestAFormIsOpenedForThoseWhoMaySendIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	other := crowd(w, 1)[0]
	w.card("in 3 days at 2am")
	for _, text := range []string{"reschedule CBH-1", "reschedule bastion-prod"} {
		w.types(other, text)
		w.answers(other, "Only the requester and the approvers may do this")
		w.slack.As(other).Reload()
	}
	w.idle()
	if m := w.slack.As(other).Modal(); m != nil {
		t.Errorf("a form was opened: %s", m.Title)
	}
	w.types(rita, "reschedule CBH-1")
	w.form(rita)
}

// pressesShared presses a button of a message in the shared channel.
func (w *world) pressesShared(user string, m *slackemu.Shown, name string) {
	w.t.Helper()
	for _, seen := range w.slack.As(user).Sees(slackemu.ChannelPartners) {
		if seen.TS == m.TS {
			w.insists(user+" pressing "+name, seen.Action(name).Click)
			return
		}
	}
	w.t.Fatalf("%s does not see the message %s", user, m.TS)
}

// sharedCard waits for a message in the shared channel, and returns the latest.
func (w *world) sharedCard(user, words string) (found *slackemu.Shown) {
	w.t.Helper()
	w.until(words, func() bool {
		for _, m := range w.slack.As(user).Sees(slackemu.ChannelPartners) {
			if strings.Contains(m.Text, words) {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// Who leaves a group of approvers, or the company, loses the right at once in every
// copy of the bot, not when what it knew is ten seconds old.
func TestWhoLeavesLosesTheRightAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	for range 2 {
		w.start("CBHBOT_APPROVERS=" + slackemu.GroupApprovers)
	}
	card := w.card("in 3 days at 2am")
	for user, leave := range map[string]func(){
		bo: func() {
			w.slack.SetGroup(slackemu.UserGroup{ID: slackemu.GroupApprovers, Handle: "approvers", Users: []string{ana}})
		},
		ana: func() {
			w.slack.SetUser(slackemu.User{ID: ana, TeamID: slackemu.TeamHome, Name: "ana", TZ: "UTC", Deleted: true})
		},
	} {
		for range 8 { // both copies know them
			w.presses(user, card, "Deny")
		}
		w.form(user)
		w.idle()
		left := time.Now()
		leave()
		for !w.refusedBy(user, card) {
			if time.Since(left) > 5*time.Second {
				t.Fatalf("%s may still decide", user)
			}
		}
	}
}

// refusedBy presses Deny several times, and reports whether every press was refused.
func (w *world) refusedBy(user string, card *slackemu.Shown) bool {
	w.t.Helper()
	w.slack.As(user).Reload()
	const presses = 6
	for range presses {
		w.presses(user, card, "Deny")
	}
	w.idle()
	return len(w.answered(user)) == presses
}

// TestWhoTriesAgainHasTheBotLogInAnew, although the last login was refused a moment ago.
func TestWhoTriesAgainHasTheBotLogInAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.cloud.SetPassword(cbhemu.DefaultUser, "another")
	w.cloud.RevokeTokens()
	w.presses(ana, card, "Approve")
	told := w.sees(rita, "The cloud does not accept the bot's own login")
	w.cloud.SetPassword(cbhemu.DefaultUser, cbhemu.DefaultPassword)
	w.presses(rita, told, "Try again")
	w.sees(rita, "*Scheduled.*")
}
