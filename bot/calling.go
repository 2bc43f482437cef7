package bot

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sirupsen/logrus"
)

const (
	patience  = 2500 * time.Millisecond // for what a person waits for, with its waits and repeats
	callTries = 4                       // of a call that meets faults
	callRoom  = 250 * time.Millisecond  // a wait that leaves a call less than that is not begun
)

// once makes one attempt of a call, and none while Slack's last limit of the
// method holds: a worker never sleeps here.
func (s *Sender) once(ctx context.Context, method, channel string, call func(context.Context) error) error {
	if wait := s.holds.left(method, channel); wait > 0 {
		s.metrics.holds.WithLabelValues(method).Inc()
		return &LimitedError{Method: method, After: wait}
	}
	if err := ctx.Err(); err != nil {
		return named(method, &unsentError{err})
	}
	err := named(method, call(ctx))
	s.metrics.called(method, err)
	if Disowned(err) {
		s.log.WithError(err).WithField("method", method).Error("Slack does not accept SLACK_BOT_TOKEN")
	}
	if after, limited := Limited(err); limited {
		s.log.WithFields(logrus.Fields{"method": method, "wait": after.String()}).Warn("Slack asks to slow down")
		s.holds.hold(method, channel, after)
	}
	return err
}

// await is once and again, for a person, within the time that ctx has.
func (s *Sender) await(ctx context.Context, method string, harmless bool, call func(context.Context) error) error {
	return patiently(ctx, harmless, func(ctx context.Context) error { return s.once(ctx, method, "", call) })
}

// reading is await for what a method tells.
func reading[T any](ctx context.Context, s *Sender, method string, call func(context.Context) (T, error)) (told T, err error) {
	err = s.await(ctx, method, true, func(ctx context.Context) error {
		told, err = call(ctx)
		return err
	})
	return told, err
}

// patiently repeats what a person waits for until ctx ends. What did nothing is
// repeated, after a limit's end; what may have taken effect only where that is
// harmless. A wait is not begun that would leave no time for the call.
func patiently(ctx context.Context, harmless bool, attempt func(context.Context) error) error {
	for tries := 1; ; tries++ {
		err := attempt(ctx)
		wait, again := pause(err, harmless, tries)
		if end, ok := ctx.Deadline(); !again || ok && time.Until(end) < wait+callRoom || !sleep(ctx, wait) {
			return err
		}
	}
}

// pause says how long to wait before a failed call is repeated, and whether to.
func pause(err error, harmless bool, tries int) (time.Duration, bool) {
	if after, limited := Limited(err); limited {
		return after + rand.N(50*time.Millisecond), true
	}
	again := Temporary(err) && !Disowned(err) && (harmless || !Unclear(err))
	return time.Duration(tries) * 200 * time.Millisecond, again && tries < callTries
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
