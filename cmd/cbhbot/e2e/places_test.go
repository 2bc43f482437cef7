package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// place is where and how somebody asks for an upgrade.
type place struct {
	name    string
	user    string
	channel string
	ask     func(w *world, p place, text string) (thread string)
	direct  bool // nobody else can see a card there
}

func byCommand(w *world, p place, text string) string {
	w.typesIn(p.channel, p.user, text)
	return ""
}

func byMessage(w *world, p place, text string) string {
	w.addresses(p.user, p.channel, "", text)
	return ""
}

func inThread(w *world, p place, text string) string {
	root, _ := w.slack.As(p.user).Say(p.channel, "this one is old")
	w.addresses(p.user, p.channel, root.TS, text)
	return root.TS
}

var places = []place{
	{"a public channel", rita, slackemu.ChannelOps, byCommand, false},
	{"a mention", rita, slackemu.ChannelOps, byMessage, false},
	{"a mention in a thread", rita, slackemu.ChannelOps, inThread, false},
	{"a public channel without the bot", rita, slackemu.ChannelLobby, byCommand, false},
	{"a private channel", rita, slackemu.ChannelCrew, byCommand, false},
	{"a mention in a private channel", rita, slackemu.ChannelCrew, byMessage, false},
	{"a private channel without the bot", bo, slackemu.ChannelVault, byCommand, false},
	{"a shared channel", rita, slackemu.ChannelPartners, byCommand, false},
	{"a mention in a shared channel", rita, slackemu.ChannelPartners, inThread, false},
	{"a command to the bot", rita, direct(rita), byCommand, true},
	{"a message to the bot", rita, direct(rita), byMessage, true},
	{"a message to the bot in a thread", rita, direct(rita), inThread, true},
	{"a group", rita, slackemu.GroupNight, byCommand, true},
	{"a mention in a group", rita, slackemu.GroupNight, inThread, true},
	{"a conversation of two", rita, slackemu.DirectRitaAna, byCommand, true},
}

// TestARequestIsAskedForWhereItIsSeen asks in all kinds of conversations. Where nobody
// else would see the card, that is said before anything is made; everybody is answered
// where they asked.
func TestARequestIsAskedForWhereItIsSeen(t *testing.T) {
	t.Parallel()
	for cards, env := range map[string][]string{"": nil, slackemu.ChannelOps: {"CBHBOT_CHANNEL=" + slackemu.ChannelOps}} {
		t.Run("cards in "+cards, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{Instances: bastions(len(places))}, env...)
			w.start()
			for n, p := range places {
				w.asksAt(p, fmt.Sprintf("bastion-%04d", n), cards)
			}
		})
	}
}

func (w *world) asksAt(p place, name, cards string) {
	w.t.Helper()
	thread := p.ask(w, p, "upgrade "+name+" in 3 days at 2am")
	refused := p.direct && cards == ""
	words := name
	if refused {
		words = "where the approvers are"
	}
	w.until("an answer in "+p.name, func() bool {
		return slices.ContainsFunc(w.answered(p.user), func(m slackemu.Message) bool {
			return m.Channel == p.channel && m.ThreadTS == thread && strings.Contains(fmt.Sprint(m.Text, m.Blocks), words)
		})
	})
	w.slack.As(p.user).Reload()
	r := w.requestOf(name)
	where := cards
	if where == "" {
		where = p.channel
	}
	if (r.ID == 0) != refused || r.ID != 0 && r.Channel != where {
		w.t.Errorf("%s: %s in %q", p.name, r.Name(), r.Channel)
	}
}

// requestOf is the request for a bastion; a zero one where there is none.
func (w *world) requestOf(name string) *approvals.Request {
	for id := int64(1); ; id++ {
		if r := w.request(id); r.ID == 0 || r.Items[0].Target.Name == name {
			return r
		}
	}
}

// A form that is opened where nobody else sees a card asks for the channel.
func TestAFormAsksForTheChannelWhereNobodyElseReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for channel, asks := range map[string]bool{
		slackemu.ChannelOps: false, slackemu.ChannelCrew: false, slackemu.ChannelPartners: false,
		direct(rita): true, slackemu.GroupNight: true, slackemu.DirectRitaAna: true,
	} {
		said, _ := w.slack.As(rita).Say(channel, "it is time")
		for how, opens := range map[string]func() slackemu.Delivery{
			"a command": func() slackemu.Delivery { return w.slack.As(rita).Command(channel, "/cbh", "upgrade") },
			"a shortcut": func() slackemu.Delivery {
				seen := w.slack.As(rita).Sees(channel)
				return seen[slices.IndexFunc(seen, func(m *slackemu.Shown) bool { return m.TS == said.TS })].Shortcut("schedule_from_message")
			},
		} {
			w.insists(how, opens)
			form := w.form(rita)
			if got := input(form, "channel") != nil; got != asks {
				t.Errorf("%s in %s asks for a channel: %v", how, channel, got)
			}
			form.CloseAll()
		}
	}
}

// Words to the bot cannot open a form; a press on what they are answered can.
func TestAMentionWithoutATimeOffersTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	root, _ := w.slack.As(rita).Say(slackemu.ChannelOps, "this one is old")
	w.addresses(rita, slackemu.ChannelOps, root.TS, "upgrade bastion-prod")
	button := w.offeredAgain(rita)
	w.insists("the button", func() slackemu.Delivery { return button.Click() })
	w.submits(w.form(rita), map[string]any{"time": ritasTime(t, 7, 4).Unix()})
	w.until("the answer", func() bool {
		return slices.ContainsFunc(w.answered(rita), func(m slackemu.Message) bool {
			return strings.Contains(m.Text, "CBH-1") && m.ThreadTS == root.TS
		})
	})
}
