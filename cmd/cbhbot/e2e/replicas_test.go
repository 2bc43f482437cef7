package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// crowd adds people to the workspace and to #ops, and names them.
func crowd(w *world, n int) []string {
	var ids []string
	for i := range n {
		id := fmt.Sprintf("U0CROWD%02d", i)
		w.slack.SetUser(slackemu.User{ID: id, TeamID: "T0HOME", Name: fmt.Sprintf("crowd%d", i), TZ: "UTC"})
		ids = append(ids, id)
	}
	for _, c := range w.slack.Channels() {
		if c.ID == slackemu.ChannelOps {
			c.Members = append(c.Members, ids...)
			w.slack.SetChannel(c)
		}
	}
	return ids
}

func TestTwentyPressesAndAWithdrawalInTheSameInstant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	ids := crowd(w, 20)
	w.slack.SetFaults(slackemu.Faults{Duplicate: 0.5})
	for range 3 {
		w.start("CBHBOT_APPROVERS=" + strings.Join(ids, ","))
	}
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	card := w.sees(ids[0], "waiting for approval")
	var group sync.WaitGroup
	for _, id := range ids {
		button := w.shown(id, card).Action("Approve")
		group.Go(func() {
			if d := button.Click(); !d.Acked {
				t.Errorf("the press of %s was not acked: %s", id, d.Error)
			}
		})
	}
	group.Go(func() { w.types(rita, "withdraw CBH-1") })
	group.Wait()
	var state approvals.State
	w.untilRequest(1, "the end of the race", func(r *approvals.Request) bool {
		state = r.Stage(0)
		return state == approvals.Scheduled || state == approvals.Withdrawn
	})
	// An approval may still be followed by the withdrawal: one or no press won.
	w.until("all losers to be told", func() bool { return w.told(ids, "Nothing was changed") >= len(ids)-1 })
	if n := w.posts(); n > 1 || (state == approvals.Scheduled) != (n == 1) {
		t.Errorf("%s after %d POSTs", state, n)
	}
}

// told counts the people who were told something privately.
func (w *world) told(ids []string, words string) int {
	n := 0
	for _, id := range ids {
		if slices.ContainsFunc(w.slack.As(id).Sees(slackemu.ChannelOps), func(m *slackemu.Shown) bool {
			return m.EphemeralFor == id && strings.Contains(m.Text, words)
		}) {
			n++
		}
	}
	return n
}

func TestARollingRestartUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: bastions(60)})
	const rooms = 10 // Slack takes one message a second in each
	bots := []*process{w.start(), w.start()}
	done, acked := make(chan struct{}), map[string]bool{}
	var load sync.WaitGroup
	load.Go(func() {
		defer close(done)
		for n := range 60 {
			name := fmt.Sprintf("bastion-%04d", n)
			if w.slack.As(rita).Command(w.room(n%rooms), "/cbh", "upgrade "+name+" in 3 days at 2am").Acked {
				acked[name] = true
			}
		}
	})
	for i, loaded := 0, true; loaded; i = 1 - i {
		bots[i].stop()
		bots[i] = w.start()
		select {
		case <-done:
			loaded = false
		default:
		}
	}
	load.Wait()
	w.until("one card for each command", func() bool {
		cards := map[string]int{}
		for n := range rooms {
			for _, m := range w.slack.Messages(w.room(n)) {
				if _, rest, ok := strings.Cut(m.Text, ": Upgrade "); ok && m.ThreadTS == "" {
					name, _, _ := strings.Cut(rest, " (")
					cards[name]++
				}
			}
		}
		for name := range acked {
			if cards[name] != 1 {
				return false
			}
		}
		return len(acked) > 0
	})
}

// bastions are n instances that can be upgraded.
func bastions(n int) []cbhemu.Instance {
	var instances []cbhemu.Instance
	for i := range n {
		instances = append(instances, cbhemu.Instance{
			ServerID: fmt.Sprintf("server-%04d", i), Name: fmt.Sprintf("bastion-%04d", i), Version: "3.3.49.0",
			Path: []cbhemu.Step{{Version: "3.3.52.1"}},
		})
	}
	return instances
}

// Slack gives ten sockets to the app, however many processes it has.
func TestTooManySocketsOfAllCopiesAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "SLACK_CONNECTIONS=4")
	checks := func(words string, want int) {
		t.Helper()
		text, code := output(t, w.env, "check")
		if code != want || !strings.Contains(text, words) {
			t.Errorf("check ended with %d: %s", code, text)
		}
	}
	checks("copies of the bot: 0; one wants 5 of the 10 sockets", 0)
	first := w.start()
	checks("copies of the bot: 1; they want 5 of the 10 sockets", 0)
	second := w.start()
	checks("copies of the bot: 2; they want 9 of the 10 sockets", 0)
	w.start()
	checks("copies of the bot: 3; with the socket that is opened before another is closed they want 13", 1)
	first.says(t, "lower SLACK_CONNECTIONS")
	if strings.Contains(first.log.String()+second.log.String(), "no copy of this bot holds") {
		t.Errorf("the sockets of other copies are taken for ghosts: %s%s", first.log, second.log)
	}
}
