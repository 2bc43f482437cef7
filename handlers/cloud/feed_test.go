package cloud

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cbhbot/client"
)

var errAway = errors.New("the cloud is away")

// source is a project whose n-th read does what the test says, in a bubble of
// its own time.
type source struct {
	feed
	holds    []client.Instance
	counting sync.Mutex
	counted  tally
}

// tally is how many reads there were, are, and were at once.
type tally struct{ reads, flying, most int }

func newSource(read func(ctx context.Context, n int) error) *source {
	s := &source{}
	s.ended = make(chan struct{})
	s.read = func(ctx context.Context, begun time.Time) (*snapshot, error) {
		err := read(ctx, s.count(1))
		s.count(-1)
		if errors.Is(err, context.DeadlineExceeded) { // as the client says it
			err = &client.Error{Op: "list", Kind: client.Unavailable, Err: err}
		}
		if err != nil {
			return nil, err
		}
		return newSnapshot("p", begun, slices.Clone(s.holds)), nil
	}
	return s
}

// count notes that a read begins or ends, and returns how many there were.
func (s *source) count(change int) int {
	s.counting.Lock()
	defer s.counting.Unlock()
	s.counted.flying += change
	s.counted.reads += max(0, change)
	s.counted.most = max(s.counted.most, s.counted.flying)
	return s.counted.reads
}

func (s *source) tally() tally {
	s.counting.Lock()
	defer s.counting.Unlock()
	return s.counted
}

// takes is a read that takes so long.
func takes(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func TestAReadDoesNotEndWithTheCallerWhoBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, 500*time.Millisecond) })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		since := time.Now()
		if _, err := s.snapshot(ctx, since); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if _, err := s.snapshot(t.Context(), since); err != nil || s.tally().reads != 1 {
			t.Errorf("%d reads, %v", s.tally().reads, err)
		}
	})
}

func TestAReadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, time.Hour) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = s.snapshot(ctx, time.Now())
		time.Sleep(readTimeout - 2*time.Millisecond)
		synctest.Wait()
		if s.tally().flying != 1 {
			t.Errorf("%d reads in flight before the end", s.tally().flying)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s.tally().flying != 0 {
			t.Errorf("%d reads in flight after it", s.tally().flying)
		}
	})
}

func TestAFailedReadIsForThoseWhoWaitedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, n int) error {
			if n == 1 {
				return errAway
			}
			return takes(ctx, time.Millisecond)
		})
		since := time.Now()
		if _, err := s.snapshot(t.Context(), since); !errors.Is(err, errAway) {
			t.Errorf("%v", err)
		}
		if _, err := s.snapshot(t.Context(), since); err != nil || s.tally().reads != 2 {
			t.Errorf("%d reads, %v", s.tally().reads, err)
		}
	})
}

// TestAFailureEndsTheWaitForAHungReadToo: what failed was begun later, and says
// how the cloud is.
func TestAFailureEndsTheWaitForAHungReadToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, n int) error {
			if n == 1 {
				return takes(ctx, time.Hour)
			}
			return errAway
		})
		if _, err := s.snapshot(t.Context(), time.Now()); !errors.Is(err, errAway) || s.tally().reads != 2 {
			t.Errorf("%d reads, %v", s.tally().reads, err)
		}
		time.Sleep(readTimeout)
	})
}

// TestReadsThatFailSlowlyEndTheWait: another is begun beside each before it fails.
func TestReadsThatFailSlowlyEndTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return cmp.Or(takes(ctx, 5*readPatience/2), errAway) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.snapshot(ctx, time.Now()); !errors.Is(err, errAway) {
			t.Errorf("%v", err)
		}
		time.Sleep(readTimeout)
	})
}

// TestReadsThatOverlapKeepTheirDistance has somebody who needs a later read every
// ten milliseconds, of a list that takes a second.
func TestReadsThatOverlapKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, 350*time.Millisecond) })
		answered := make(chan time.Duration, 100)
		for range 100 {
			since := time.Now()
			go func() {
				found, err := s.snapshot(t.Context(), since)
				if err != nil || found.begun.Before(since) {
					t.Errorf("%+v, %v", found, err)
				}
				answered <- time.Since(since)
			}()
			time.Sleep(10 * time.Millisecond)
		}
		var longest time.Duration
		for range 100 {
			longest = max(longest, <-answered)
		}
		if s.tally().reads > 11 || s.tally().most > mostReads || longest > readPause+350*time.Millisecond {
			t.Errorf("%d reads, %d at once, and somebody waited %s", s.tally().reads, s.tally().most, longest)
		}
	})
}

