package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu/pagetest"
)

// built is the program, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cbhbot-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "cbhbot")
	out, err := exec.Command("go", "build", "-o", path, "cbhbot/cmd/cbhbot").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building cbhbot: %w: %s", err, out)
	}
	return path, nil
})

func program(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Tests that say t.Parallel wait for other processes, not for processors.
	if err := flag.Set("test.parallel", "20"); err != nil {
		panic(err)
	}
	code := m.Run()
	pagetest.Close()
	if path, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// patience is how long anything is waited for.
const patience = 2 * time.Minute

// await polls until something is so: for what tells nobody when it changes.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waiting for %s", what)
		case <-tick.C:
		}
	}
}

// together runs the parts of a test beside each other, so many at once, as one of the tests that run at the same time:
// those that say t.Parallel would wait behind all others, and those here wait long for what the program waits for.
func together(t *testing.T, atOnce int, parts map[string]func(*testing.T)) {
	t.Helper()
	free := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for name, part := range parts {
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			t.Run(name, part)
		})
	}
	group.Wait()
}

// atBest wants the best of three to take a certain time at most: a machine may stand still during one of them.
func atBest(t *testing.T, most time.Duration, measure func(*testing.T) time.Duration) {
	t.Helper()
	var took []time.Duration
	for range 3 {
		if took = append(took, measure(t)); slices.Min(took) <= most {
			return
		}
	}
	t.Errorf("it takes %s", took)
}

// process is one run of the program.
type process struct {
	cmd  *exec.Cmd
	log  *record // what it writes, to both outputs
	gone chan struct{}
	err  error // once it is gone
}

// record is what a process writes.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(text)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// launch starts the program; it is killed when the test ends. Its clock is ahead
// of the machine's.
func launch(t testing.TB, ahead time.Duration, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program(t), args...), log: &record{}, gone: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr, p.cmd.WaitDelay = env, p.log, p.log, redistest.HeldOpen
	start := p.cmd.Start
	if ahead != 0 {
		start = func() error { return startAhead(p.cmd, ahead) }
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := p.cmd.Wait(); !errors.Is(err, exec.ErrWaitDelay) {
			p.err = err
		}
		close(p.gone)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("what %v wrote:\n%s", args, p.log)
		}
	})
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// kill ends the process at once (SIGKILL).
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.gone
}

// stop asks the process to end and returns how long that took.
func (p *process) stop() time.Duration {
	start := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.gone
	return time.Since(start)
}

// hangup sends the process SIGHUP.
func (p *process) hangup() { p.cmd.Process.Signal(syscall.SIGHUP) }

// says waits until the process has written some words.
func (p *process) says(t testing.TB, words string) {
	t.Helper()
	await(t, fmt.Sprintf("%q", words), func() bool { return strings.Contains(p.log.String(), words) || p.ended() })
	if !strings.Contains(p.log.String(), words) {
		t.Fatalf("the program ended without a word of %q: %s", words, p.log)
	}
}

// output runs the program to its end and returns what it wrote, and its exit code.
func output(t testing.TB, env []string, args ...string) (text string, code int) {
	t.Helper()
	path := program(t) // is built before the time counts
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	printed, err := os.Create(filepath.Join(t.TempDir(), "printed")) // a pipe is waited for while another process holds it
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append([]string{}, env...), printed, printed
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	out, err := os.ReadFile(printed.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
