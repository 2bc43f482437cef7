package redistest

import (
	"bytes"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a program and a Redis and is a bad network: it can be
// slow either way, stop a command on its way, or lose the answer to a command that
// Redis has carried out, or the end of it. A command is recognised by words in its bytes.
type Proxy struct {
	Addr string

	target   string
	listener net.Listener
	pumps    sync.WaitGroup

	mu    sync.Mutex
	lines map[*line]bool
	slow  time.Duration
	late  time.Duration
	rule  *rule
	ended bool
}

// rule is what happens to the next commands that hold all the words.
type rule struct {
	words [][]byte
	lose  int           // how many answers to lose; 0: stop the command instead
	torn  bool          // but for their beginnings
	met   chan struct{} // closed when the first command met the rule
	once  sync.Once
}

// line is one connection of a program, and ours to Redis for it.
type line struct {
	program, redis net.Conn
	doomed         bool // the next answer is lost
	torn           bool // but for its beginning
}

// StartProxy listens on a free port in front of a Redis until the test ends.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: listener.Addr().String(), target: target, listener: listener, lines: map[*line]bool{}}
	p.pumps.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// URL is the REDIS_URL through the proxy.
func (p *Proxy) URL() string { return "redis://" + p.Addr + "/0" }

// Slow makes every command arrive that much later.
func (p *Proxy) Slow(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = by
}

// Late makes every answer arrive that much later: Redis has carried the command out.
func (p *Proxy) Late(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = by
}

// Stop lets the next command with all these words, and whatever follows on its
// connection, never arrive. The channel is closed when that has happened.
func (p *Proxy) Stop(words ...string) <-chan struct{} { return p.arm(&rule{}, words) }

// Lose resets the connections of the next n commands with all these words once
// Redis has answered, and before the program hears of it.
func (p *Proxy) Lose(n int, words ...string) <-chan struct{} { return p.arm(&rule{lose: n}, words) }

// Tear does the same while the program hears of it: the last bytes are missing.
func (p *Proxy) Tear(n int, words ...string) <-chan struct{} {
	return p.arm(&rule{lose: n, torn: true}, words)
}

func (p *Proxy) arm(r *rule, words []string) <-chan struct{} {
	r.met = make(chan struct{})
	for _, word := range words {
		r.words = append(r.words, []byte(word))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = r
	return r.met
}

// Cut resets all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.reset()
	}
}

func (p *Proxy) accept() {
	for {
		program, err := p.listener.Accept()
		if err != nil {
			return
		}
		redis, err := net.Dial("tcp", p.target)
		if err != nil {
			program.Close()
			continue
		}
		l := &line{program: program, redis: redis}
		if !p.add(l) {
			l.reset()
			return
		}
		p.pumps.Go(func() { p.pump(l, program, redis, p.command) })
		p.pumps.Go(func() { p.pump(l, redis, program, p.answer) })
	}
}

func (p *Proxy) add(l *line) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines[l] = true
	return !p.ended
}

// pump copies one direction of a line, as far as passes lets it.
func (p *Proxy) pump(l *line, from, to net.Conn, passes func(*line, []byte) bool) {
	defer p.drop(l)
	buffer := make([]byte, 1<<20)
	for {
		n, err := from.Read(buffer)
		if err != nil || !passes(l, buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// command holds a command back for as long as the network is slow, and carries
// out the rule that it meets.
func (p *Proxy) command(l *line, data []byte) bool {
	p.mu.Lock()
	slow, r := p.slow, p.rule
	met := r != nil && r.meets(data)
	if met {
		r.once.Do(func() { close(r.met) })
		l.doomed, l.torn = r.lose > 0, r.torn
		if r.lose--; r.lose <= 0 {
			p.rule = nil
		}
	}
	stop := met && !l.doomed
	p.mu.Unlock()
	if slow > 0 {
		<-time.After(slow)
	}
	if stop {
		_, _ = io.Copy(io.Discard, l.program) // until the program gives the connection up
	}
	return !stop
}

func (r *rule) meets(data []byte) bool {
	lower := bytes.ToLower(data)
	return !slices.ContainsFunc(r.words, func(word []byte) bool { return !bytes.Contains(lower, bytes.ToLower(word)) })
}

// tail is how much is missing of a torn answer: more than the end of a line.
const tail = 3

// answer holds an answer back for as long as the network is late, unless it is lost.
func (p *Proxy) answer(l *line, data []byte) bool {
	p.mu.Lock()
	late, doomed, torn := p.late, l.doomed, l.torn
	p.mu.Unlock()
	switch {
	case !doomed:
		<-time.After(late)
	case torn:
		_, _ = l.program.Write(data[:max(0, len(data)-tail)])
	}
	return !doomed
}

func (p *Proxy) drop(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.reset()
	delete(p.lines, l)
}

// reset ends both connections the hard way.
func (l *line) reset() {
	for _, conn := range []net.Conn{l.program, l.redis} {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		conn.Close()
	}
}

func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.Cut()
	p.pumps.Wait()
}
