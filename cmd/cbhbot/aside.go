package main

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"
)

const (
	mostLines = 1000        // that wait for whoever reads the log
	lastLines = time.Second // how long the end of the program waits for them
)

// aside hands lines to a writer that may hang, as a full pipe does that nobody reads:
// whoever says a line does not wait for it. What there is no room for is left out.
type aside struct {
	to    io.Writer
	lines chan line
	left  atomic.Int64 // out
}

// line is a line of the log, or a mark between two.
type line struct {
	text    []byte
	written chan struct{} // closed when all before it is written; nil: nobody asks
}

// newAside tells behind a line how many were left out until then, where those have
// become more.
func newAside(to io.Writer, tell func(left int64)) *aside {
	a := &aside{to: to, lines: make(chan line, mostLines)}
	go a.write(tell)
	return a
}

func (a *aside) Write(text []byte) (int, error) {
	select {
	case a.lines <- line{text: bytes.Clone(text)}:
	default:
		a.left.Add(1)
	}
	return len(text), nil
}

func (a *aside) write(tell func(int64)) {
	told := int64(0)
	for next := range a.lines {
		_, _ = a.to.Write(next.text) // nobody is left to be told
		if next.written != nil {
			close(next.written)
		}
		if left := a.left.Load(); left != told {
			told = left
			tell(left)
		}
	}
}

// flush waits until all that was said is written, but not for ever.
func (a *aside) flush() {
	over := time.After(lastLines)
	mark := line{written: make(chan struct{})}
	select {
	case a.lines <- mark:
	case <-over:
		return
	}
	select {
	case <-mark.written:
	case <-over:
	}
}