// However quick the cloud: what many look for one after the other is found in a
// few lists.
func TestQuickReadsKeepTheirDistanceToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, time.Millisecond) })
		start := time.Now()
		var group sync.WaitGroup
		for n := range 100 {
			group.Go(func() {
				time.Sleep(time.Duration(n) * 5 * time.Millisecond)
				since := time.Now()
				found, err := s.snapshot(t.Context(), since)
				if err != nil || found.begun.Before(since) || time.Since(since) > readPause+time.Millisecond {
					t.Errorf("%v, begun %s before it was asked for, after %s", err, since.Sub(found.begun), time.Since(since))
				}
			})
		}
		group.Wait()
		if most := 1 + int(time.Since(start)/readPause); s.tally().reads > most {
			t.Errorf("%d reads in %s", s.tally().reads, time.Since(start))
		}
	})
}

// TestACloudThatNeverAnswersEndsTheWait: each read makes room for another before it
// has failed.
func TestACloudThatNeverAnswersEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, time.Hour) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := s.snapshot(ctx, start)
		if took := time.Since(start); client.KindOf(err) != client.Unavailable || took > readTimeout {
			t.Errorf("%v after %s and %d reads", err, took, s.tally().reads)
		}
		time.Sleep(readTimeout)
	})
}

func TestALostReadMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, n int) error {
			if n <= mostReads {
				return takes(ctx, time.Hour)
			}
			return takes(ctx, time.Millisecond)
		})
		start := time.Now()
		if _, err := s.snapshot(t.Context(), start); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < readLost || took > readLost+time.Second || s.tally().most > mostReads+1 {
			t.Errorf("answered after %s, with %d reads at once", took, s.tally().most)
		}
		time.Sleep(readTimeout)
	})
}

// TestAnOlderReadThatEndsLastIsNotKept: a list does not go back.
func TestAnOlderReadThatEndsLastIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, n int) error { return takes(ctx, time.Duration(3-n)*400*time.Millisecond) })
		go func() { _, _ = s.snapshot(t.Context(), time.Now()) }()
		time.Sleep(time.Millisecond)
		since := time.Now()
		if _, err := s.snapshot(t.Context(), since); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if found, err := s.snapshot(t.Context(), since); err != nil || found.begun.Before(since) || s.tally().reads != 2 {
			t.Errorf("%v, %d reads, %v", found.begun, s.tally().reads, err)
		}
	})
}

func TestAWishFromTheFutureIsNoEndlessRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, 350*time.Millisecond) })
		if _, err := s.snapshot(t.Context(), time.Now().Add(time.Hour)); err != nil || s.tally().reads != 1 {
			t.Errorf("%d reads, %v", s.tally().reads, err)
		}
	})
}

func TestHowLongARegionsFeaturesAreRemembered(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		long time.Duration
	}{
		"an answer":    {nil, featuresFor},
		"no such call": {&client.Error{Kind: client.BadRequest, Status: 404}, featuresFor},
		"unreached":    {&client.Error{Kind: client.Unavailable}, unreachedFor},
		"a bad login":  {&client.Error{Kind: client.NotAuthenticated}, unreachedFor},
		"throttled":    {&client.Error{Kind: client.Throttled}, unreachedFor},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				f := features{ask: func(context.Context) (client.Features, error) {
					asked++
					return client.Features{Told: c.err == nil}, c.err
				}}
				for range 3 {
					if got := f.supported(t.Context()); got != (c.err != nil) || asked != 1 {
						t.Errorf("supported %v, asked %d times", got, asked)
					}
				}
				time.Sleep(c.long - time.Second)
				f.supported(t.Context())
				if asked != 1 {
					t.Error("asked again too early")
				}
				time.Sleep(time.Second)
				f.supported(t.Context())
				if asked != 2 {
					t.Error("not asked again")
				}
			})
		})
	}
}

