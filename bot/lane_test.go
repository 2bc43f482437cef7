package bot

import (
	"fmt"
	"testing"
)

// begun is a lane with so many young handlers.
func begun(n int) *lane {
	l := newLane("")
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
	if more := l.end("0"); !more {
		t.Error("a handler ended, and nobody is told to read on")
	}
	if n := l.opens(young); n != 1 {
		t.Errorf("with one worker, it opens %d", n)
	}
	l.found(0, 1)
	if l.end("1") {
		t.Error("nothing is left, and it is read on")
	}
}

// TestHandlersThatHangLeaveTheirPlaces to others, as far as there are not too many.
func TestHandlersThatHangLeaveTheirPlaces(t *testing.T) {
	l := begun(workers)
	for range workers {
		l.matures()
	}
	l.opens(young)
	if more := l.hangs("0"); !more || l.room() != 1 {
		t.Errorf("one hangs, %d may be begun, and that is said: %v", l.room(), more)
	}
	if l.hangs("0"); l.room() != 1 {
		t.Errorf("it is counted twice: %d", l.room())
	}
	if l.end("0"); l.room() != 1 {
		t.Errorf("it ended, and %d may be begun", l.room())
	}
	if l.hangs("0"); l.room() != 1 {
		t.Errorf("what has ended hangs: %d may be begun", l.room())
	}
	all := begun(workers + mostHung)
	for n := range workers + mostHung {
		all.hangs(fmt.Sprint(n))
	}
	if n := all.room(); n != 0 {
		t.Errorf("beside %d that hang %d may be begun", mostHung, n)
	}
}

// TestWhatWasReleasedWhileASweepFoundItIsNotBegunAgain, as after a standstill of the machine.
func TestWhatWasReleasedWhileASweepFoundItIsNotBegunAgain(t *testing.T) {
	l := begun(1)
	l.sweeps()
	l.end("0")
	if l.release("0"); l.begin("0") {
		t.Error("what was done was begun again")
	}
	if l.swept(); !l.begin("0") {
		t.Error("what is found afterwards is not begun")
	}
}
