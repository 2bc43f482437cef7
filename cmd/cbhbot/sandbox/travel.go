package sandbox

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

const (
	// patience is how long the bot is waited for at each stop.
	patience = 15 * time.Second
	// askEvery is the pause between two questions whether it has done what is due.
	askEvery = 20 * time.Millisecond
	// shownWithin is how soon a message that waits for its turn counts as due.
	shownWithin = 1500 * time.Millisecond
	// mostLooks is how often the bot looks at one stop.
	mostLooks = 10
)

// travel moves the clock, one at a time, and stops where something is due.
type travel struct {
	box   *sandbox
	one   sync.Mutex
	going atomic.Bool
}

// byNext goes to what comes next.
func (t *travel) byNext(ctx context.Context) (string, error) {
	t.begin()
	defer t.end()
	if err := t.settle(ctx, moment{}); err != nil {
		return "", err
	}
	next, err := t.next(ctx)
	if err != nil {
		return "", err
	}
	if next == nil {
		return "Nothing lies ahead: ask for an upgrade first.", nil
	}
	if err := t.stop(ctx, *next); err != nil {
		return "", err
	}
	return t.shows(), nil
}

// to goes to a time, as it is when nobody else moves the clock any more, with a stop
// wherever something is due.
func (t *travel) to(ctx context.Context, when func() time.Time) (string, error) {
	t.begin()
	defer t.end()
	if err := t.settle(ctx, moment{}); err != nil {
		return "", err
	}
	to := when()
	for {
		next, err := t.next(ctx)
		if err != nil {
			return "", err
		}
		if next == nil || next.At.After(to) {
			break
		}
		if err := t.stop(ctx, *next); err != nil {
			return "", err
		}
	}
	if err := t.stop(ctx, moment{At: to}); err != nil {
		return "", err
	}
	return t.shows(), nil
}

func (t *travel) begin() { t.one.Lock(); t.going.Store(true); t.box.slack.Changed() }
func (t *travel) end()   { t.going.Store(false); t.one.Unlock(); t.box.slack.Changed() }

func (t *travel) shows() string {
	return "It is " + t.box.clock.now().UTC().Format("Mon 2 Jan 15:04 UTC")
}

func (t *travel) next(ctx context.Context) (*moment, error) {
	all, err := t.box.moments(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// stop goes to a moment, and waits until the bot has done what is due then.
func (t *travel) stop(ctx context.Context, m moment) error {
	t.box.clock.skipTo(m.At)
	t.box.slack.Changed()
	return t.settle(ctx, m)
}

// settle waits until nothing is due any more. Where the bot has to look at the cloud
// to see what the moment brings, the clock goes on to that look, and further each
// time: an end can take minutes to be believed.
func (t *travel) settle(ctx context.Context, m moment) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for n := range mostLooks {
		if err := t.idle(ctx); err != nil {
			return err
		}
		at, err := t.look(ctx, m)
		if err != nil || at.IsZero() {
			return err
		}
		t.box.clock.skipTo(at.Add(time.Second << n))
	}
	return nil
}

var (
	errBotDead  = errors.New("the bot does not run, and something is due: start it")
	errBotBusy  = errors.New("the bot has not done what is due: it waits for Slack, the cloud or Redis")
	errBotAlone = errors.New("Redis does not answer, so that nobody knows what is due")
)

// idle waits until the bot has done all that is due.
func (t *travel) idle(ctx context.Context) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		busy, err := t.box.busy(ctx)
		switch {
		case ctx.Err() != nil:
			return errBotBusy
		case err != nil:
			return errBotAlone
		case !busy:
			return nil
		case t.box.bot.current() == nil:
			return errBotDead
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// busy reports whether the bot has something to do at this moment.
func (b *sandbox) busy(ctx context.Context) (bool, error) {
	depths, err := b.inbox.Depths(ctx)
	if err != nil {
		return true, err
	}
	for _, d := range depths {
		if d.Waiting > 0 {
			return true, nil
		}
	}
	now := b.clock.now()
	if busy, err := b.store.Busy(ctx, store.Act, now); busy || err != nil {
		return true, err
	}
	return b.store.Busy(ctx, store.Show, now.Add(shownWithin))
}

// look is when the bot looks at what the moment brings; zero: it has seen it.
func (t *travel) look(ctx context.Context, m moment) (time.Time, error) {
	open, err := t.box.store.Open(ctx)
	if err != nil {
		return time.Time{}, errBotAlone
	}
	var first time.Time
	for _, r := range open {
		for _, task := range r.Agenda(Pace) {
			if task.Kind == approvals.TaskLook && unseen(r.Items[task.Item], m) && (first.IsZero() || task.At.Before(first)) {
				first = task.At
			}
		}
	}
	return first, nil
}

// unseen reports whether an item is to be looked at before the moment is over: no end
// is believed at the first look.
func unseen(it approvals.Item, m moment) bool {
	return it.Progress.Finding != "" || it.Target.Name == m.bastion && it.Progress.SeenAt.Before(m.At)
}
