package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a running bot.
type process struct {
	tb      testing.TB
	cmd     *exec.Cmd
	began   time.Time
	written *bytes.Buffer // to both outputs; to be read once it is gone
	gone    chan struct{}
}

// launch starts a program, on the processor that -processor names. It is killed when the
// benchmark ends.
func launch(tb testing.TB, dir string, env []string, command ...string) *process {
	tb.Helper()
	if *processor != "" {
		command = append([]string{"taskset", "-c", *processor}, command...)
	}
	p := &process{tb: tb, cmd: exec.Command(command[0], command[1:]...), written: &bytes.Buffer{}, gone: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, env, p.written, p.written
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.gone) }()
	tb.Cleanup(p.kill)
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
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// stop asks the process to end (SIGTERM), and returns how long that took.
func (p *process) stop() time.Duration {
	p.tb.Helper()
	began := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(10 * time.Second):
		p.kill()
		p.tb.Errorf("the bot did not stop within 10 s: %s", p.written)
	}
	return time.Since(began)
}

// file is one of the kernel's files about the process.
func (p *process) file(name string) string {
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(p.cmd.Process.Pid), name))
	if err != nil {
		p.tb.Fatalf("%v (the benchmark needs Linux); the bot wrote %s", err, p.written)
	}
	return string(text)
}

// memory is what the process holds at this moment, and the most that it has held, in MB.
func (p *process) memory() (present, most float64) {
	status := p.file("status")
	field := func(name string) (kilobytes float64) {
		_, rest, _ := strings.Cut(status, name)
		_, _ = fmt.Sscan(rest, &kilobytes)
		return kilobytes * 1024 / 1e6
	}
	return field("VmRSS:"), field("VmHWM:")
}

// ticks is how many of the kernel's clock ticks make a second, on every Linux.
const ticks = 100

// cpu is how long the process has used a processor.
func (p *process) cpu() time.Duration {
	stat := p.file("stat")
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	var user, system int64
	_, _ = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	return time.Duration(user+system) * time.Second / ticks
}
