// Package redistest starts real Redis servers for tests: on free ports of the
// loopback interface, with their data in a folder of the test's own, stopped by
// their own process id when the test ends.
package redistest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is one redis-server process. It can be killed and started again on the
// same port with the same data.
type Server struct {
	Addr string // 127.0.0.1:port

	t    testing.TB
	args []string
	mu   sync.Mutex
	cmd  *exec.Cmd
	out  *bytes.Buffer
	gone chan struct{}
}

// Start runs a redis-server with an append-only file that is synced at every
// write, and waits until it answers. args are further redis-server arguments.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	port := FreePort(t)
	s := &Server{t: t, Addr: fmt.Sprintf("127.0.0.1:%d", port)}
	s.args = append([]string{
		"--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", folder(t),
		"--appendonly", "yes", "--appendfsync", "always", "--save", "",
	}, args...)
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// A folder in memory keeps what a process that is killed has written, as one on a
// disk does, and no test waits for the syncs of all others.
const (
	inMemory = "/dev/shm"
	roomy    = 1 << 30 // bytes that are to be free there
)

// folder is for a server's data; it is removed when the test ends.
func folder(t testing.TB) string {
	t.Helper()
	var shm syscall.Statfs_t
	err := syscall.Statfs(inMemory, &shm)
	free := uint64(shm.Bavail) * uint64(shm.Bsize) //nolint:unconvert // other systems have other types
	if err != nil || free < roomy {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(inMemory, "redis-") //nolint:usetesting // its folders are on the disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// HeldOpen is how long a process that has ended is waited for because of its outputs: another one
// that begins has them, too, until it is loaded, which takes long while the disk is busy.
const HeldOpen = time.Second

// Restart starts the server (again) and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatal("redis-server is missing: apt-get install redis-server")
	}
	s.mu.Lock()
	s.out = &bytes.Buffer{}
	s.cmd = exec.Command(binary, s.args...)
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.WaitDelay = s.out, s.out, HeldOpen
	s.gone = make(chan struct{})
	cmd, gone := s.cmd, s.gone
	err = cmd.Start()
	s.mu.Unlock()
	if err != nil {
		s.t.Fatal(err)
	}
	go func() { cmd.Wait(); close(gone) }()
	s.awaitAnswer(gone)
}

func (s *Server) awaitAnswer(gone chan struct{}) {
	s.t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer client.Close()
	Until(s.t, "redis-server to answer", func() bool {
		select {
		case <-gone:
			s.t.Fatalf("redis-server ended: %s", s.out)
		default:
		}
		return answered(client.Ping(context.Background()).Err())
	})
}

// answered takes a refusal, such as one without a password, for an answer.
func answered(err error) bool {
	var refusal redis.Error
	return err == nil || errors.As(err, &refusal)
}

// Kill ends the server at once (SIGKILL) and waits until it is gone.
func (s *Server) Kill() {
	s.mu.Lock()
	cmd, gone := s.cmd, s.gone
	s.mu.Unlock()
	cmd.Process.Kill()
	<-gone
}

// Freeze stops the server where it is, so that it answers nobody and keeps its
// connections, until thaw is called.
func (s *Server) Freeze() (thaw func()) {
	s.signal(syscall.SIGSTOP)
	return func() { s.signal(syscall.SIGCONT) }
}

func (s *Server) signal(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd.Process.Signal(sig)
}

// URL is the server's REDIS_URL.
func (s *Server) URL() string { return "redis://" + s.Addr + "/0" }

// AOF is the folder the server keeps its append-only file in.
func (s *Server) AOF() string { return filepath.Join(s.args[5], "appendonlydir") }

// Client returns a client that is closed when the test ends.
func (s *Server) Client() redis.UniversalClient {
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{s.Addr}, ContextTimeoutEnabled: true})
	s.t.Cleanup(func() { client.Close() })
	return client
}
