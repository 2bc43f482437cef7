package cloud_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
)

const slow = cbhemu.Duration(300 * time.Millisecond)

func TestFiftyLookersShareOneRead(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: slow, Times: -1})
	looks := []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := s.Survey(ctx, "prod", time.Now().Add(-2*time.Second))
			return err
		},
		func(ctx context.Context) error { _, err := s.Instances(ctx); return err },
		func(ctx context.Context) error { _, err := s.Find(ctx, "bastion-prod"); return err },
		func(ctx context.Context) error { _, err := s.Search(ctx, "bastion"); return err },
	}
	s.atOnce(50, func(n int) error { return looks[n%len(looks)](t.Context()) })
	if n := s.listCalls("prod"); n != 1 {
		t.Errorf("%d list calls", n)
	}
}

// TestFiftyReadBacksShareTwoReads: those who come while a read is in flight can
// only do with one that is begun after it.
func TestFiftyReadBacksShareTwoReads(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: slow, Times: -1})
	s.atOnce(50, func(int) error {
		since := time.Now()
		seen, err := s.Survey(t.Context(), "prod", since)
		if err == nil && seen.Begun.Before(since) {
			t.Errorf("a look since %s was begun at %s", since, seen.Begun)
		}
		return err
	})
	if n := s.listCalls("prod"); n > 3 {
		t.Errorf("%d list calls", n)
	}
}

func (s *sky) atOnce(n int, do func(n int) error) {
	s.t.Helper()
	var group sync.WaitGroup
	for n := range n {
		group.Go(func() {
			if err := do(n); err != nil {
				s.t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestAReadBackSeesWhatWasDoneBeforeIt(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	id := s.clouds["prod"].Instance("bastion-prod").ServerID
	target, at := approvals.Target{Project: "prod", ServerID: id}, time.Now().Add(25*time.Hour).Truncate(time.Second)
	before, err := s.Survey(t.Context(), "prod", time.Now())
	if err != nil || !before.Find(target).UpgradeTime.IsZero() {
		t.Fatal(before.Find(target), err)
	}
	if outcome := s.Call(t.Context(), approvals.Upgrade, target, at); outcome.Kind != approvals.Accepted || outcome.Status != 200 || outcome.RequestID == "" {
		t.Fatalf("%+v", outcome)
	}
	since := time.Now()
	if kept, err := s.Survey(t.Context(), "prod", since.Add(-cloud.Recent)); err != nil || kept.Begun != before.Begun || s.listCalls("prod") != 1 {
		t.Errorf("a recent list was read again, %d calls, %v", s.listCalls("prod"), err)
	}
	after, err := s.Survey(t.Context(), "prod", since)
	if err != nil || after.Begun.Before(since) || !after.Find(target).UpgradeTime.Equal(at) {
		t.Errorf("%+v, %v", after.Find(target), err)
	}
	if n := s.listCalls("prod"); n != 2 {
		t.Errorf("%d list calls", n)
	}
}

func TestAHungReadDelaysNobodyForLong(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Minute)})
	start := time.Now()
	hung := make(chan error, 1)
	go func() {
		_, err := s.Instances(t.Context())
		hung <- err
	}()
	s.until("the hung read", func() bool { return s.listCalls("prod") == 1 })
	if _, err := s.Survey(t.Context(), "prod", time.Now()); err != nil || time.Since(start) > time.Second {
		t.Errorf("a later look got its answer after %s, %v", time.Since(start), err)
	}
	if _, err := s.Find(t.Context(), "bastion-prod"); err != nil || time.Since(start) > time.Second {
		t.Errorf("a name was found after %s, %v", time.Since(start), err)
	}
	if err := <-hung; err != nil || time.Since(start) > 2*time.Second {
		t.Errorf("whoever waited for it got their answer after %s, %v", time.Since(start), err)
	}
	if n := s.listCalls("prod"); n != 2 {
		t.Errorf("%d list calls", n)
	}
}

// TestHungReadsDoNotPileUp has callers who give up and come back, each of whom
// needs a read that is begun after they came.
func TestHungReadsDoNotPileUp(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Minute), Times: -1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s.atOnce(20, func(int) error {
		for ctx.Err() == nil {
			patience, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			if _, err := s.Survey(patience, "prod", time.Now()); err == nil {
				t.Error("a hung cloud answered")
			}
			cancel()
		}
		return nil
	})
	if n := s.listCalls("prod"); n != 4 {
		t.Errorf("%d list calls", n)
	}
}

func TestARegionIsAskedOnceWhatItSupports(t *testing.T) {
	documented := func(status int) cbhemu.Fault {
		return cbhemu.Fault{Op: cbhemu.OpFeatures, Kind: cbhemu.FaultDocumented, Status: status, Times: -1}
	}
	for name, c := range map[string]struct {
		fault cbhemu.Fault
		no    bool
		want  bool
	}{
		"yes":                      {cbhemu.Fault{}, false, true},
		"no":                       {cbhemu.Fault{}, true, false},
		"the call is missing":      {documented(404), true, true},
		"it is not allowed":        {documented(403), true, true},
		"the region does not know": {cbhemu.Fault{Op: cbhemu.OpFeatures, Kind: cbhemu.FaultObject, Times: -1}, true, true},
		"it hangs":                 {cbhemu.Fault{Op: cbhemu.OpFeatures, Delay: cbhemu.Duration(time.Minute), Times: -1}, true, true},
		"it fails":                 {cbhemu.Fault{Op: cbhemu.OpFeatures, Kind: cbhemu.FaultBare, Status: 503, RetryAfter: "600", Times: -1}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSky(t, "prod")
			s.clouds["prod"].SetBehaviour(cbhemu.Behaviour{NoUpgradeFeature: c.no})
			s.clouds["prod"].Fault(c.fault)
			start := time.Now()
			for range 3 {
				if got := s.Supports(t.Context(), "prod"); got != c.want {
					t.Errorf("supported: %v", got)
				}
			}
			if n, took := len(s.clouds["prod"].Requests(cbhemu.OpFeatures)), time.Since(start); n != 1 || took > 4*time.Second {
				t.Errorf("%d calls in %s", n, took)
			}
		})
	}
}