// An old list is read anew for whoever comes next, once at a time.
func TestAnOldListIsToldAndReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(func(ctx context.Context, n int) error { return takes(ctx, time.Second) })
		if s.last(t.Context(), time.Now()) != nil {
			t.Error("there was a list before any read")
		}
		time.Sleep(2 * time.Second)
		first := s.last(t.Context(), time.Now().Add(-Recent))
		if first == nil || s.tally().reads != 1 {
			t.Fatalf("%v after %+v", first, s.tally())
		}
		time.Sleep(time.Minute)
		for range 10 {
			if s.last(t.Context(), time.Now().Add(-Recent)) != first {
				t.Error("the old list is not told")
			}
		}
		time.Sleep(2 * time.Second)
		if got := s.last(t.Context(), time.Now().Add(-Recent)); got == first || s.tally().reads != 2 {
			t.Errorf("%+v", s.tally())
		}
	})
}

// Those who ask about other projects, too, wait once for one that hangs; after that briefly,
// until it answers again. Whoever means it waits.
func TestAProjectThatHangsIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Int64
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, time.Duration(slow.Load())) })
		for n, c := range []struct {
			look        func(context.Context, want) (*snapshot, error)
			takes, wait time.Duration
			found       bool
		}{
			{s.glance, 8 * time.Second, 8 * time.Second, true},
			{s.glance, time.Hour, readTimeout, false},
			{s.glance, time.Hour, silentPatience, false},
			{s.await, time.Hour, readTimeout, false},
			{s.glance, time.Second, time.Second, true},
			{s.glance, 8 * time.Second, 8 * time.Second, true},
		} {
			slow.Store(int64(c.takes))
			begun := time.Now()
			found, err := c.look(t.Context(), want{since: begun})
			if took := time.Since(begun); took != c.wait || (found != nil) != c.found || !c.found && client.KindOf(err) != client.Unavailable {
				t.Errorf("%d: %v and %v after %s", n, found, err, took)
			}
			time.Sleep(2 * readTimeout) // what is in flight ends
		}
	})
}

// TestANameIsTakenFromAListOnItsWay: for what it has, nobody waits for a newer one; where it
// counts for nothing any more, all do.
func TestANameIsTakenFromAListOnItsWay(t *testing.T) {
	const long, after = 500 * time.Millisecond, 50 * time.Millisecond
	newer := readPause + long
	for _, c := range []struct {
		name   string
		forget bool
		wait   time.Duration
	}{
		{"bastion-prod", false, long}, {"p/bastion-prod", false, long}, {"id-1", false, long},
		{"bastion", false, newer}, {"", false, newer}, {"bastion-prod", true, newer},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, long) })
			s.holds = []client.Instance{{Name: "Bastion-Prod", ServerID: "ID-1"}}
			begun := time.Now()
			go func() { _, _ = s.snapshot(t.Context(), begun) }()
			time.Sleep(after)
			if c.forget {
				s.forget()
			}
			if _, err := s.await(t.Context(), want{since: time.Now(), name: c.name}); err != nil || time.Since(begun) != c.wait {
				t.Errorf("%+v: %v after %s", c, err, time.Since(begun))
			}
			time.Sleep(2 * readTimeout)
		})
	}
}

// TestAReadThatCountsForNothingAnyMoreIsRepeated for those who waited for it.
func TestAReadThatCountsForNothingAnyMoreIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const long = 500 * time.Millisecond
		s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, long) })
		begun := time.Now()
		time.AfterFunc(long/2, s.forget)
		if _, err := s.snapshot(t.Context(), begun); err != nil || time.Since(begun) != 2*long {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
	})
}

// TestASlowCloudAnswers: reads that take longer than it takes to make room for others end, too,
// whoever else waits.
func TestASlowCloudAnswers(t *testing.T) {
	for _, long := range []time.Duration{5 * time.Second, 9 * time.Second, readLost + 2*time.Second} {
		t.Run(long.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSource(func(ctx context.Context, _ int) error { return takes(ctx, long) })
				begun := time.Now()
				if _, err := s.snapshot(t.Context(), begun); err != nil || time.Since(begun) != long {
					t.Errorf("whoever is alone: %v after %s", err, time.Since(begun))
				}
				time.Sleep(2 * readTimeout)
				var group sync.WaitGroup
				for n := range 60 {
					group.Go(func() {
						time.Sleep(time.Duration(n) * 700 * time.Millisecond)
						since := time.Now()
						if _, err := s.glance(t.Context(), want{since: since}); err != nil {
							t.Errorf("%d: %v after %s", n, err, time.Since(since))
						}
					})
				}
				group.Wait()
				time.Sleep(2 * readTimeout)
			})
		})
	}
}
