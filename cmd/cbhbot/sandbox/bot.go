package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// takesUp is how long the bot is waited for when the clock was moved.
	takesUp = time.Second
	// heldOpen is how long a bot that has ended is waited for because of its outputs, which
	// another process may have open as well.
	heldOpen = time.Second
)

// bot is the bot's process, which comes and goes.
type bot struct {
	environ []string
	clock   *Clock
	log     io.Writer
	changed func() // it has started or ended

	mu    sync.Mutex
	run   *running // the latest; nil: none was started
	kills int
}

// running is one process.
type running struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	since  time.Time
	heard  chan int64 // how far its clock is ahead, once it holds
	gone   chan struct{}
	killed atomic.Bool
}

// start starts the bot unless it runs.
func (b *bot) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.run.alive() {
		return errors.New("the bot runs already")
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the program: %w", err)
	}
	r := &running{cmd: exec.Command(program, "sandbox", role), since: time.Now(), heard: make(chan int64, 16), gone: make(chan struct{})}
	r.cmd.Env, r.cmd.Stderr, r.cmd.WaitDelay = b.environ, b.log, heldOpen
	if r.orders, err = r.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("starting the bot: %w", err)
	}
	answers, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("starting the bot: %w", err)
	}
	b.run = r
	r.order(b.clock.Ahead())
	go r.listen(answers)
	go func() {
		_ = r.cmd.Wait() // its state tells how it ended
		close(r.gone)
		b.changed()
	}()
	return nil
}

// listen reads what the process answers until it ends.
func (r *running) listen(answers io.Reader) {
	defer close(r.heard)
	for lines := bufio.NewScanner(answers); lines.Scan(); {
		if ahead, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
			select {
			case r.heard <- ahead:
			default: // nobody waits for it
			}
		}
	}
}

func (r *running) order(ahead time.Duration) {
	_, _ = fmt.Fprintln(r.orders, ahead.Nanoseconds()) // one that is dead is started with it
}

func (r *running) alive() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.gone:
		return false
	default:
		return true
	}
}

// current is the process that runs; nil: none does.
func (b *bot) current() *running {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.run.alive() {
		return nil
	}
	return b.run
}

// follow lets the bot know that the clock was moved, and waits until it does.
func (b *bot) follow() {
	r, ahead := b.current(), b.clock.Ahead()
	if r == nil {
		return
	}
	r.order(ahead)
	late := time.After(takesUp)
	for {
		select {
		case heard, ok := <-r.heard:
			if !ok || heard == ahead.Nanoseconds() {
				return
			}
		case <-late:
			return
		}
	}
}

// kill ends the bot at once (SIGKILL), as a power cut would.
func (b *bot) kill() error {
	r := b.current()
	if r == nil {
		return errors.New("the bot does not run")
	}
	r.killed.Store(true)
	b.mu.Lock()
	b.kills++
	b.mu.Unlock()
	if err := r.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("killing the bot: %w", err)
	}
	<-r.gone
	return nil
}

// stop lets the bot end by itself, and ends it when that takes long.
func (b *bot) stop() {
	r := b.current()
	if r == nil {
		return
	}
	r.orders.Close()
	select {
	case <-r.gone:
	case <-time.After(orphanGrace + 200*time.Millisecond):
		_ = r.cmd.Process.Kill()
		<-r.gone
	}
}

// botState is the bot as the panel shows it.
type botState struct {
	Runs  bool      `json:"runs"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since,omitzero"` // by the machine's clock
	Kills int       `json:"kills"`
	Ended string    `json:"ended"` // how, of one that does not run
}

func (b *bot) state() botState {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := botState{Kills: b.kills, Runs: b.run.alive()}
	switch r := b.run; {
	case r == nil:
		s.Ended = "not started yet"
	case s.Runs:
		s.PID, s.Since = r.cmd.Process.Pid, r.since
	case r.killed.Load():
		s.Ended = "killed"
	default:
		s.Ended = fmt.Sprintf("ended by itself: %v", r.cmd.ProcessState)
	}
	return s
}
