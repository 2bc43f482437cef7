package cbhemu

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

// What a server accepts when its [Options] say nothing else.
const (
	DefaultProject  = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	DefaultUser     = "cbhbot"
	DefaultPassword = "sandbox-password"
	DefaultDomain   = "sandbox"
	DefaultAK       = "SANDBOXACCESSKEY0001"
	DefaultSK       = "sandbox-secret-key"
)

// Options describe a server. The zero value serves the seed "prod" to the
// default user and access key.
type Options struct {
	Now       func() time.Time // nil: the real time, which [Server.Advance] moves
	Seed      string           // name of a scenario; "" is "prod"
	Instances []Instance       // instead of a seed
	ProjectID string
	Users     []User
	Keys      []AccessKey
	Behaviour Behaviour
	Log       logrus.FieldLogger // nil: nothing is logged
}

// User may get tokens.
type User struct{ Name, Password, Domain string }

// AccessKey may sign requests. A key with a SecurityToken is a temporary one,
// whose requests must carry it.
type AccessKey struct{ AK, SK, SecurityToken string }

// Server is the emulated cloud. It is safe for concurrent use.
type Server struct {
	project string
	keys    []AccessKey
	log     logrus.FieldLogger
	clock   func() time.Time // injected, or nil
	ahead   atomic.Int64     // how far an own clock was moved

	mu        sync.Mutex
	users     []User
	behaviour Behaviour
	instances []*machine
	tokens    map[string]token
	failures  map[string]failures // wrong passwords by user
	faults    []*armed
	requests  []Request
	serial    int // of tokens, ids and requests made so far
}

// New returns a server. It panics on an unknown seed, as that is a mistake in
// the program that asks for it.
func New(o Options) *Server {
	s := &Server{
		project: o.ProjectID, users: o.Users, keys: o.Keys, log: o.Log, clock: o.Now,
		behaviour: o.Behaviour.withDefaults(), tokens: map[string]token{}, failures: map[string]failures{},
	}
	s.fillIn()
	if o.Instances != nil {
		s.Replace(o.Instances)
	} else if err := s.Load(o.Seed); err != nil {
		panic(err)
	}
	return s
}

func (s *Server) fillIn() {
	if s.project == "" {
		s.project = DefaultProject
	}
	if s.users == nil {
		s.users = []User{{DefaultUser, DefaultPassword, DefaultDomain}}
	}
	if s.keys == nil {
		s.keys = []AccessKey{{AK: DefaultAK, SK: DefaultSK}}
	}
	if s.log == nil {
		silent := logrus.New()
		silent.SetOutput(io.Discard)
		s.log = silent
	}
}

// Now is the server's time.
func (s *Server) Now() time.Time {
	if s.clock != nil {
		return s.clock()
	}
	return time.Now().Add(time.Duration(s.ahead.Load()))
}

// Advance moves the server's own clock. It reports false if the clock is
// somebody else's, and then moves nothing.
func (s *Server) Advance(d time.Duration) bool {
	if s.clock != nil {
		return false
	}
	s.ahead.Add(int64(d))
	return true
}

// maxBody is more than any request of this API needs.
const maxBody = 1 << 20

// ServeHTTP answers for the CBH API (/v2/…) and IAM (/v3/…).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		gateway(http.StatusRequestEntityTooLarge, "APIG.0201", "Request entity too large").write(w, s.Now())
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	call := identify(r, body)
	fault := s.take(call)
	id := s.note(call, fault)
	answer, took := s.perform(call, fault)
	answer.header("X-Request-Id", id)
	s.noteAnswer(id, answer, took)
	s.log.WithFields(logrus.Fields{"op": call.op, "status": answer.status, "fault": fault.Kind}).Debug("answered")
	fault.deliver(w, answer, s.Now())
}
