package store

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

func TestACommitStoresTheRecordItsLocksIndexesDueTimesAndEntry(t *testing.T) {
	b := newBench(t)
	r := b.made("s1", "s2")
	got := b.load(r.ID)
	if got.ID != 1 || got.Counter != 1 || got.Key != "key" || len(got.Items) != 2 {
		t.Errorf("%+v", got)
	}
	if b.holder("p/s1") != 1 || b.holder("p/s2") != 1 || b.holder("p/s3") != 0 {
		t.Error("the locks are not held")
	}
	for _, index := range []string{IndexAll, IndexBy("R"), IndexState(approvals.Pending), "instance:p/s1", "instance:p/s2"} {
		if page, total, err := b.List(context.Background(), index, 0, 10); err != nil || total != 1 || page[0].ID != 1 {
			t.Errorf("%s: %d, %v", index, total, err)
		}
	}
	if want := r.CreatedAt.Add(time.Hour); !b.due(Act, 1).Equal(want) || !b.due(Show, 1).Equal(r.CreatedAt) {
		t.Errorf("due to be acted on at %s, shown at %s", b.due(Act, 1), b.due(Show, 1))
	}
	entries := b.redis.XRange(context.Background(), audit.Stream(DefaultPrefix), "-", "+").Val()
	if len(entries) != 1 || entries[0].Values["request"] != "1" {
		t.Errorf("audit: %v", entries)
	}
}

func TestACommitOnAnOlderRecordChangesNothing(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.commits(b.change(r, r.CreatedAt))
	before, late := b.traces(), b.change(r, r.CreatedAt)
	if _, err := b.Commit(context.Background(), late); !errors.Is(err, ErrConflict) || b.traces() != before {
		t.Errorf("%v", err)
	}
}

