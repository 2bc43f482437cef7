package bot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

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
	Metrics *Metrics
	// Backoff is how long to wait before the n-th try in a row (n ≥ 1); nil: half
	// a second, doubling to 30 s, jittered.
	Backoff func(n int) time.Duration
}

const (
	defaultConnections = 2
	shortLife          = 30 * time.Second // a socket that lived less counts as a failure
	longestPause       = 30 * time.Second
)

// Sockets holds Socket Mode connections. Slack sends each envelope to any one of
// them, so one is replaced only when its successor is up.
type Sockets struct {
	config SocketsConfig
	opener opener

	renewing sync.Mutex     // one connection is replaced at a time
	leaving  sync.WaitGroup // those that have a successor and are not closed yet

	mu      sync.Mutex
	live    map[*socket]bool
	foreign int // sockets of the app that are not ours, by Slack's last count
}

// NewSockets opens nothing yet.
func NewSockets(c SocketsConfig) *Sockets {
	if c.Connections == 0 {
		c.Connections = defaultConnections
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	return &Sockets{config: c, opener: newOpener(c), live: map[*socket]bool{}}
}

func backoff(n int) time.Duration {
	wait := min(longestPause, 500*time.Millisecond<<min(n-1, 10))
	return wait/2 + rand.N(wait)
}

// Run holds the connections until ctx ends: it then takes no more envelopes,
// sends the acks it owes and closes each socket with a close frame. It returns
// nil, or a *FatalError when Slack will not have us.
func (s *Sockets) Run(ctx context.Context) error {
	slots, ctx := errgroup.WithContext(ctx)
	for range s.config.Connections {
		slots.Go(func() error { return s.keep(ctx) })
	}
	defer s.leaving.Wait()
	return slots.Wait()
}

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
	defer func() { s.retire(current) }()
	for failures := 0; ctx.Err() == nil; {
		next, err := s.open(ctx)
		if isFatal(err) {
			return err
		}
		if err != nil {
			failures++
			s.pause(ctx, failures, err)
			continue
		}
		s.release(ctx, current, reason)
		current = next
		reason = current.await(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.config.Log.WithField("reason", reason).Info("a socket to Slack is replaced")
		// One short life is replaced at once: it may be an ordinary refresh.
		if failures = current.flaps(failures); failures > 1 {
			s.pause(ctx, failures, nil)
		}
	}
	return nil
}

// open brings one more socket up, while no other slot does.
func (s *Sockets) open(ctx context.Context) (*socket, error) {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	conn, err := s.opener.dial(ctx)
	if err != nil {
		return nil, err
	}
	sock := newSocket(conn, s)
	if err := sock.up(ctx); err != nil {
		return nil, err
	}
	s.add(sock)
	return sock, nil
}

func (s *Sockets) pause(ctx context.Context, failures int, err error) {
	wait := s.config.Backoff(failures)
	if asked, limited := retryAfter(err); limited {
		wait = max(wait, asked)
	}
	if err != nil && ctx.Err() == nil {
		s.config.Log.WithError(err).WithField("wait", wait.String()).Warn("no socket to Slack could be opened")
	}
	sleep(ctx, wait)
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
	s.config.Metrics.socketsAre(len(s.live))
	s.config.Metrics.opened()
}

func (s *Sockets) remove(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, sock)
	s.config.Metrics.socketsAre(len(s.live))
}

// release retires a socket that has a successor. Slack is left to stop sending
// first: what crosses our close frame on the way would be lost.
func (s *Sockets) release(ctx context.Context, sock *socket, reason string) {
	if sock == nil {
		return
	}
	s.leaving.Go(func() {
		sock.linger(ctx, reason)
		s.retire(sock)
	})
}

// retire ends a socket in order: acks, close frame, goodbye.
func (s *Sockets) retire(sock *socket) {
	if sock == nil {
		return
	}
	sock.finish()
	s.remove(sock)
}

// greeted compares Slack's count of the app's sockets with ours. A count that
// grows is another replica, or ghosts: sockets whose end never reached Slack,
// and which swallow what is sent to them.
func (s *Sockets) greeted(count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	foreign := max(0, count-len(s.live)-1)
	if foreign > s.foreign {
		s.config.Log.WithFields(logrus.Fields{"app": count, "foreign": foreign}).
			Warn("Slack counts more sockets of this app than this process holds: other replicas, or ghosts that swallow clicks")
	}
	s.foreign = foreign
	s.config.Metrics.foreignAre(foreign)
}

// ack sends an ack on the socket the envelope came from or, when that one is
// gone, on another: acks are the app's, not the socket's.
func (s *Sockets) ack(from *socket, frame []byte) error {
	err := from.write(frame)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	others := make([]*socket, 0, len(s.live))
	for other := range s.live {
		if other != from {
			others = append(others, other)
		}
	}
	s.mu.Unlock()
	for _, other := range others {
		if err = other.write(frame); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no socket is left to ack on: %w", err)
}
