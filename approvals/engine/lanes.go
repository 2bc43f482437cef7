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
	if l.enter(lane) {
		defer l.leave(lane)
		work()
	}
}

func (l lanes) enter(lane string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside[lane] >= l.width {
		return false
	}
	l.inside[lane]++
	return true
}

func (l lanes) leave(lane string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside[lane]--; l.inside[lane] == 0 {
		delete(l.inside, lane)
	}
}
