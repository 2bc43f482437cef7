package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// maxAttempts is how often a read is sent at most.
const maxAttempts = 4

// longestPause is what a read waits at most for its next attempt: with a longer
// Retry-After the caller is told instead.
const longestPause = 15 * time.Second

// pauser waits; it returns early with an error when the context ends.
type pauser func(context.Context, time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// retry repeats a read while its failure is one that passes.
func (c *Client) retry(ctx context.Context, once func() (answer, error)) (answer, error) {
	for attempt := 1; ; attempt++ {
		a, err := once()
		failure, ours := errors.AsType[*Error](err)
		if !ours || !passes(failure) || attempt == maxAttempts {
			return a, err
		}
		wait := pauseAfter(failure, attempt)
		if wait > longestPause || !fits(ctx, wait) {
			return a, err
		}
		c.log.WithError(err).WithField("attempt", attempt).Debug("reading from the cloud failed; trying again")
		if c.pause(ctx, wait) != nil {
			return a, err
		}
	}
}

// passes tells whether the same read may well succeed a little later.
func passes(e *Error) bool {
	brokenOff := e.Status/100 == 2 && e.Err != nil && !errors.Is(e.Err, errTooLong)
	return e.Kind == Throttled || e.Kind == Unavailable || e.Status >= 500 || brokenOff
}

// pauseAfter grows with the attempts and is spread, so that replicas which
// failed together do not come back together. The gateway asks those it
// throttles to stay away for 2 to 5 seconds.
func pauseAfter(e *Error, attempt int) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter + rand.N(500*time.Millisecond)
	case e.Kind == Throttled:
		return 2*time.Second + rand.N(3*time.Second)
	}
	step := 250 * time.Millisecond << (attempt - 1)
	return step/2 + rand.N(step)
}

// fits tells whether something of the context is left after the pause.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, bounded := ctx.Deadline()
	return ctx.Err() == nil && (!bounded || time.Until(deadline) > wait)
}
