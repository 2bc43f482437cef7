package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"
)

const (
	patience  = 20 * time.Second // for one call with its waits and repeats
	callTries = 4                // of a call that met a fault and is harmless to repeat
)

// do makes one call of a Web API method. A 429 is waited for and repeated,
// because it did nothing; a wait that patience does not cover comes back as a
// *slack.RateLimitedError. Faults are repeated only where repeating is harmless.
func (s *Sender) do(ctx context.Context, method, channel string, harmless bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for faults := 0; ; {
		if err := s.pace.wait(ctx, method, channel); err != nil {
			return named(method, err)
		}
		err := call(ctx)
		if wait, limited := retryAfter(err); limited {
			s.log.WithFields(logrus.Fields{"method": method, "wait": wait.String()}).Warn("Slack asks to slow down")
			s.pace.hold(method, channel, wait)
			continue
		}
		faults++
		again := harmless && Unclear(err) && faults < callTries
		if !again || !sleep(ctx, time.Duration(faults)*200*time.Millisecond) {
			return named(method, err)
		}
	}
}

// unsaid is how long to wait after a 429 that does not say it, or not in a
// number of seconds.
const unsaid = time.Second

func retryAfter(err error) (time.Duration, bool) {
	var (
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		unread  *strconv.NumError // the header's, as slack-go reads it on a 429 only
	)
	if errors.As(err, &limited) {
		return max(limited.RetryAfter, unsaid), true
	}
	if errors.As(err, &status) && status.Code == http.StatusTooManyRequests || errors.As(err, &unread) {
		return unsaid, true
	}
	code := ErrorCode(err)
	return unsaid, code == "ratelimited" || code == "rate_limited"
}

// Limited reports whether Slack asked to slow down: the call did nothing.
func Limited(err error) bool {
	_, limited := retryAfter(err)
	return limited
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

// Disowned reports whether Slack does not accept our token any more: what was to
// be done is not at fault.
func Disowned(err error) bool {
	return slices.Contains([]string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}, ErrorCode(err))
}

// Unclear reports whether a call may have taken effect although it failed: it
// timed out, the connection broke, or Slack answered with a fault of its own.
func Unclear(err error) bool {
	if err == nil || errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	if Limited(err) {
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
