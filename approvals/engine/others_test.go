package engine

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// These tests are about what one record, channel or fault must not do to others.

// TestAPictureThatCannotBeDrawnTakesNoWorkerNorLane: one bad record is everybody's
// risk otherwise.
func TestAPictureThatCannotBeDrawnTakesNoWorkerNorLane(t *testing.T) {
	b := newBench(t)
	b.cloud.change(func() {
		for i := range channelWidth + 2 {
			b.cloud.add(fmt.Sprint("x", i))
		}
	})
	var bad atomic.Bool
	b.screen.onDraw = func() {
		if bad.Load() {
			panic("no picture")
		}
	}
	bad.Store(true)
	b.run(b.engine)
	for i := range channelWidth + 2 {
		b.asks(b.upgrade(fmt.Sprint("ask ", i), fmt.Sprint("x", i)))
	}
	b.until("everything was tried", b.idle)
	bad.Store(false)
	if _, err := b.ask("good", "R"); err != nil {
		t.Fatal(err)
	}
	b.until("a card in the same channel", func() bool { return b.screen.said("card") > 0 })
}

// TestAnUpdateThatPanicsIsTheRecordsOwnFault: it is sent beside the posts.
func TestAnUpdateThatPanicsIsTheRecordsOwnFault(t *testing.T) {
	b := newBench(t)
	b.run(b.engine)
	r, err := b.ask("ask", "R")
	if err != nil {
		t.Fatal(err)
	}
	b.until("the card", func() bool { return b.screen.said("card") == 1 })
	var fell atomic.Bool
	b.screen.change(func() { b.screen.onUpdate = func(string) error { fell.Store(true); panic("no") } })
	b.acts("no", "A", approvals.VerbDeny, r)
	b.until("the panic", fell.Load)
	b.until("the end of it", b.idle)
}

// TestAChannelThatHangsDelaysNothingElse: neither acts, nor calls, nor the cards
// of another channel.
func TestAChannelThatHangsDelaysNothingElse(t *testing.T) {
	b := newBench(t)
	release := make(chan struct{})
	b.screen.onPost = func(to Place, p Picture) error {
		if to.Channel == "hangs" {
			<-release
			return failure(NotSent)(to, p)
		}
		return nil
	}
	b.cloud.change(func() {
		for i := range 100 {
			b.cloud.add(fmt.Sprint("x", i))
		}
	})
	b.run(b.engine)
	t.Cleanup(func() { close(release) })
	for i := range 100 {
		ask := b.upgrade(fmt.Sprint("ask ", i), fmt.Sprint("x", i))
		ask.Channel = "hangs"
		b.asks(ask)
	}
	b.callsWithin(5*time.Second, 1)
}

// callsWithin has a request of another channel asked for, shown, approved and called.
func (b *bench) callsWithin(d time.Duration, calls int) {
	b.t.Helper()
	begin := time.Now()
	r, err := b.ask("quick", "R")
	if err != nil {
		b.t.Fatal(err)
	}
	b.until("the card", func() bool { return b.screen.shows(r.ID) })
	if took := time.Since(begin); took > d {
		b.t.Errorf("the card took %s", took)
	}
	begin = time.Now()
	b.acts("quick yes", "A", approvals.VerbApprove, r)
	b.until("the call", func() bool { return b.cloud.count() >= calls })
	if took := time.Since(begin); took > d {
		b.t.Errorf("from the press to the call it took %s", took)
	}
}

func (s *screen) shows(id int64) bool { return s.said(fmt.Sprint("card of ", id)) == 1 }

// TestAFullChannelDelaysNothingElse: 100 cards wait for one channel's budget.
func TestAFullChannelDelaysNothingElse(t *testing.T) {
	b := newBench(t)
	b.cloud.change(func() {
		for i := range 100 {
			b.cloud.add(fmt.Sprint("x", i))
		}
	})
	b.run(b.engine)
	for i := range 100 {
		ask := b.upgrade(fmt.Sprint("ask ", i), fmt.Sprint("x", i))
		ask.Channel = "full"
		b.asks(ask)
	}
	b.callsWithin(5*time.Second, 1)
	before := b.commands()
	begin := time.Now()
	b.until("two seconds", func() bool { return time.Since(begin) > 2*time.Second })
	if rate := float64(b.commands()-before) / time.Since(begin).Seconds(); rate > 400 {
		t.Errorf("%.0f scripts a second while they wait", rate)
	}
}

