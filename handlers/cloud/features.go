package cloud

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cbhbot/client"
)

const (
	// featuresFor is how long a region is taken to stay as it is.
	featuresFor = time.Hour
	// unreachedFor is how long a region is not asked again that did not answer.
	unreachedFor = time.Minute
	// featuresWait is how long a region is waited for: it may not say at all.
	featuresWait = 2 * time.Second
)

// features remembers whether a region has upgrades, also when it cannot say.
type features struct {
	ask    func(context.Context) (client.Features, error)
	flight singleflight.Group

	mu    sync.Mutex
	no    bool // the region said so
	until time.Time
}

// supported asks the region where it is not remembered, once for all who want to
// know.
func (f *features) supported(ctx context.Context) bool {
	if no, known := f.remembered(); known {
		return !no
	}
	answer := f.flight.DoChan("", func() (any, error) {
		if no, known := f.remembered(); known {
			return !no, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), featuresWait)
		defer cancel()
		told, err := f.ask(ctx)
		return !f.remember(told, err), nil
	})
	select {
	case <-ctx.Done():
		return true
	case result := <-answer:
		supported, _ := result.Val.(bool)
		return supported
	}
}

func (f *features) remembered() (no, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.no, time.Now().Before(f.until)
}

func (f *features) remember(told client.Features, err error) (no bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.no, f.until = err == nil && told.Told && !told.UpgradeInstance, time.Now().Add(featuresFor)
	if err != nil && !missing(err) {
		f.until = time.Now().Add(unreachedFor)
	}
	return f.no
}

// forget makes the region be asked again.
func (f *features) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = time.Time{}
}

// missing tells a region that has no such call from one that cannot answer it at
// the moment.
func missing(err error) bool {
	e, is := errors.AsType[*client.Error](err)
	return is && (e.Kind == client.BadRequest || e.Kind == client.NoPermission)
}
