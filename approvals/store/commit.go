package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

// driftMost is how far the moment of a change may be from Redis' clock when it is
// committed: less than the margin that a call leaves before its claim's end.
const driftMost = 4 * time.Second

// Change is what one commit writes.
type Change struct {
	Event  string             // the envelope's id, for a creation
	Before *approvals.Request // as it was read; an empty one for a creation
	After  *approvals.Request // gets its number and counter from Commit
	Entry  audit.Entry
	ActAt  time.Time // when the request is due to be acted on; zero: at once
	ShowAt time.Time // when it is due to be shown; zero: at once
	// TakeAct and TakeShow ask for the leases, if nobody has them, so that the
	// process that commits goes on at once.
	TakeAct, TakeShow bool
}

// Committed is what became of a commit.
type Committed struct {
	Request *approvals.Request // as it stands, with its number and counter
	Now     time.Time
	Act     *Lease // what was asked for, and is held now; nil: somebody else has it
	Show    *Lease
}

// Commit writes a change if the record is still what it was. An event that has
// created a request before answers with that request, and creates no other.
// Errors: ErrConflict, *BusyError, ErrReplicas, or a fault of Redis.
func (s *Store) Commit(ctx context.Context, c *Change) (Committed, error) {
	token := s.token()
	now, answer, err := s.run(ctx, commitScript, s.commitKeys(c), encode(options(c, token)), encode(c.After), c.Entry.Encode())
	if err != nil {
		return Committed{}, fmt.Errorf("committing %s: %w", c.After.Name(), err)
	}
	switch answer[0] {
	case "conflict":
		return Committed{}, ErrConflict
	case "busy":
		return Committed{}, busy(answer[1:])
	case "asked":
		r, err := s.Load(ctx, number(answer[1]))
		return Committed{Request: r, Now: now}, err
	}
	return committed(c, now, token, answer[1:]), nil
}

func busy(held []string) error {
	e := &BusyError{Holders: map[string]int64{}}
	for lock, holder := range pairs(held) {
		e.Holders[lock] = number(holder)
	}
	return e
}

func committed(c *Change, now time.Time, token string, texts []string) Committed {
	if now.Before(c.After.ChangedAt) { // by less than driftMost: what is due at the change is due to its holder
		now = c.After.ChangedAt
	}
	r := c.After
	r.ID, r.Counter = number(texts[0]), c.Before.Counter+1
	done, lease := Committed{Request: r, Now: now}, Lease{ID: r.ID, Request: r, Now: now, token: token}
	if texts[1] == "1" {
		done.Act = new(lease)
		done.Act.Queue = Act
	}
	if texts[2] == "1" {
		done.Show = new(lease)
		done.Show.Queue, done.Show.Shown = Show, pairs(texts[3:])
	}
	return done
}

func (s *Store) commitKeys(c *Change) []string {
	k, record := s.keys, s.keys.lastID()
	if c.Before.ID != 0 {
		record = k.request(c.Before.ID)
	}
	return []string{
		record, k.asked(c.Event), k.open(), k.due(Act), k.held(Act), k.due(Show), k.held(Show),
		k.shown(c.Before.ID), audit.Stream(string(k)),
	}
}

// options are what commit.lua reads: see there.
func options(c *Change, token string) map[string]any {
	id := ""
	if c.Before.ID != 0 {
		id = strconv.FormatInt(c.Before.ID, 10)
	}
	return map[string]any{
		"expected": strconv.FormatInt(c.Before.Counter, 10), "id": id, "event": c.Event,
		"hold": without(c.After.Holds(), nil), "free": without(c.Before.Holds(), c.After.Holds()),
		"leave": without(stages(c.Before), stages(c.After)),   // of stages only: an instance keeps its history
		"enter": without(indexes(c.After), indexes(c.Before)), // not all of them: each costs Redis a command
		"score": millis(c.After.CreatedAt), "at": millis(c.After.ChangedAt), "drift": driftMost.Milliseconds(),
		"act": millis(cmp.Or(c.ActAt, c.After.ChangedAt)), "show": millis(cmp.Or(c.ShowAt, c.After.ChangedAt)),
		"take_act": c.TakeAct, "take_show": c.TakeShow, "token": token,
	}
}

func stages(r *approvals.Request) []string {
	var names []string
	for _, stage := range r.Stages() {
		names = append(names, IndexState(stage))
	}
	return names
}

// indexes lists those that the record is in: an empty one is in none.
func indexes(r *approvals.Request) []string {
	if len(r.Items) == 0 {
		return nil
	}
	names := append(stages(r), IndexAll, IndexBy(r.Requester.ID))
	for _, it := range r.Items {
		names = append(names, IndexInstance(it.Target))
	}
	return names
}

// without lists what is in all and not in some. It is never nil, for cjson has none.
func without(all, some []string) []string {
	return slices.DeleteFunc(append([]string{}, all...), func(one string) bool { return slices.Contains(some, one) })
}

// Note writes a refusal to the audit, if the record it was decided on is still
// what it was: else ErrConflict. A zero r is no record.
func (s *Store) Note(ctx context.Context, r *approvals.Request, e audit.Entry) error {
	counter := ""
	if r.ID != 0 {
		counter = strconv.FormatInt(r.Counter, 10)
	}
	_, written, err := s.run(ctx, noteScript, []string{s.keys.request(r.ID), audit.Stream(string(s.keys))}, counter, e.Encode())
	if err == nil && written[0] == "0" {
		return ErrConflict
	}
	return fault(err, "writing to the audit")
}
