package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"
)

const (
	patience  = 20 * time.Second // for 429s and repeats of one call
	callTries = 4
	cacheFor  = time.Minute
)

// do makes one call of a Web API method. A 429 is always waited for and
// repeated: it did nothing. Faults are repeated only where repeating is harmless.
func (s *Sender) do(ctx context.Context, method, channel string, harmless bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for try := 1; ; try++ {
		if err := s.pace.wait(ctx, method, channel); err != nil {
			return named(method, err)
		}
		err := call(ctx)
		wait, limited := retryAfter(err)
		again := limited || harmless && Unclear(err)
		if err == nil || !again || try == callTries {
			return named(method, err)
		}
		if limited {
			s.log.WithField("method", method).Warn("Slack asks to slow down")
			s.pace.hold(method, wait)
		} else if !sleep(ctx, time.Duration(try)*200*time.Millisecond) {
			return named(method, err)
		}
	}
}

func retryAfter(err error) (time.Duration, bool) {
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		return limited.RetryAfter, true
	}
	var status slack.StatusCodeError
	if ErrorCode(err) == "ratelimited" || errors.As(err, &status) && status.Code == 429 {
		return time.Second, true
	}
	return 0, false
}

// named says which method failed, and drops the address that net/http puts
// into its errors.
func named(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", method, bare(err))
}

// bare takes net/http's wrapper with the URL off an error.
func bare(err error) error {
	type urlError interface {
		Timeout() bool
		Temporary() bool
		Unwrap() error
	}
	var wrapped urlError
	if errors.As(err, &wrapped) && wrapped.Unwrap() != nil {
		return wrapped.Unwrap()
	}
	return err
}

// ErrorCode is Slack's word for a refusal, such as "channel_not_found"; "" for
// any other error.
func ErrorCode(err error) string {
	var refusal slack.SlackErrorResponse
	if errors.As(err, &refusal) {
		return refusal.Err
	}
	return ""
}

// passing are the words of refusals that may not stand the next time.
var passing = []string{"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited"}

// Permanent reports whether Slack refused for a reason that repeating will not
// change.
func Permanent(err error) bool {
	code := ErrorCode(err)
	return code != "" && !slices.Contains(passing, code)
}

// Unclear reports whether a call may have taken effect although it failed: it
// timed out, the connection broke, or Slack answered with a fault of its own.
func Unclear(err error) bool {
	if err == nil || errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	if _, limited := retryAfter(err); limited {
		return false
	}
	code := ErrorCode(err)
	return code == "" || code == "internal_error" || code == "fatal_error" || code == "service_unavailable" || code == "request_timeout"
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// pace keeps to Slack's limits: a method that was told to wait waits, and a
// channel gets about one message a second after a short burst.
type pace struct {
	mu       sync.Mutex
	held     map[string]time.Time // by method
	channels map[string]time.Time // when the channel's budget is full again
}

const (
	channelEvery = time.Second
	channelBurst = 10
)

func newPace() *pace {
	return &pace{held: map[string]time.Time{}, channels: map[string]time.Time{}}
}

// hold stops a method for a while, with some jitter so that replicas part.
func (p *pace) hold(method string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[method] = time.Now().Add(d + rand.N(250*time.Millisecond))
}

func (p *pace) wait(ctx context.Context, method, channel string) error {
	if d := p.due(method, channel); d > 0 && !sleep(ctx, d) {
		return ctx.Err()
	}
	return ctx.Err()
}

// due books one call and says how long to wait before making it.
func (p *pace) due(method, channel string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	wait := p.held[method].Sub(now)
	if method != "chat.postMessage" {
		return wait
	}
	full := p.channels[channel]
	if full.Before(now) {
		full = now
	}
	full = full.Add(channelEvery)
	p.channels[channel] = full
	if len(p.channels) > 1000 {
		p.forget(now)
	}
	return max(wait, full.Sub(now)-channelBurst*channelEvery)
}

func (p *pace) forget(now time.Time) {
	for channel, full := range p.channels {
		if full.Before(now) {
			delete(p.channels, channel)
		}
	}
}

// cache keeps answers for a minute and lets callers at the same time share one
// question, which does not end when the first of them goes away.
type cache[V any] struct {
	flight singleflight.Group
	mu     sync.Mutex
	known  map[string]cached[V]
}

type cached[V any] struct {
	value V
	at    time.Time
}

func newCache[V any]() *cache[V] { return &cache[V]{known: map[string]cached[V]{}} }

func (c *cache[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	if v, ok := c.recent(key); ok {
		return v, nil
	}
	answer := c.flight.DoChan(key, func() (any, error) {
		v, err := ask(context.WithoutCancel(ctx))
		if err == nil {
			c.keep(key, v)
		}
		return v, err
	})
	select {
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	case result := <-answer:
		v, _ := result.Val.(V)
		return v, result.Err
	}
}

func (c *cache[V]) recent(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.known[key]
	return entry.value, ok && time.Since(entry.at) < cacheFor
}

func (c *cache[V]) keep(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) > 10_000 {
		clear(c.known)
	}
	c.known[key] = cached[V]{value: v, at: time.Now()}
}

// isTimeout reports a deadline that passed, of the network or of the context.
func isTimeout(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() || strings.Contains(err.Error(), "timeout")
}
