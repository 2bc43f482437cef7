package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"cbhbot/client/cbhemu"
)

// terminal is a pseudo-terminal: what is written to the far end is read from the near one.
func terminal(t *testing.T) (near, far *os.File) {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var unlock, number int32
	for request, argument := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, near.Fd(), request, uintptr(unsafe.Pointer(argument))); errno != 0 {
			t.Fatal(errno)
		}
	}
	far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// TestCheckIsColouredOnATerminalOnly, and not where somebody does not want it.
func TestCheckIsColouredOnATerminalOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "TERM=xterm")
	for _, c := range []struct {
		env      string
		coloured bool
	}{{"X=", true}, {"NO_COLOR=1", false}, {"TERM=dumb", false}} {
		near, far := terminal(t)
		cmd := exec.Command(program(t), "check")
		cmd.Env, cmd.Stdout = append(w.env, c.env), far
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		far.Close()
		var shown bytes.Buffer
		_, _ = io.Copy(&shown, near) // ends with an error when nobody holds the far end
		if text := shown.String(); !strings.Contains(text, "no work is parked") || strings.Contains(text, "\x1b[32mok  \x1b[0m") != c.coloured || strings.Contains(text, "\x1b") != c.coloured {
			t.Errorf("%s: %q", c.env, text)
		}
	}
	if out, _ := output(t, w.env, "check"); strings.Contains(out, "\x1b") {
		t.Errorf("%q", out)
	}
}

// TestALogForPeopleIsColouredOnATerminal.
func TestALogForPeopleIsColouredOnATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "TERM=xterm", "CBHBOT_LOG_FORMAT=text")
	near, far := terminal(t)
	cmd := exec.Command(program(t), "run")
	cmd.Env, cmd.Stderr = w.env, far
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	far.Close()
	w.until("the bot's sockets", func() bool { return w.fresh(nil) >= 2 })
	cmd.Process.Signal(syscall.SIGTERM)
	var shown bytes.Buffer
	_, _ = io.Copy(&shown, near) // ends with an error when nobody holds the far end
	if err := cmd.Wait(); err != nil || !strings.Contains(shown.String(), "\x1b[36mINFO\x1b[0m") {
		t.Errorf("%v: %q", err, &shown)
	}
}
