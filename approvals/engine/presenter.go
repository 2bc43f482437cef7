package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cbhbot/approvals"
)

// Presenter is the chat, as far as requests need it. Drawing is pure; sending
// makes one attempt and does not wait.
type Presenter interface {
	// Card and Notice draw what a message is to show.
	Card(r *approvals.Request, now time.Time) Picture
	Notice(r *approvals.Request, n approvals.Notice, now time.Time) Picture
	// Post writes a message and returns its timestamp.
	Post(ctx context.Context, to Place, p Picture) (ts string, err error)
	// Update makes a message show another picture.
	Update(ctx context.Context, in Place, ts string, p Picture) error
	// Tell writes the notice to the requester privately: the thread takes none.
	Tell(ctx context.Context, r *approvals.Request, n approvals.Notice, now time.Time) error
	// Find looks for a message that may have been posted by somebody who never
	// said so: "" when it is not there, or nobody can tell.
	Find(ctx context.Context, to Place, p Picture, since time.Time) (ts string, err error)
}

// Picture is what a message shows.
type Picture struct {
	Digest string // differs when what is shown differs
	Mark   string // tells the message from all others, for Find
	Body   any    // the Presenter's own
}

// Place is where a message goes: into a channel, the thread of a message there, or
// to one person.
type Place struct {
	Channel string
	Thread  string
	User    string
}

// Failure says what a failed message means.
type Failure int

// The failures. The zero Failure is Unclear.
const (
	Unclear    Failure = iota // it may have been posted
	NotSent                   // it certainly was not: trying again makes no second one
	Limited                   // the chat asks to wait
	Unpostable                // the place takes no message from us, now or later
	Gone                      // the message to update is not there
)

// SendError is why a message was not sent.
type SendError struct {
	Failure Failure
	Code    string        // the chat's word, where it has one; Unpostable: always
	Method  string        // Limited: what has to wait
	After   time.Duration // Limited: for how long
	Err     error
}

func (e *SendError) Error() string { return fmt.Sprintf("sending: %v", e.Err) }
func (e *SendError) Unwrap() error { return e.Err }

// known is what an error says of a message: nothing where it is no SendError.
func known(err error) SendError {
	if why, is := errors.AsType[*SendError](err); is {
		return *why
	}
	return SendError{}
}
