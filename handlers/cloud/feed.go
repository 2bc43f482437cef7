package cloud

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"cbhbot/client"
)

const (
	// readTimeout bounds one read.
	readTimeout = 25 * time.Second
	// readPause is between the beginnings of two reads: whoever comes meanwhile and
	// can do with neither shares the next.
	readPause = 100 * time.Millisecond
	// readPatience is how long an answer is waited for before another read is
	// begun beside the first.
	readPatience = time.Second
	// mostReads is how many reads of a project are in flight at once.
	mostReads = 4
	// readLost is the age at which a read makes room for another.
	readLost = 10 * time.Second
	// silentPatience is how long a project is waited for that gave no answer the last time, by
	// those who ask about others, too: most of them do not mean it.
	silentPatience = 2 * time.Second
)

// feed reads one project's list: once for all who want it at the same time. A
// read does not end with the caller who began it.
type feed struct {
	read func(ctx context.Context, begun time.Time) (*snapshot, error)

	mu      sync.Mutex
	kept    *snapshot     // of the read that was begun last; nil: none has succeeded yet
	flights []*flight     // in the order they were begun
	latest  time.Time     // when one was begun
	silent  bool          // the one that ended last brought no answer
	ended   chan struct{} // closed when one of them ends, and replaced
	from    time.Time     // reads begun before it count for nothing
}

// flight is a read on its way.
type flight struct {
	begun  time.Time
	cancel context.CancelFunc
	lost   bool  // cut off, to make room for another
	err    error // why it failed
}

// errHangs ends the wait for a cloud that never answers: reads that were cut off to
// make room for others say nothing by themselves.
var errHangs = &client.Error{Op: "list", Kind: client.Unavailable, Sent: true, Err: context.DeadlineExceeded}

// want is the list that somebody can do with: one whose read was begun at since or later,
// and one from [Recent] before, too, if it has the name.
type want struct {
	since time.Time
	name  string // in lower case, or ""
}

func (w want) met(s *snapshot) bool {
	return !s.begun.Before(w.since) || w.name != "" && !s.begun.Before(w.since.Add(-Recent)) && s.has(w.name)
}

// snapshot returns a list whose read was begun at since or later.
func (f *feed) snapshot(ctx context.Context, since time.Time) (*snapshot, error) {
	return f.await(ctx, want{since: since})
}

// await returns a list that is wanted: the one that is kept, that of a read in flight,
// or that of another. It waits as long as one read may take.
func (f *feed) await(ctx context.Context, w want) (*snapshot, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, readTimeout, errHangs)
	defer cancel()
	if now := time.Now(); w.since.After(now) {
		w.since = now // nothing is ever begun later
	}
	var joined []*flight
	for {
		found, change, err := f.look(ctx, w, &joined)
		if found != nil || err != nil {
			return found, err
		}
		if err := change.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// glance is [feed.await] for whoever asks about several projects: one that is silent is not
// waited for as long, though it is asked, in case that it has come back.
func (f *feed) glance(ctx context.Context, w want) (*snapshot, error) {
	f.mu.Lock()
	silent := f.silent
	f.mu.Unlock()
	if silent {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, silentPatience, errHangs)
		defer cancel()
	}
	return f.await(ctx, w)
}

// change is when it is worth looking again.
type change struct {
	ended <-chan struct{}
	pause time.Duration
}

func (c change) wait(ctx context.Context) error {
	timer := time.NewTimer(c.pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.ended:
	case <-timer.C:
	}
	return nil
}

// look is one step of a caller. joined are the reads that they rely on: the first
// failure among them is theirs.
func (f *feed) look(ctx context.Context, w want, joined *[]*flight) (*snapshot, change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept != nil && !f.kept.begun.Before(f.from) && w.met(f.kept) {
		return f.kept, change{}, nil
	}
	for _, flight := range *joined {
		if flight.err != nil && !flight.lost {
			return nil, change{}, flight.err
		}
	}
	since := w.since
	if since.Before(f.from) {
		since = f.from
	}
	pause := f.due(since)
	if pause <= 0 {
		f.begin(ctx)
		pause = readPatience
	}
	if n := len(f.flights); n > 0 {
		newest := f.flights[n-1]
		if !newest.begun.Before(since) && !slices.Contains(*joined, newest) {
			*joined = append(*joined, newest)
		}
	}
	return nil, change{f.ended, pause}, nil
}

// due is how long it is until another read may be begun for a caller, 0 or less
// when it may be at once.
func (f *feed) due(since time.Time) time.Duration {
	wait := readPause
	if len(f.flights) > 0 && !f.latest.Before(since) {
		wait = readPatience
	}
	if pause := wait - time.Since(f.latest); pause > 0 || len(f.flights) < mostReads {
		return pause
	}
	return readLost - time.Since(f.flights[0].begun)
}

// begin sends a read on its way, in place of the newest when there are too many: the others
// are nearer to their end, should the cloud be slow and no more than that.
func (f *feed) begin(ctx context.Context) {
	if newest := len(f.flights) - 1; newest == mostReads-1 {
		f.flights[newest].lost = true
		f.flights[newest].cancel()
		f.flights = f.flights[:newest]
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	flight := &flight{begun: time.Now(), cancel: cancel}
	f.flights, f.latest = append(f.flights, flight), flight.begun
	go func() {
		defer cancel()
		found, err := f.read(ctx, flight.begun)
		f.end(flight, found, err)
	}()
}

func (f *feed) end(over *flight, found *snapshot, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	over.err = err
	if !over.lost { // else it was no fault of the cloud's that it ended
		f.silent = unanswered(err)
	}
	f.flights = slices.DeleteFunc(f.flights, func(other *flight) bool { return other == over })
	if err == nil && (f.kept == nil || f.kept.begun.Before(found.begun)) {
		f.kept = found
	}
	close(f.ended)
	f.ended = make(chan struct{})
}

func unanswered(err error) bool {
	failure, is := errors.AsType[*client.Error](err)
	return is && failure.Kind == client.Unavailable && failure.Status == 0
}

// last is the list that is kept, nil where there is none, at once. When its read was
// begun before since, another is begun, unless one is in flight.
func (f *feed) last(ctx context.Context, since time.Time) *snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.kept == nil || f.kept.begun.Before(since); old && len(f.flights) == 0 && f.due(since) <= 0 {
		f.begin(ctx)
	}
	return f.kept
}

// forget makes every read that was begun before this moment count for nothing.
func (f *feed) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.from = time.Now()
}
