package bot

import (
	"context"
	"time"
)

// Hurry makes the pauses of what is put off that long, for tests that go through
// many.
func (i *Inbox) Hurry(pause time.Duration) { i.pause = func(int) time.Duration { return pause } }

// Young is how many handlers of a lane may be young at once.
const Young = young

// Tick makes a sender's caches go by a clock of a test's own.
func (s *Sender) Tick(now func() time.Time) {
	s.people.each.now, s.people.all.now, s.groups.now = now, now, now
}

// Members are who is in a conversation.
func (s *Sender) Members(ctx context.Context, channel string) ([]string, error) {
	return s.membersOf(ctx, channel)
}

// Announce is what a process does every two seconds.
func (r *Roster) Announce(ctx context.Context, held, wanted int, lasts time.Duration) (Fleet, error) {
	return r.announce(ctx, held, wanted, lasts)
}

// IsAway is for the table of what counts as away.
var IsAway = isAway

// Forget is what a process does that is told of a change of somebody.
func (c *Changes) Forget(user string) { c.forget(changedUser + user) }
