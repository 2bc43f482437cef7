package bot

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Delivery is an envelope as it is handed to whoever works on it.
type Delivery struct {
	Envelope
	PutAt time.Time // when it was put, in Redis' clock, in ms
	Try   int       // 1; more when it was begun before, by this process or another
}

// entry is a delivery and where it stands in its lane.
type entry struct {
	Delivery
	lane       *lane
	id         string
	deliveries int   // since it was last put off, or was seen to be alive
	failures   int   // of its own
	unread     error // why the envelope cannot be read
}

// newEntry reads an entry's fields: the envelope and, of one that was put off,
// what is known of it from before.
func newEntry(l *lane, id string, deliveries int, fields map[string]any) entry {
	number := func(name string) int { // 0 when it is not there
		text, _ := fields[name].(string)
		n, _ := strconv.Atoi(text)
		return n
	}
	e := entry{lane: l, id: id, deliveries: deliveries, failures: number("failures")}
	text, _ := fields["envelope"].(string)
	rest, payload := parted([]byte(text), "payload")
	if err := json.Unmarshal(rest, &e.Envelope); err != nil {
		e.unread = fmt.Errorf("decoding an envelope: %w", err)
	}
	e.Payload = payload
	e.Try = number("try") + deliveries
	e.PutAt = putAt(id)
	if put := number("put"); put > 0 { // under another id
		e.PutAt = time.UnixMilli(int64(put)).UTC()
	}
	return e
}

// putAt is when an entry was put under an id, which begins with that.
func putAt(id string) time.Time {
	first, _, _ := strings.Cut(id, "-")
	ms, _ := strconv.ParseInt(first, 10, 64)
	return time.UnixMilli(ms).UTC()
}

// lane is what a process does in one of the inbox's streams.
type lane struct {
	stream string

	mu      sync.Mutex
	running map[string]bool // entries that have a handler; true: one that hangs
	hung    int             // how many of them hang
	young   int             // how many were just begun
	more    bool            // there may be more to read than there was room for
	full    bool            // the last read has found as many as it might begin, or some were brought back since
	behind  bool            // some were brought back: more may be due
	held    map[string]bool // entries that are ours, done or not; true: for longer than one renewal
	left    map[string]bool // entries that were released since a sweep began, which may have found them; nil: none is on
}

func newLane(stream string) *lane {
	return &lane{stream: stream, running: map[string]bool{}, held: map[string]bool{}}
}

// room is how many more handlers may run.
func (l *lane) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.places()
}

// places is how many workers have nothing to do. Those that hang have left theirs.
func (l *lane) places() int { return max(workers-(len(l.running)-l.hung), 0) }

// opens is how many more handlers may be begun by a read, when so many may be
// young. Until the read has found less, there may be more.
func (l *lane) opens(young int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more = true
	return max(min(l.places(), young-l.young), 0)
}

// found notes how many entries a read has found, of as many as it might begin, and reports
// whether it has found all there was, and more may be brought back.
func (l *lane) found(n, most int) (behind bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full = n == most; l.full {
		return false
	}
	l.more = false
	return l.behind
}

// brings is how many of those put off may be brought back at once.
func (l *lane) brings() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full {
		return broughtMore
	}
	return laneFull
}

// brought notes how many were brought back: the lane is taken for full until a read has
// found less.
func (l *lane) brought(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.behind, l.full = n > 0, l.full || n > 0
}

// matures counts a young handler less, and reports whether there may be more to read.
func (l *lane) matures() (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.young--
	return l.more
}

// sweeps has the lane remember what it releases until it is swept: after a standstill, a sweep
// finds untouched what is written to be done a moment later.
func (l *lane) sweeps() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = map[string]bool{}
}

func (l *lane) swept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = nil
}

// begin takes hold of an entry for a handler, unless it is held already, or was until just now.
func (l *lane) begin(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ours := l.held[id]; ours || l.left[id] {
		return false
	}
	l.held[id], l.running[id] = false, false
	l.young++
	return true
}

// hangs counts a handler among those that hang, if it still runs and there are not too
// many, and reports whether there may be more to read.
func (l *lane) hangs(id string) (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hung, runs := l.running[id]
	if !runs || hung || l.hung == mostHung {
		return false
	}
	l.running[id] = true
	l.hung++
	return l.more
}

// end counts a handler less, and reports whether there may be more to read. The
// entry stays held until what became of it is written.
func (l *lane) end(id string) (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running[id] {
		l.hung--
	}
	delete(l.running, id)
	return l.more
}

func (l *lane) release(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
	if l.left != nil {
		l.left[id] = true
	}
}

// renewable are the entries that were held at the last renewal already: most are
// done before their first.
func (l *lane) renewable() (ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, before := range l.held {
		if before {
			ids = append(ids, id)
		}
		l.held[id] = true
	}
	return ids
}
