package bot

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// pace keeps to Slack's limits: what was told to wait waits, and a channel gets
// about one message a second after a short burst.
type pace struct {
	mu       sync.Mutex
	held     map[string]hold
	channels map[string]time.Time // when the channel's budget is full again
}

// hold is a pause that Slack asked for, of a method or, as chat.postMessage is
// limited by channel, of a method in a channel.
type hold struct {
	until time.Time // no call before
	ends  time.Time // until then those who waited go one after the other
}

const (
	channelEvery = time.Second
	channelBurst = 10
	queueEvery   = 100 * time.Millisecond // between calls that had to wait
	queueFor     = 30 * time.Second
	mostPaces    = 1000 // entries before old ones are looked for
)

func newPace() *pace {
	return &pace{held: map[string]hold{}, channels: map[string]time.Time{}}
}

func paceKey(method, channel string) string {
	if method == "chat.postMessage" {
		return method + " " + channel
	}
	return method
}

// hold stops a method for a while, with some jitter so that replicas part.
func (p *pace) hold(method, channel string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := time.Now().Add(d + rand.N(250*time.Millisecond))
	p.held[paceKey(method, channel)] = hold{until: until, ends: until.Add(queueFor)}
}

// wait blocks until a call may be made. A wait longer than ctx lasts is not
// begun: it comes back as what Slack would say.
func (p *pace) wait(ctx context.Context, method, channel string) error {
	for {
		d := p.turn(method, channel)
		if d <= 0 {
			return ctx.Err()
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
			return &slack.RateLimitedError{RetryAfter: d}
		}
		if !sleep(ctx, d) {
			return ctx.Err()
		}
	}
}

// turn books a call, or says after how long to ask again.
func (p *pace) turn(method, channel string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, key := time.Now(), paceKey(method, channel)
	p.forget(now)
	held, limited := p.held[key]
	if wait := held.until.Sub(now); limited && wait > 0 {
		return wait
	}
	if method == "chat.postMessage" {
		if wait := p.spend(channel, now); wait > 0 {
			return wait
		}
	}
	if limited && now.Before(held.ends) {
		p.held[key] = hold{until: now.Add(queueEvery), ends: held.ends}
	}
	return 0
}

// spend takes one message out of a channel's budget, or says when there is one.
func (p *pace) spend(channel string, now time.Time) time.Duration {
	full := p.channels[channel]
	if full.Before(now) {
		full = now
	}
	full = full.Add(channelEvery)
	if wait := full.Sub(now) - channelBurst*channelEvery; wait > 0 {
		return wait
	}
	p.channels[channel] = full
	return 0
}

func (p *pace) forget(now time.Time) {
	if len(p.channels)+len(p.held) < mostPaces {
		return
	}
	for channel, full := range p.channels {
		if full.Before(now) {
			delete(p.channels, channel)
		}
	}
	for key, held := range p.held {
		if held.ends.Before(now) {
			delete(p.held, key)
		}
	}
}
