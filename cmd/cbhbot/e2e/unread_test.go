package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// TestALogThatNobodyReadsHoldsNobodyUp starts the bot with a full pipe as its log, of
// which the reader goes away in the end.
func TestALogThatNobodyReadsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	reader, full := fullPipe(t)
	bot := exec.Command(program(t), "run")
	bot.Env, bot.Stdout, bot.Stderr = w.env, full, full
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- bot.Wait() }()
	t.Cleanup(func() { bot.Process.Kill() })
	full.Close()
	w.until("the bot's sockets", func() bool { return w.fresh(nil) >= 2 })

	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Scheduled.*")
	reader.Close()
	w.types(rita, "cancel bastion-prod -- the release slipped")
	w.sees(ana, "Cancel the upgrade of bastion-prod")

	bot.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-gone:
		if err != nil {
			t.Errorf("the bot ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the bot does not end")
	}
}

// fullPipe is a pipe that takes no byte more.
func fullPipe(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = writer.Write(bytes.Repeat([]byte("\n"), 512))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return reader, writer
}
