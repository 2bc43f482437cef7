package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// answeredWithin is how long anybody waits for a private answer.
const answeredWithin = 3 * time.Second

// TestEverybodyOfACrowdIsAnsweredAtOnce: 200 upgrades are asked for in one channel and
// at the same moment. Their cards come as Slack takes them. Slack lets an app look up
// about 100 people a minute (https://docs.slack.dev/reference/methods/users.info, Tier 4),
// so that with its limits there are fewer who ask.
func TestEverybodyOfACrowdIsAnsweredAtOnce(t *testing.T) {
	t.Run("200 people", func(t *testing.T) { answersACrowd(t, 200, slackemu.Options{}) })
	t.Run("50 people, within Slack's limits", func(t *testing.T) { answersACrowd(t, 50, slackemu.Options{RateLimits: true}) })
}

func answersACrowd(t *testing.T, people int, slack slackemu.Options) {
	const requests = 200
	w := newClockedWorld(t, cbhemu.Options{Instances: bastions(requests)}, slack)
	ids := crowd(w, people)
	w.start()
	began := time.Now()
	var typing sync.WaitGroup
	for n := range requests {
		typing.Go(func() {
			d := w.slack.As(ids[n%people]).Command(slackemu.ChannelOps, "/cbh", fmt.Sprintf("upgrade bastion-%04d in 3 days at 2am", n))
			if !d.Acked {
				t.Errorf("the ack of %d: %+v", n, d)
			}
		})
	}
	typing.Wait()
	var last time.Duration
	for n := range requests {
		told := w.isTold(ids[n%people], fmt.Sprintf("bastion-%04d", n))
		last = max(last, stamp(t, told.TS).Sub(began))
	}
	t.Logf("the last was answered after %s, with %d cards there", last.Round(time.Millisecond), w.top("CBH-"))
	if last > answeredWithin {
		t.Error("too late")
	}
	w.untilMade(requests)
}

// isTold waits until somebody is told something privately.
func (w *world) isTold(user, text string) (told slackemu.Message) {
	w.t.Helper()
	w.until("an answer with "+text, func() bool {
		for _, m := range w.slack.As(user).Sees(slackemu.ChannelOps) {
			if m.EphemeralFor == user && strings.Contains(m.Text, text) {
				told = m.Message
				return true
			}
		}
		return false
	})
	return told
}

// stamp is when Slack took a message.
func stamp(t *testing.T, ts string) time.Time {
	var seconds, micros int64
	if _, err := fmt.Sscanf(ts, "%d.%06d", &seconds, &micros); err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, micros*1000)
}
