package engine

import "sync"

// lanes bound how many requests of one channel are shown at once, or of one project
// acted on, so that one that is slow or full leaves the workers to others.
type lanes struct {
	width int

	mu     *sync.Mutex
	inside map[string]int
}

func newLanes(width int) lanes {
	return lanes{width: width, mu: &sync.Mutex{}, inside: map[string]int{}}
}

// within does work in a lane, and leaves it whatever happens. Where there is no room, it
// does nothing.
func (l lanes) within(lane string, work func()) {
	if l.move(lane, 1) {
		defer l.move(lane, -1)
		work()
	}
}

// move counts one in or out, unless there is no room.
func (l lanes) move(lane string, by int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.inside[lane] + by
	if n > l.width {
		return false
	}
	if l.inside[lane] = n; n == 0 {
		delete(l.inside, lane)
	}
	return true
}