// commands counts the scripts that Redis has run.
func (b *bench) commands() int {
	b.t.Helper()
	n := 0
	for _, line := range strings.Split(b.redis.Info(context.Background(), "commandstats").Val(), "\r\n") {
		var calls int
		if k, _ := fmt.Sscanf(line, "cmdstat_evalsha:calls=%d", &calls); k == 1 {
			n = calls
		}
	}
	return n
}

// elsewhere is a cloud of which some projects never answer.
type elsewhere struct {
	*cloud
	release chan struct{}
}

func (e elsewhere) Survey(ctx context.Context, project string, since time.Time) (approvals.Survey, error) {
	if strings.HasPrefix(project, "hung") {
		<-e.release
	}
	return e.cloud.Survey(ctx, project, since)
}

// TestProjectsThatHangDelayNoOther, however many of their requests are due.
func TestProjectsThatHangDelayNoOther(t *testing.T) {
	b := newBench(t)
	hung := elsewhere{b.cloud, make(chan struct{})}
	b.engine = b.process(b.store, hung, b.screen)
	b.run(b.engine)
	t.Cleanup(func() { close(hung.release) })
	for i := range 3 * workers {
		ask := b.upgrade(fmt.Sprint("ask ", i), fmt.Sprint("x", i))
		ask.Channel, ask.Items[0].Target.Project = fmt.Sprint("another ", i/10), fmt.Sprint("hung ", i%3)
		b.acts(fmt.Sprint("yes ", i), "A", approvals.VerbApprove, b.asks(ask))
	}
	b.callsWithin(5*time.Second, 1)
}

// TestAPressDoesNotWaitForWhatIsDueInItsProject: more calls than a project has room for hang.
func TestAPressDoesNotWaitForWhatIsDueInItsProject(t *testing.T) {
	b := newBench(t)
	b.acts("yes", "A", approvals.VerbApprove, b.asked())
	for range projectWidth {
		b.engine.acts.enter("p", false)
	}
	l := b.lease(b.engine.acts)
	for _, c := range []struct {
		after time.Duration
		calls int
	}{{pressedFor, 0}, {pressedFor - time.Millisecond, 1}} {
		l.Now = l.Request.ChangedAt.Add(c.after)
		if b.engine.acts.workOn(context.Background(), &l); b.cloud.count() != c.calls {
			t.Errorf("%d calls %s after the press", b.cloud.count(), c.after)
		}
	}
}

// TestWhatHasLongFoundNoRoomIsTriedSeldom: thousands may wait for a cloud that hangs.
func TestWhatHasLongFoundNoRoomIsTriedSeldom(t *testing.T) {
	b := newBench(t)
	r := b.acts("yes", "A", approvals.VerbApprove, b.asked())
	for range projectWidth {
		b.engine.acts.enter("p", false)
	}
	for _, late := range []struct{ after, least, most time.Duration }{
		{after: pressedFor, least: laneWait, most: 2 * time.Second}, {after: time.Minute, least: laneWaits, most: 2 * laneWaits},
	} {
		b.pass(late.after)
		b.work(b.engine.acts)
		due, err := b.store.Due(context.Background(), r.ID)
		if wait := due[store.Act].Sub(b.now()); err != nil || wait > late.most || wait < late.least-50*time.Millisecond || b.cloud.looks() > 0 {
			t.Errorf("%s after it was due it is tried again in %s: %v", late.after, wait, err)
		}
	}
}

// TestPressesThatHangDelayNoOtherProject, however often somebody has the cloud looked at.
func TestPressesThatHangDelayNoOtherProject(t *testing.T) {
	b := newBench(t)
	b.run(b.engine)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	r := &approvals.Request{Items: []approvals.Item{{Target: approvals.Target{Project: "hung"}}}}
	var hang atomic.Int32
	for presses := 0; presses < 400*workers && hang.Load() < workers; presses++ { // the queue takes a worker now and then, for a moment
		b.engine.acts.beside(r, func(context.Context) { hang.Add(1); <-release })
	}
	b.callsWithin(5*time.Second, 1)
}