// TestOneOfManyWritersWinsEachRound: whoever loses reads again, and nobody's change is lost.
func TestOneOfManyWritersWinsEachRound(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	var conflicts atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			s := b.another()
			for done := 0; done < 5; {
				now, err := s.Load(context.Background(), r.ID)
				if err != nil {
					t.Error(err)
					return
				}
				switch _, err := s.Commit(context.Background(), b.change(now, now.CreatedAt)); {
				case err == nil:
					done++
				case errors.Is(err, ErrConflict):
					conflicts.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if got := b.load(r.ID); got.Counter != 41 || got.Revision != 41 {
		t.Errorf("counter %d, revision %d after %d conflicts", got.Counter, got.Revision, conflicts.Load())
	}
}

func TestABusyCommitNamesAllHoldersAndTakesNothing(t *testing.T) {
	b := newBench(t)
	b.made("s1")
	b.made("s3")
	before := b.traces()
	_, err := b.Commit(context.Background(), create(b.asked("s1", "s2", "s3"), "event"))
	var busy *BusyError
	if !errors.As(err, &busy) || !maps.Equal(busy.Holders, map[string]int64{"p/s1": 1, "p/s3": 2}) || busy.Holder() != 1 {
		t.Fatalf("%v", err)
	}
	if b.traces() != before {
		t.Error("something was taken")
	}
}

// A Redis that evicts loses single keys: that is to cost no other request anything.
func TestALostKeyStandsInNobodysWay(t *testing.T) {
	b := newBench(t)
	first, lost := b.made("s1"), b.made("s2")
	b.redis.Del(context.Background(), b.keys.lastID(), b.keys.request(lost.ID))
	if r := b.made("s2"); r.ID != 2 || b.holder("p/s2") != 2 || b.load(first.ID).Items[0].Target.ServerID != "s1" {
		t.Errorf("%s took the place of %s", r.Name(), first.Name())
	}
}

func TestAnEventThatAskedBeforeIsAnsweredBeforeItsOwnLocksAreBusy(t *testing.T) {
	b := newBench(t)
	first := b.commits(create(b.asked("s"), "event")).Request
	before := b.traces()
	again, err := b.Commit(context.Background(), create(b.asked("s"), "event"))
	if err != nil || again.Request.ID != first.ID || again.Request.Counter != 1 || again.Act != nil || again.Show != nil ||
		b.traces() != before {
		t.Errorf("%+v, %v", again, err)
	}
	if made, err := b.Asked(context.Background(), "event"); err != nil || made.ID != first.ID {
		t.Errorf("%+v, %v", made, err)
	}
	if made, err := b.Asked(context.Background(), "another"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%+v, %v", made, err)
	}
}

// TestWhatRedisForbidsForAWhileIsMadeOnceItIsAllowed: a script ends at the command that its user may not call, and is tried again.
func TestWhatRedisForbidsForAWhileIsMadeOnceItIsAllowed(t *testing.T) {
	b := newBench(t)
	rights := func(rule string) { b.redis.Do(context.Background(), "ACL", "SETUSER", "default", rule) }
	for _, command := range []string{"get", "hget", "incr", "exists", "zscore", "hset", "zadd", "zrem", "hdel", "hgetall"} {
		tries := func(c *Change) *approvals.Request {
			rights("-" + command)
			_, _ = b.Commit(context.Background(), c) // it may need no such command
			rights("+" + command)
			done, err := b.Commit(context.Background(), c)
			if errors.Is(err, ErrConflict) {
				return b.load(c.Before.ID)
			}
			if err != nil {
				t.Fatalf("without %s: %v", command, err)
			}
			return done.Request
		}
		r := create(b.asked(command), command)
		r.TakeAct, r.TakeShow = true, true
		made := tries(r)
		_, pending, _ := b.List(context.Background(), IndexState(approvals.Pending), 0, 10)
		if made.Items[0].Target.ServerID != command || b.holder("p/"+command) != made.ID || pending != 1 || b.due(Act, made.ID).IsZero() {
			t.Errorf("without %s, %s was made by halves", command, made.Name())
		}
		c := b.change(made, made.CreatedAt)
		c.After.State = approvals.Denied
		denied := tries(c)
		_, pending, _ = b.List(context.Background(), IndexState(approvals.Pending), 0, 10)
		if denied.State != approvals.Denied || b.holder("p/"+command) != 0 || pending != 0 {
			t.Errorf("without %s, %s was denied by halves", command, made.Name())
		}
	}
	if entries := b.redis.XLen(context.Background(), audit.Stream(DefaultPrefix)).Val(); entries != 20 {
		t.Errorf("%d entries in the audit", entries)
	}
}

// TestWhatIsForbiddenInTheMiddleOfALeaseIsNobodysLease: a holder who never was would keep the request until its next due time.
func TestWhatIsForbiddenInTheMiddleOfALeaseIsNobodysLease(t *testing.T) {
	b := newBench(t)
	for _, command := range []string{"zadd", "hset"} {
		c := b.change(b.made(command), b.now())
		c.TakeAct = true
		b.redis.Do(context.Background(), "ACL", "SETUSER", "default", "-"+command)
		if _, err := b.Commit(context.Background(), c); err == nil {
			t.Errorf("committed without %s", command)
		}
		b.redis.Do(context.Background(), "ACL", "SETUSER", "default", "+"+command)
		b.commits(c)
		if due := b.due(Act, c.Before.ID); due.After(b.now().Add(LeaseFor)) {
			t.Errorf("after a try without %s it is due at %s", command, due)
		}
	}
}

func TestLocksAreLetGoAndFollowTheirInstance(t *testing.T) {
	b := newBench(t)
	r := b.made("s1", "s2")
	c := b.change(r, r.CreatedAt)
	c.After.Items[0].State, c.After.Items[1].Target.ServerID = approvals.Cancelled, "s2-later"
	r = b.commits(c).Request
	if b.holder("p/s1") != 0 || b.holder("p/s2") != 0 || b.holder("p/s2-later") != 1 {
		t.Error("the locks are those of before")
	}
	c = b.change(r, r.CreatedAt)
	c.After.State = approvals.Denied
	b.commits(c)
	if open, err := b.Open(context.Background()); len(open) != 0 || err != nil || b.holder("p/s2-later") != 0 {
		t.Errorf("%v, %v", open, err)
	}
}

func TestALockOfAnotherIsNotTakenByFollowing(t *testing.T) {
	b := newBench(t)
	r, other := b.made("s1"), b.made("s2")
	c := b.change(r, r.CreatedAt)
	c.After.Items[0].Target.ServerID = "s2"
	var busy *BusyError
	if _, err := b.Commit(context.Background(), c); !errors.As(err, &busy) || busy.Holder() != other.ID || b.holder("p/s1") != r.ID {
		t.Errorf("%v", err)
	}
}

func TestStagesLeaveTheirIndexesAndInstancesKeepTheirHistory(t *testing.T) {
	b := newBench(t)
	r := b.made("s1")
	c := b.change(r, r.CreatedAt)
	c.After.State, c.After.Items[0].Target.ServerID = approvals.Denied, "s2"
	b.commits(c)
	for index, want := range map[string]int{
		IndexState(approvals.Pending): 0, IndexState(approvals.Denied): 1, "instance:p/s1": 1, "instance:p/s2": 1, IndexAll: 1,
	} {
		if _, total, err := b.List(context.Background(), index, 0, 10); err != nil || total != want {
			t.Errorf("%s: %d, %v", index, total, err)
		}
	}
}

func TestTheEarlierDueTimeWins(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	due := b.due(Act, r.ID)
	r = b.commits(b.change(r, due.Add(time.Hour))).Request
	if got := b.due(Act, r.ID); !got.Equal(due) {
		t.Errorf("put off to %s", got)
	}
	b.commits(b.change(r, due.Add(-time.Minute)))
	if got := b.due(Act, r.ID); !got.Equal(due.Add(-time.Minute)) {
		t.Errorf("due at %s", got)
	}
}

func TestACommitLeavesAHeldRequestAlone(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	held := b.take(b.another(), Show)
	hidden := b.due(Show, r.ID)
	c := b.change(r, r.CreatedAt)
	c.TakeAct, c.TakeShow = true, true
	done := b.commits(c)
	if done.Show != nil || !b.due(Show, r.ID).Equal(hidden) {
		t.Errorf("taken from its holder: %+v", done.Show)
	}
	if done.Act == nil || done.Act.Request.Counter != 2 || done.Act.Queue != Act {
		t.Fatalf("what nobody held was not taken: %+v", done.Act)
	}
	if after, moved := b.settles(held, time.Time{}, nil); !moved || after.Request.Counter != 2 {
		t.Errorf("its holder was not told: %v, %d", moved, after.Request.Counter)
	}
	if _, moved := b.settles(*done.Act, time.Time{}, nil); moved || !b.due(Act, r.ID).IsZero() {
		t.Error("the lease that came with the commit does not count")
	}
}

func TestACommitHandsOutWhatWasShown(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.settles(b.take(b.Store, Show), time.Time{}, map[string]string{FieldCard: "1.0"})
	c := b.change(r, r.CreatedAt)
	c.TakeShow = true
	if done := b.commits(c); done.Show == nil || done.Show.Shown[FieldCard] != "1.0" {
		t.Errorf("%+v", done.Show)
	}
}

// TestAChangeDecidedAtAnotherTimeIsRefused: whoever was stopped between deciding
// and committing decides again.
func TestAChangeDecidedAtAnotherTimeIsRefused(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	before := b.traces()
	for _, off := range []time.Duration{-driftMost - time.Second, driftMost + time.Second} {
		c := b.change(r, r.CreatedAt)
		c.After.ChangedAt = c.After.ChangedAt.Add(off)
		if _, err := b.Commit(context.Background(), c); !errors.Is(err, ErrConflict) || b.traces() != before {
			t.Errorf("%s off: %v", off, err)
		}
	}
	late := create(b.asked("other"), "late")
	late.After.ChangedAt = late.After.ChangedAt.Add(-time.Minute)
	if _, err := b.Commit(context.Background(), late); !errors.Is(err, ErrConflict) || b.traces() != before {
		t.Errorf("a creation a minute late: %v", err)
	}
	c := b.change(r, r.CreatedAt)
	c.After.ChangedAt = c.After.ChangedAt.Add(-driftMost + time.Second)
	b.commits(c)
	if got := b.load(r.ID).ChangedAt; !got.Equal(c.After.ChangedAt) {
		t.Errorf("changed at %s, and read as changed at %s", c.After.ChangedAt, got)
	}
}

func TestARefusalIsNotedAgainstTheRecordItWasDecidedOn(t *testing.T) {
	b := newBench(t)
	r, entry := b.made("s"), audit.Entry{Verb: approvals.VerbApprove, Refused: "no"}
	b.commits(b.change(r, r.CreatedAt))
	length := func() int64 { return b.redis.XLen(context.Background(), audit.Stream(DefaultPrefix)).Val() }
	if err := b.Note(context.Background(), r, entry); !errors.Is(err, ErrConflict) || length() != 2 {
		t.Errorf("on an older record: %v, %d entries", err, length())
	}
	if err := b.Note(context.Background(), b.load(r.ID), entry); err != nil || length() != 3 {
		t.Errorf("%v, %d entries", err, length())
	}
	if err := b.Note(context.Background(), &approvals.Request{}, entry); err != nil || length() != 4 {
		t.Errorf("of no record: %v, %d entries", err, length())
	}
}

func TestAllKeysCarryThePrefix(t *testing.T) {
	b := newBench(t)
	b.Store = New(b.redis, Options{Prefix: "{other}:"})
	r := b.commits(create(b.asked("s"), "event")).Request
	if _, err := b.Grant(context.Background(), r.ID, true, []Post{{Field: FieldCard, Place: "C"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Pause(context.Background(), "chat.update", "", time.Minute); err != nil {
		t.Fatal(err)
	}
	b.take(b.Store, Show)
	for _, key := range b.redis.Keys(context.Background(), "*").Val() {
		if !strings.HasPrefix(key, "{other}:") {
			t.Error(key)
		}
	}
}
