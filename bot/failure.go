package bot

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// A failed call of a Web API method is of one of these kinds, and of no other:
//
//	Limited    Slack asked to slow down; nothing was done
//	Unclear    it may have taken effect
//	Disowned   Slack does not accept our token; nothing was done
//	Permanent  refused for what was asked; nothing was done, nor will be
//	           (Gone: there is no such message of ours; Unfit: Slack will not have the content;
//	           Outdated: the view has changed meanwhile)
//	none       nothing was done, and the next attempt may succeed: no server was
//	           reached, or Slack has a passing reason
//
// Temporary is all of them but Permanent. An error that does not come from a call
// is none of this.

// LimitedError says that Slack asked to slow down: the call did nothing.
type LimitedError struct {
	Method string
	After  time.Duration // how long to wait: what Retry-After says, from a second to five minutes, less what has passed of it
}

func (e *LimitedError) Error() string {
	return fmt.Sprintf("%s: Slack asks to wait %s", e.Method, e.After.Round(time.Millisecond))
}

// callError is a call that failed in any other way.
type callError struct {
	method string
	code   string // Slack's word for a refusal; "" when there was none
	err    error
}

func (e *callError) Error() string { return e.method + ": " + e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// named says which method failed and how, and drops the address that net/http
// puts into its errors.
func named(method string, err error) error {
	if err == nil {
		return nil
	}
	if after, limited := retryAfter(err); limited {
		return &LimitedError{Method: method, After: after}
	}
	return &callError{method: method, code: ErrorCode(err), err: bare(err)}
}

// bare takes net/http's wrapper with the URL off an error.
func bare(err error) error {
	type urlError interface {
		error
		Timeout() bool
		Temporary() bool
		Unwrap() error
	}
	if wrapped, ok := errors.AsType[urlError](err); ok && wrapped.Unwrap() != nil {
		return wrapped.Unwrap()
	}
	return err
}

const (
	// unsaid is how long to wait after a 429 that does not say it, or not in a
	// number of seconds.
	unsaid = time.Second
	// longestLimit is how long a limit is believed: Slack counts calls by the minute
	// (https://docs.slack.dev/apis/web-api/rate-limits), and a number that is no
	// such time must not end a method for good.
	longestLimit = 5 * time.Minute
)

// retryAfter reads a limit out of what slack-go returns, too.
func retryAfter(err error) (time.Duration, bool) {
	var (
		named   *LimitedError
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		unread  *strconv.NumError // the header's, as slack-go reads it on a 429 only
	)
	switch {
	case errors.As(err, &named):
		return named.After, true
	case errors.As(err, &limited):
		return min(max(limited.RetryAfter, unsaid), longestLimit), true
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests, errors.As(err, &unread):
		return unsaid, true
	}
	code := ErrorCode(err)
	return unsaid, code == "ratelimited" || code == "rate_limited"
}

// Limited reports whether Slack asked to slow down, and for how long.
func Limited(err error) (after time.Duration, ok bool) {
	if limited, ok := errors.AsType[*LimitedError](err); ok {
		return limited.After, true
	}
	return 0, false
}

// ErrorCode is Slack's word for a refusal, such as "channel_not_found"; "" for
// any other error.
func ErrorCode(err error) string {
	if call, ok := errors.AsType[*callError](err); ok {
		return call.code
	}
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return refusal.Err
	}
	return ""
}

// Slack's words (https://docs.slack.dev/reference/methods/chat.postMessage#errors
// and chat.update's) by what they mean. Any other refuses what was asked.
var (
	unclearCodes  = []string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"}
	passingCodes  = []string{"team_added_to_org", "org_login_required", "accesslimited", "external_channel_migrating", "message_limit_exceeded"}
	disownedCodes = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
	goneCodes     = []string{"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"} // of whom the app was before; too old to be changed here
	outdatedCodes = []string{"hash_conflict"}
	unfitCodes    = []string{
		"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text", "block_mismatch",
		"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "attachment_payload_limit_exceeded",
		"invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data",
	}
)

// Unclear reports whether a call may have taken effect although it failed: it
// timed out, the connection broke, or Slack answered with a fault of its own.
func Unclear(err error) bool {
	call, called := errors.AsType[*callError](err)
	return called && !is[*unsentError](err) && (call.code == "" || slices.Contains(unclearCodes, call.code))
}

// Disowned reports whether Slack does not accept our token any more: what was to
// be done is not at fault.
func Disowned(err error) bool { return saidBySlack(err, disownedCodes) }

// Permanent reports whether Slack refused for a reason that repeating will not
// change.
func Permanent(err error) bool { return is[*callError](err) && !Temporary(err) }

// Gone reports whether there is no such message of ours (any more).
func Gone(err error) bool { return saidBySlack(err, goneCodes) }

// Outdated reports whether a view is another one than that of the hash
// (https://docs.slack.dev/reference/methods/views.update#errors).
func Outdated(err error) bool { return saidBySlack(err, outdatedCodes) }

// Unfit reports whether Slack will not have what was to be shown, anywhere.
func Unfit(err error) bool { return saidBySlack(err, unfitCodes) }

// Temporary reports whether a call failed for a reason of Slack's or of the
// network's, so that the same call may succeed later.
func Temporary(err error) bool {
	if _, limited := Limited(err); limited {
		return true
	}
	call, called := errors.AsType[*callError](err)
	return called && (call.code == "" || is[*unsentError](err) || Unclear(err) || Disowned(err) || saidBySlack(err, passingCodes))
}

func saidBySlack(err error, codes []string) bool {
	call, called := errors.AsType[*callError](err)
	return called && slices.Contains(codes, call.code)
}
