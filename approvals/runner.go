package approvals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/queue"
)

// Executor is the cloud, as far as requests need it.
type Executor interface {
	// Survey looks at all instances of a project with one call.
	Survey(ctx context.Context, project string) ([]Observation, error)
	// Supports reports whether the project's region has upgrades through the
	// API: false only when the region says no.
	Supports(ctx context.Context, project string) bool
	// Call makes the one write a request asks for. It never repeats it.
	Call(ctx context.Context, r Request) Outcome
}

// Presenter is the chat, as far as requests need it.
type Presenter interface {
	// Post shows the card for the first time and returns the message's timestamp.
	Post(ctx context.Context, r Request) (ts string, err error)
	// Update makes an existing card show the request.
	Update(ctx context.Context, r Request, ts string) error
	// Say writes the notice key (see notices.go) into the card's thread.
	Say(ctx context.Context, r Request, card, key string) (ts string, err error)
	// Direct asks one approver in a direct message that leads to the card.
	Direct(ctx context.Context, r Request, card, user string) (ts string, err error)
	// Announce writes the notice key into another channel.
	Announce(ctx context.Context, r Request, channel, key string) (ts string, err error)
	// Tell writes the notice key to the requester privately: there is no card.
	Tell(ctx context.Context, r Request, key string) error
	// Find looks for a card (key "card") or notice that may have been sent by a
	// process that died. "" when there is none or nobody can tell.
	Find(ctx context.Context, r Request, card, key string) (ts string)
}

// What a Presenter's errors mean to the runner.
var (
	// ErrUnpostable: the channel takes no message from us, now or later.
	ErrUnpostable = errors.New("the channel takes no message")
	// ErrGone: the message to update is not there.
	ErrGone = errors.New("the message is gone")
	// ErrNotSaid: it was certainly not posted; trying again makes no second one.
	ErrNotSaid = errors.New("not posted")
)

// Runner carries effects out, each at least once, and each harmless when
// repeated. Any number of runners in any number of processes may share a Store.
type Runner struct {
	Store     *Store
	Authority *Authority
	Executor  Executor
	Presenter Presenter
	Now       func() time.Time
	Log       logrus.FieldLogger
	// Trusted says whether the machine's clock can be relied on; nil: it can.
	Trusted func() error
	// Pace says how often to look at instances; the zero value is the default.
	Pace Pace
}

// Stream is the key of the effects stream, for the queue that feeds Handle.
func (r *Runner) Stream() string { return r.Store.keys.effects() }

// Handle carries out one entry of the effects stream.
func (r *Runner) Handle(ctx context.Context, _ string, values map[string]any) error {
	text, _ := values["effect"].(string)
	var effect Effect
	if err := json.Unmarshal([]byte(text), &effect); err != nil {
		return fmt.Errorf("decoding an effect: %w", err)
	}
	err := r.carryOut(ctx, effect)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // its retention is over
	case errors.Is(err, ErrNewer):
		r.Log.WithField("request", effect.Request).Warn("left alone: written by a later version of the program")
		return queue.Later(err)
	case errors.Is(err, ErrConflict):
		return queue.Later(err)
	}
	return err
}

func (r *Runner) carryOut(ctx context.Context, e Effect) error {
	switch e.Kind {
	case Draw:
		return r.draw(ctx, e.Request)
	case Notify:
		return r.notify(ctx, e.Request, e.Key)
	case Execute:
		return r.execute(ctx, e.Request)
	case Watch:
		return r.watch(ctx, e.Key)
	case Expire:
		return r.apply(ctx, e.Request, Deadline{})
	case Follow:
		return r.follow(ctx, e.Request)
	case Stop:
		return r.stop(ctx, e.Request)
	case Remind:
		return r.remind(ctx, e.Request, e.Key)
	case Direct:
		return r.direct(ctx, e.Request, e.Key)
	case Announce:
		return r.announceIn(ctx, e.Request, e.Key)
	case Release:
		return r.release(ctx, e.Request, e.Key)
	case Trim:
		return r.trim(ctx)
	case Forget:
		return r.Store.forget(ctx, e.Request)
	}
	return fmt.Errorf("unknown effect %q", e.Kind)
}

// apply commits one of the program's own events. An event that the state does
// not allow is not an error: somebody was faster.
func (r *Runner) apply(ctx context.Context, id int64, event Event) error {
	for range commitTries {
		request, err := r.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		_, err = r.commit(ctx, request, event)
		var impossible *EventError
		if errors.As(err, &impossible) {
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("%s CBH-%d: %w", event.Verb(), id, ErrConflict)
}

// commit applies an event to the request as it was loaded.
func (r *Runner) commit(ctx context.Context, before Request, event Event) (Request, error) {
	after, effects, err := before.Apply(r.Now(), "", event)
	if err != nil {
		return before, err
	}
	if sameFacts(before, after) {
		return before, r.Store.push(ctx, effects...)
	}
	entry := entryOf(Act{}, before, before, after, Person{}, event.Verb())
	if _, ok := event.(Finish); ok {
		entry.Cloud = after.Call.Outcome
	}
	if err := r.Store.commit(ctx, change{before: before, after: after, effects: effects, entry: entry}); err != nil {
		return before, err
	}
	after.commit++
	r.log(after).WithFields(logrus.Fields{"verb": event.Verb(), "state": after.State}).Info("request changed")
	return after, nil
}

// sameFacts reports whether two records differ only in when they were touched.
func sameFacts(a, b Request) bool {
	b.ChangedAt, b.Progress.SeenAt = a.ChangedAt, a.Progress.SeenAt
	return encode(a) == encode(b)
}

func (r *Runner) log(request Request) logrus.FieldLogger {
	return r.Log.WithFields(logrus.Fields{"request": request.Name(), "instance": request.Target.Name})
}

// Timers moves due timers to the effects stream until ctx ends. Every replica
// runs it; the script lets each timer fire once.
func (r *Runner) Timers(ctx context.Context) error {
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	if err := r.Store.arm(ctx, Effect{Kind: Trim, At: r.Now()}); err != nil {
		r.Log.WithError(err).Warn("old entries of the audit are not looked for")
	}
	for {
		if _, err := r.Store.fire(ctx, r.Now()); err != nil && ctx.Err() == nil {
			r.Log.WithError(err).Warn("due timers could not be fired; trying again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
