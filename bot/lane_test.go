package bot

import (
	"fmt"
	"testing"
)

// begun is a lane with so many young handlers.
func begun(n int) *lane {
	l := &lane{held: map[string]bool{}}
	for i := range n {
		l.begin(fmt.Sprint(i))
	}
	return l
}

func TestALaneBeginsAFewAtATime(t *testing.T) {
	l := begun(0)
	if n := l.opens(young); n != young {
		t.Errorf("an idle lane opens %d", n)
	}
	l = begun(young)
	if n := l.opens(young); n != 0 {
		t.Errorf("a lane full of young handlers opens %d", n)
	}
	if n := l.opens(youngInFlood); n != 0 {
		t.Errorf("it opens %d in a flood", n)
	}
	if n := l.room(); n != workers-young {
		t.Errorf("it has room for %d to be taken over", n)
	}
	if more := l.matures(); !more {
		t.Error("a handler grew old, and nobody is told to read on")
	}
	if n := l.opens(young); n != 1 {
		t.Errorf("with one that is not young, it opens %d", n)
	}
}

func TestALaneBeginsNoMoreThanItsWorkers(t *testing.T) {
	l := begun(workers)
	for range workers {
		l.matures()
	}
	if n := l.opens(young); n != 0 {
		t.Errorf("a full lane opens %d", n)
	}
	if more := l.end(); !more {
		t.Error("a handler ended, and nobody is told to read on")
	}
	if n := l.opens(young); n != 1 {
		t.Errorf("with one worker, it opens %d", n)
	}
	l.drained()
	if l.end() {
		t.Error("nothing is left, and it is read on")
	}
}
