package growstack_test

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"cbhbot/approvals/growstack"
)

func TestAStackThatHasGrownStaysWhereItIs(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it shrinks stacks
	moved := make(chan bool)
	for _, grown := range []bool{false, true} {
		go func() {
			if grown {
				growstack.Grow()
			}
			var local byte
			before := uintptr(unsafe.Pointer(&local))
			descend(18 << 10)
			moved <- uintptr(unsafe.Pointer(&local)) != before
		}()
		if got := <-moved; got == grown {
			t.Errorf("grown before: %t, moved by a deep call: %t", grown, got)
		}
	}
}

// descend goes as many bytes deep.
func descend(depth int) byte {
	var frame [1 << 10]byte
	if depth > len(frame) {
		frame[depth%len(frame)] = descend(depth - len(frame))
	}
	return frame[depth/2%len(frame)]
}
