// Package growstack spares goroutines that live for one piece of work the growing of their
// stacks on the way: a stack starts with a few kilobytes, and each time it gets too small,
// all of it is copied into one of twice the size.
package growstack

// room is what Grow asks for, in bytes: with it, a stack has 32 kB, and the deepest calls,
// which encode a request or send a message over HTTP, need 18.
const room = 17 << 10

// Grow gives the calling goroutine a stack that is deep enough for anything, while there
// is next to nothing on it.
//
//go:noinline
func Grow() {
	var frame [room]byte
	use(&frame)
}

// use keeps the frame from being left out.
//
//go:noinline
func use(*[room]byte) {}
