package bench

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cbhbot/bot/slackemu"
)

// sample is a number of measured times.
type sample struct {
	mu  sync.Mutex
	all []time.Duration
}

func (s *sample) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}

// when is a phrase for a time two to four days ahead, in every zone and to every reader.
func when() string { return strings.ToLower(time.Now().Add(72*time.Hour).Weekday().String()) + " 2am" }

// asks types the command, and returns how long the ack took.
func (r *rig) asks(c *cycle) time.Duration {
	d := r.slack.As(slackemu.UserRita).Command(c.channel, "/cbh", fmt.Sprintf("upgrade %s %s", c.server, when()))
	if !d.Acked {
		r.tb.Errorf("the command for %s: %s", c.name, d.Error)
	}
	return d.Within
}

// presses approves.
func (r *rig) presses(c *cycle) time.Duration {
	for _, m := range r.slack.As(slackemu.UserAna).Sees(c.channel) {
		if m.TS == c.card {
			d := m.Action("Approve").Click()
			if !d.Acked || d.Error != "" {
				r.tb.Errorf("the press for %s: %s", c.name, d.Error)
			}
			return d.Within
		}
	}
	r.tb.Errorf("%s has no card", c.name)
	return 0
}

// comes waits for a step of a cycle. Where one does not come, nobody waits for any more.
func (r *rig) comes(c *cycle, what string, step chan struct{}) bool {
	select {
	case <-step:
		return true
	case <-r.given:
	case <-time.After(patience):
		r.giveUp.Do(func() {
			r.tb.Errorf("no %s for %s; Rita was told %q", what, c.name, c.words())
			close(r.given)
		})
	}
	return false
}

// story is how long the parts of cycles took.
type story struct{ call, report, whole sample }

// upgrade is one cycle, from the command to the report. Its time is that of the bot:
// from the command to the card, and from the press to the report.
func (r *rig) upgrade(s *story) {
	c := r.takes()
	defer r.ends(c)
	typed := time.Now()
	if r.asks(c); !r.comes(c, "card", c.carded) {
		return
	}
	pressed := time.Now()
	if r.presses(c); !r.comes(c, "call", c.calls) || !r.comes(c, "report", c.reports) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.call.add(c.called.Sub(pressed))
	s.report.add(c.told.Sub(pressed))
	s.whole.add(c.shown.Sub(typed) + c.told.Sub(pressed))
}

// together has so many people do the same at the same time, times times in all.
func together(people, times int, do func()) {
	var left atomic.Int64
	left.Store(int64(times))
	var group sync.WaitGroup
	for range people {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				do()
			}
		})
	}
	group.Wait()
}
