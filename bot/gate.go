package bot

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	aMoment      = time.Second            // one opening holds up the next no longer
	stillborn    = 250 * time.Millisecond // a socket that lived less was none
	longestDeaf  = 4 * time.Second        // the longest pause while no socket is up
	longestPause = 30 * time.Second
)

// gate paces the openings of one process: apps.connections.open is scarce
// (https://docs.slack.dev/apis/web-api/rate-limits). One goes at a time, and while a socket is sound, the next one waits
// for a token and out of respect for earlier failures. While none is, it waits for
// hardly anything: deaf is the one thing not to be.
type gate struct {
	backoff func(n int) time.Duration

	mu      sync.Mutex
	changed chan struct{} // closed when what is below has changed
	sound   int           // sockets that serve and have not been told to go
	busy    time.Time     // until then the opening under way is waited for
	failed  int           // openings in a row that gave no socket
	brief   int           // stillborn sockets in a row
	paused  time.Time     // no opening before it while a socket is sound
	deaf    time.Time     // no opening before it while none is
	tokens  bucket        // for every opening
	floor   bucket        // for those while no socket is sound
}

func newGate(backoff func(int) time.Duration) *gate {
	return &gate{
		backoff: backoff, changed: make(chan struct{}),
		tokens: bucket{every: 3 * time.Second, most: 30 * time.Second},
		floor:  bucket{every: 750 * time.Millisecond, most: 4 * time.Second},
	}
}

// enter blocks until an opening may begin; false says that ctx ended first. The
// opening is over for the gate with leave, or after a moment.
func (g *gate) enter(ctx context.Context) (turn time.Time, ok bool) {
	for ctx.Err() == nil {
		turn, wait, changed := g.take(time.Now())
		if wait <= 0 {
			return turn, true
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
	return time.Time{}, false
}

func (g *gate) take(now time.Time) (turn time.Time, wait time.Duration, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := latest(g.busy, g.deaf, g.floor.ready())
	if g.sound > 0 {
		from = latest(g.busy, g.paused, g.tokens.ready())
	}
	if wait := from.Sub(now); wait > 0 {
		return time.Time{}, wait, g.changed
	}
	if g.sound == 0 {
		g.floor.take(now)
	}
	g.tokens.take(now)
	g.busy = now.Add(aMoment)
	return g.busy, 0, nil
}

// leave ends a turn, unless another one has begun meanwhile.
func (g *gate) leave(turn time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy.Equal(turn) {
		g.busy = time.Time{}
		g.announce()
	}
}

// holds says how many sockets are sound.
func (g *gate) holds(sound int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sound = sound
	g.announce()
}

// opened books an opening that gave a socket.
func (g *gate) opened() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = 0
}

// refused books an opening that gave no socket, and returns the pause until the
// next while another socket is sound; asked is what Slack wants it to be at least.
func (g *gate) refused(asked time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed++
	return g.pause(g.failed+g.brief, asked)
}

// lived books the life of a socket. The first stillborn one in a row may have met
// an ordinary refresh.
func (g *gate) lived(life time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if life >= stillborn {
		g.brief = 0
		return
	}
	if g.brief++; g.brief > 1 {
		g.pause(g.failed+g.brief, 0)
	}
}

// pause delays the next opening after n failures in a row. What failed beside a
// sound socket says nothing of that one's successor. The caller holds g.mu.
func (g *gate) pause(n int, asked time.Duration) time.Duration {
	now, wait, deaf := time.Now(), g.backoff(n), time.Duration(0)
	if g.sound == 0 {
		deaf = min(wait, longestDeaf/2+rand.N(longestDeaf))
	}
	g.paused, g.deaf = now.Add(max(wait, asked)), now.Add(max(deaf, asked))
	g.announce()
	return max(wait, asked)
}

// announce lets those who wait look again. The caller holds g.mu.
func (g *gate) announce() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// bucket holds tokens. One comes about every so often; there are at most as many
// as come in the time most.
type bucket struct {
	every, most time.Duration
	full        time.Time // when it will be full again
}

// ready is from when on there is a token.
func (b *bucket) ready() time.Time { return b.full.Add(b.every - b.most) }

// take takes a token, or what there is of one. Replicas part by the jitter.
func (b *bucket) take(now time.Time) {
	full := latest(b.full, now).Add(b.every/2 + rand.N(b.every))
	if most := now.Add(b.most); full.After(most) {
		full = most
	}
	b.full = full
}

func latest(some ...time.Time) time.Time { return slices.MaxFunc(some, time.Time.Compare) }

// backoff is half a second, doubling, jittered.
func backoff(n int) time.Duration {
	wait := min(longestPause, 500*time.Millisecond<<min(n-1, 10))
	return wait/2 + rand.N(wait)
}
