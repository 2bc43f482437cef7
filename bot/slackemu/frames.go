package slackemu

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
	"sync"
)

// frameWatch tells which messages a client sent in several frames. Slack drops those without a word; a WebSocket
// library joins them and does not say. So the watch reads frame headers (RFC 6455, 5.2) off the connection as
// the bytes pass through to the library.
type frameWatch struct {
	net.Conn

	mu     sync.Mutex
	header []byte // of the frame being read, so far
	skip   uint64 // bytes of payload still to come
	split  bool   // the message being read had a frame that was not its last
	whole  []bool // for each complete message not asked about yet: came in one frame
}

// Read passes bytes on and looks at them.
func (f *frameWatch) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look(b[:max(n, 0)])
	return n, err
}

func (f *frameWatch) look(b []byte) {
	for len(b) > 0 {
		if f.skip > 0 {
			n := min(f.skip, uint64(len(b)))
			f.skip -= n
			b = b[n:]
			continue
		}
		f.header = append(f.header, b[0])
		b = b[1:]
		if size, complete := frameSize(f.header); complete {
			f.count(f.header[0])
			f.skip, f.header = size, f.header[:0]
		}
	}
}

// frameSize returns the size of a frame's payload once its header is complete.
func frameSize(h []byte) (uint64, bool) {
	if len(h) < 2 {
		return 0, false
	}
	short, extra := uint64(h[1]&0x7f), 0
	switch short {
	case 126:
		extra = 2
	case 127:
		extra = 8
	}
	mask := int(h[1]>>7) * 4
	if len(h) < 2+extra+mask {
		return 0, false
	}
	switch extra {
	case 2:
		return uint64(binary.BigEndian.Uint16(h[2:])), true
	case 8:
		return binary.BigEndian.Uint64(h[2:]), true
	}
	return short, true
}

// count notes a frame by its first byte. Control frames may stand between the parts of a message.
func (f *frameWatch) count(first byte) {
	if opcode := first & 0x0f; opcode >= 8 {
		return
	}
	if last := first&0x80 != 0; !last {
		f.split = true
		return
	}
	f.whole = append(f.whole, !f.split)
	f.split = false
}

// nextWhole reports whether the next message, in the order they came, was sent in one frame.
func (f *frameWatch) nextWhole() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.whole) == 0 {
		return true
	}
	whole := f.whole[0]
	f.whole = f.whole[1:]
	return whole
}

// watched makes the connection that a WebSocket upgrade takes over a watched one.
type watched struct {
	http.ResponseWriter
	watch *frameWatch
}

// Hijack is part of http.Hijacker.
func (w *watched) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.watch.Conn = conn
	return w.watch, buffers, nil
}
