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

// TestEverybodyOfACrowdIsAnsweredAtOnce: 200 people ask for an upgrade each in one channel
// and at the same moment, within Slack's limits. Their cards come as Slack takes them.
func TestEverybodyOfACrowdIsAnsweredAtOnce(t *testing.T) { atBest(t, answeredWithin, lastAnswered) }

// lastAnswered is how long the last of a crowd waits.
func lastAnswered(t *testing.T) (last time.Duration) {
	t.Helper()
	const people = 200
	w := newClockedWorld(t, cbhemu.Options{Instances: bastions(people)}, slackemu.Options{RateLimits: true})
	ids := crowd(w, people)
	w.start()
	began := time.Now()
	var typing sync.WaitGroup
	for n := range people {
		typing.Go(func() {
			for !w.slack.As(ids[n]).Command(slackemu.ChannelOps, "/cbh", fmt.Sprintf("upgrade bastion-%04d in 3 days at 2am", n)).Acked {
				t.Log("somebody types it again") // after 3 s, which is too late
			}
		})
	}
	typing.Wait()
	for n := range people {
		told := w.isTold(ids[n], fmt.Sprintf("bastion-%04d", n))
		last = max(last, stamp(t, told.TS).Sub(began))
	}
	t.Logf("the last was answered after %s, with %d cards there", last.Round(time.Millisecond), w.top("CBH-"))
	w.untilMade(people)
	return last
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
