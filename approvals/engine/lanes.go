package engine

import "sync"

// lanes bound how many requests of one channel are shown at once, so that a
// channel that is slow or full leaves the workers to others.
type lanes struct {
	mu    *sync.Mutex
	width map[string]int
}

func newLanes() lanes { return lanes{mu: &sync.Mutex{}, width: map[string]int{}} }

// enter reports whether there is room.
func (l lanes) enter(lane string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.width[lane] >= laneWidth {
		return false
	}
	l.width[lane]++
	return true
}

func (l lanes) leave(lane string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.width[lane]--; l.width[lane] == 0 {
		delete(l.width, lane)
	}
}
