package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// methods makes Web API methods misbehave.
func (w *world) methods(faults map[string]slackemu.MethodFault) {
	w.slack.SetFaults(slackemu.Faults{Methods: faults})
}

// reads waits until somebody reads a text in any conversation, privately or not.
func (w *world) reads(user, text string) slackemu.Message {
	w.t.Helper()
	var found slackemu.Message
	w.until(fmt.Sprintf("%s to read %q", user, text), func() bool {
		for _, channel := range w.slack.Channels() {
			for _, m := range w.slack.As(user).Sees(channel.ID) {
				if strings.Contains(m.Text, text) {
					found = m.Message
					return true
				}
			}
		}
		return false
	})
	return found
}

// private reports whether only one person can read a message.
func (w *world) private(user string, m slackemu.Message) bool {
	for _, channel := range w.slack.Channels() {
		if channel.ID == m.Channel && channel.IM == user {
			return true
		}
	}
	return m.EphemeralFor == user
}

// top counts the messages of a channel that begin with a text, threads left out.
func (w *world) top(text string) (n int) {
	for _, m := range w.slack.Messages(slackemu.ChannelOps) {
		if m.ThreadTS == "" && m.EphemeralFor == "" && strings.HasPrefix(m.Text, text) {
			n++
		}
	}
	return n
}

// A request whose card nobody can see is withdrawn, and its instance is free.
func TestACardThatCannotBePostedIsSaidPrivately(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for n, c := range []struct{ word, way string }{
		{"channel_not_found", "Invite me"}, {"not_in_channel", "Invite me"}, {"is_archived", "The channel is archived"}, {"restricted_action", "Slack said `restricted_action`"},
	} {
		w.methods(map[string]slackemu.MethodFault{"chat.postMessage": {Error: c.word}})
		w.types(rita, "upgrade bastion-prod in 3 days at 2am")
		told := w.reads(rita, fmt.Sprintf("I could not post CBH-%d", n+1))
		if !w.private(rita, told) || !strings.Contains(told.Text, c.way) {
			t.Errorf("%s: %+v", c.word, told)
		}
		w.methods(nil)
		w.types(rita, fmt.Sprintf("status CBH-%d", n+1))
		w.reads(rita, "withdrawn")
		w.slack.As(rita).Reload()
	}
	w.card("in 3 days at 2am")
}

// Where neither the channel nor an ephemeral message works, a direct one does.
func TestAnArchivedChannelIsSaidDirectly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_CHANNEL="+slackemu.ChannelOld)
	w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	if told := w.reads(rita, "I could not post CBH-1"); !w.private(rita, told) {
		t.Errorf("%+v", told)
	}
}

// TestACardThatIsNotTheBotsAnyMoreIsPostedAgain: it was deleted, or the app was
// installed again and is another bot.
func TestACardThatIsNotTheBotsAnyMoreIsPostedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"message_not_found", "cant_update_message"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			w.start()
			card := w.card("in 3 days at 2am")
			w.methods(map[string]slackemu.MethodFault{"chat.update": {Error: code, Times: 1}})
			w.presses(ana, card, "Approve")
			w.sees(rita, "*Scheduled.*")
			w.until("a second card", func() bool { return w.top("CBH-1") == 2 })
			if n := w.posts(); n != 1 {
				t.Errorf("%d POSTs", n)
			}
		})
	}
}

// TestNewsBelowADeletedCardIsTold to the requester, where Slack refuses it there.
func TestNewsBelowADeletedCardIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.methods(map[string]slackemu.MethodFault{"chat.postMessage": {Error: "thread_not_found", Times: 1000}})
	w.presses(ana, card, "Approve")
	if told := w.sees(rita, "*Scheduled.*"); !w.private(rita, told.Message) {
		t.Errorf("%+v", told)
	}
}

// Every method is limited for a while: all arrives later, nothing twice.
func TestLimitsDelayAndLoseNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	limits := map[string]slackemu.MethodFault{}
	for _, method := range []string{"chat.postMessage", "chat.update", "chat.postEphemeral", "users.info", "conversations.history", "conversations.replies", "response_url"} {
		limits[method] = slackemu.MethodFault{Status: 429, RetryAfter: 1, Times: 1}
	}
	w.methods(limits)
	card := w.card("in 3 days at 2am")
	w.reads(rita, "CBH-1 is recorded")
	w.methods(limits)
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	w.until("the card to say so", func() bool { return !w.shown(rita, card).Action("Approve").Exists() })
	if cards, told, posts := w.top("CBH-1"), strings.Count(w.transcript(), "*Scheduled.*"), w.posts(); cards != 1 || told != 1 || posts != 1 {
		t.Errorf("%d cards, %d notices, %d POSTs\n%s", cards, told, posts, w.transcript())
	}
}

func TestAFormThatCannotOpenIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	for _, word := range []string{"expired_trigger_id", "exchanged_trigger_id"} {
		w.methods(map[string]slackemu.MethodFault{"views.open": {Error: word, Times: 1}})
		w.presses(ana, card, "Deny")
		if told := w.reads(ana, "If no form is open, press the button"); !w.private(ana, told) {
			t.Errorf("%+v", told)
		}
		w.slack.As(ana).Reload()
	}
	w.presses(ana, card, "Deny")
	w.form(ana)
}

func TestAnswersFindAnotherWayThanTheResponseURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for _, fault := range []slackemu.MethodFault{
		{Status: 404, Body: `{"ok":false,"error":"used_url"}`}, {Error: "expired_url"}, {Status: 500, Body: "<html>Oops</html>"}, {Drop: true},
	} {
		for _, ephemeral := range []slackemu.MethodFault{{}, {Error: "user_not_in_channel"}} {
			w.methods(map[string]slackemu.MethodFault{"response_url": fault, "chat.postEphemeral": ephemeral})
			word := fmt.Sprintf("frobnicate%d%d", len(w.slack.Calls()), fault.Status)
			w.types(rita, word)
			if told := w.reads(rita, word); !w.private(rita, told) {
				t.Errorf("%+v: %+v", fault, told)
			}
		}
	}
}

// A command that is typed at any moment of a refresh is served.
func TestDisconnectsLoseNoCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for n, reason := range []string{"refresh_requested", "link_disabled", "too_many_websockets", "warning"} {
		if err := w.slack.Disconnect(w.slack.Sockets()[0].ID, reason); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			word := fmt.Sprintf("frobnicate%d%d", n, i)
			w.types(rita, word)
			w.reads(rita, word)
		}
		w.until("two sockets", func() bool { return len(w.slack.Sockets()) >= 2 })
	}
}

// ready asks a bot on a known port whether it is.
func ready(t *testing.T, addr string) (status int, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// With a Redis whose clock is wrong every time would be wrong.
func TestAWrongClockIsNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slack, cloud time.Duration // how far the servers' clocks are ahead
		warns, fails string
	}{
		"right":         {0, 0, "", ""},
		"Slack by 15 s": {15 * time.Second, 0, `"clock":"slack"`, ""},
		// Dates are whole seconds: of 90, either side is a minute and some.
		"Slack by 90 s": {-90 * time.Second, 0, `"clock":"slack"`, "differs from slack's by 1m"},
		"cloud by 90 s": {0, 90 * time.Second, `"clock":"cloud/default"`, "differs from cloud/default's by -1m"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ahead := func(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }
			addr := fmt.Sprintf("127.0.0.1:%d", redistest.FreePort(t))
			w := newClockedWorld(t, cbhemu.Options{Now: ahead(c.cloud)}, slackemu.Options{Now: ahead(c.slack)}, "CBHBOT_LISTEN="+addr)
			p := w.start()
			card := w.card("in 3 days at 2am")
			w.presses(ana, card, "Approve")
			if c.fails == "" {
				w.sees(rita, "*Scheduled.*")
			} else {
				w.until("the press to be worked on", func() bool { return !w.shown(bo, card).Action("Approve").Exists() })
			}
			status, text := ready(t, addr)
			if wrong := c.fails != ""; wrong != (status == http.StatusServiceUnavailable) || wrong && !strings.Contains(text, c.fails) {
				t.Errorf("/readyz: %d %s", status, text)
			}
			p.stop()
			if warned := strings.Contains(p.log.String(), "clock differs"); warned != (c.warns != "") || !strings.Contains(p.log.String(), c.warns) {
				t.Errorf("warned: %v", warned)
			}
			if want := map[bool]int{true: 0, false: 1}[c.fails != ""]; w.posts() != want {
				t.Errorf("%d POSTs", w.posts())
			}
		})
	}
}
