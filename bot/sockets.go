package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
)

// SocketsConfig says how to hold Socket Mode connections.
type SocketsConfig struct {
	AppToken    string
	APIURL      string       // with a trailing slash
	Connections int          // held at the same time; 0 is 2
	HTTP        *http.Client // for apps.connections.open
	Log         logrus.FieldLogger
	Now         func() time.Time
	// Receive takes each envelope and says whether to ack it, and with what.
	Receive func(ctx context.Context, e Envelope) (ack bool, payload any)
	OnDate  func(server time.Time)
	Metrics *Metrics // nil: nobody is to see them
	Roster  *Roster  // of the app's other processes; nil: there are none
	// Backoff is how long to wait after the n-th failure in a row (n ≥ 1) while
	// another socket is up; without one, the wait is at most 2 to 6 s. nil: half a
	// second, doubling to 30 s, jittered.
	Backoff func(n int) time.Duration
}

const (
	defaultConnections = 2
	countedFor         = 5 * time.Second // Slack may count a socket that was closed in order so much longer
)

// Sockets holds Socket Mode connections. Slack sends each envelope to any one of
// them, so one is replaced only when its successor is up.
type Sockets struct {
	config  SocketsConfig
	opener  opener
	gate    *gate
	unacked flood          // envelopes on all sockets
	leaving sync.WaitGroup // those that have a successor and are not closed yet

	mu      sync.Mutex
	live    map[*socket]bool
	opening int         // that are not up yet
	parted  []time.Time // when sockets were closed in order
	warned  int         // of so many sockets that are nobody's
	number  int         // of sockets that Slack counted last
	last    *hello      // that was not judged yet; nil: none
	unheard time.Time   // when this process last could not say what it holds; nor could others, who count for nothing until they can
	crowded time.Time   // since when there are too many sockets; zero: there are not

	complained bool          // that there are
	moved      chan struct{} // told that the number of sockets has changed
}

// NewSockets opens nothing yet.
func NewSockets(c SocketsConfig) *Sockets {
	if c.Connections == 0 {
		c.Connections = defaultConnections
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(prometheus.NewRegistry())
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	return &Sockets{config: c, opener: newOpener(c), gate: newGate(c.Backoff), live: map[*socket]bool{}, moved: make(chan struct{}, 1)}
}

// Run holds the connections until ctx ends: it then takes no more envelopes,
// sends the acks it owes and closes each socket with a close frame. It returns
// nil, or a *FatalError when Slack will not have us.
func (s *Sockets) Run(ctx context.Context) error {
	slots, ctx := errgroup.WithContext(ctx)
	for range s.config.Connections {
		slots.Go(func() error { return s.keep(ctx) })
	}
	attending, leave := context.WithCancel(context.WithoutCancel(ctx))
	var attendance sync.WaitGroup
	attendance.Go(func() { s.attend(attending) })
	err := slots.Wait()
	s.leaving.Wait()
	leave()
	attendance.Wait()
	if s.config.Roster != nil {
		s.announce(context.WithoutCancel(ctx), 0, countedFor) // what was just closed may still be counted
	}
	return err
}

// Flooded reports whether many envelopes wait for their ack, or just did.
func (s *Sockets) Flooded() bool { return s.unacked.on() }

// Connected is the number of sockets that are up.
func (s *Sockets) Connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live)
}

// keep holds one connection: whenever it goes, or is about to go, the next one
// is opened, and only then the old one is let go.
func (s *Sockets) keep(ctx context.Context) error {
	var current *socket
	var reason string // why current is replaced
	defer func() { s.retire(ctx, current) }()
	for {
		turn, ok := s.gate.enter(ctx)
		if !ok {
			return nil
		}
		next, err := s.open(ctx)
		s.gate.leave(turn)
		if _, fatal := errors.AsType[*FatalError](err); fatal {
			return err
		}
		if err != nil {
			s.refused(ctx, err)
			continue
		}
		s.release(ctx, current, reason)
		current = next
		if reason = current.await(ctx); ctx.Err() == nil {
			s.gate.lived(time.Since(current.born))
			s.config.Log.WithField("reason", reason).Info("a socket to Slack is replaced")
		}
	}
}

// open brings one more socket up.
func (s *Sockets) open(ctx context.Context) (*socket, error) {
	s.underWay(1)
	defer s.underWay(-1)
	conn, err := s.opener.dial(ctx)
	if err != nil {
		return nil, err
	}
	sock := newSocket(conn, s)
	if err := sock.up(ctx); err != nil {
		s.leaving.Go(func() { s.retire(ctx, sock) })
		return nil, err
	}
	s.gate.opened()
	s.add(sock)
	return sock, nil
}

func (s *Sockets) underWay(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opening += change
	signal(s.moved)
}

func (s *Sockets) refused(ctx context.Context, err error) {
	asked, limited := retryAfter(err)
	if !limited {
		asked = 0
	}
	wait := s.gate.refused(asked)
	if ctx.Err() == nil {
		s.config.Log.WithError(err).WithField("wait", wait.String()).Warn("no socket to Slack could be opened")
	}
}

func (s *Sockets) add(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-sock.ended:
		return // it was taken off the list before it got there
	default:
	}
	s.live[sock] = true
	s.config.Metrics.opens.Inc()
	s.counted()
}

// dismiss notes that a socket goes on only until its successor is up.
func (s *Sockets) dismiss(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sock.dismissed = true
	s.counted()
}

func (s *Sockets) remove(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live[sock] && sock.parted() {
		s.parted = append(s.parted, time.Now())
	}
	delete(s.live, sock)
	s.counted()
}

// counted passes on how many sockets there are. The caller holds s.mu.
func (s *Sockets) counted() {
	sound := 0
	for sock := range s.live {
		if !sock.dismissed {
			sound++
		}
	}
	s.gate.holds(sound)
	s.config.Metrics.sockets.Set(float64(len(s.live)))
	signal(s.moved)
}

// release retires a socket that has a successor. Slack is left to stop sending
// first: what crosses our close frame on the way would be lost.
func (s *Sockets) release(ctx context.Context, sock *socket, reason string) {
	if sock == nil {
		return
	}
	s.leaving.Go(func() {
		sock.linger(ctx, reason)
		s.retire(ctx, sock)
	})
}

// retire ends a socket in order: acks, close frame, goodbye.
func (s *Sockets) retire(ctx context.Context, sock *socket) {
	if sock == nil {
		return
	}
	sock.finish(ctx)
	s.remove(sock)
}

// ack sends an ack on the socket the envelope came from or, when that one is
// gone, on another: acks are the app's, not the socket's.
func (s *Sockets) ack(from *socket, frame []byte) error {
	err := from.write(frame)
	if err == nil {
		return nil
	}
	from.replace("an ack could not be written") // whatever is still heard on it
	s.mu.Lock()
	others := maps.Clone(s.live)
	s.mu.Unlock()
	delete(others, from)
	for other := range others {
		if err = other.write(frame); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no socket is left to ack on: %w", err)
}
