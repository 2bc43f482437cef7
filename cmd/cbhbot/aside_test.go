package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// stuck is a pipe: it takes a line when somebody reads one.
type stuck chan string

func (s stuck) Write(text []byte) (int, error) {
	s <- string(text)
	return len(text), nil
}

func TestWhoSaysALineDoesNotWaitForItsReader(t *testing.T) {
	pipe, lost := make(stuck), make(chan int64, 1)
	log := newAside(pipe, func(left int64) { lost <- left })
	const said = mostLines + 500
	for n := range said {
		fmt.Fprintf(log, "line %d\n", n)
	}
	start := time.Now()
	log.flush()
	if took := time.Since(start); took > 3*lastLines {
		t.Errorf("the end waited %v", took)
	}
	if first := <-pipe; first != "line 0\n" {
		t.Errorf("the first was %q", first)
	}
	left := <-lost
	if at := left - (said - mostLines); at != 0 && at != -1 { // one may have been on its way already
		t.Errorf("%d were left out", left)
	}
	go log.flush()
	for n := 1; n < mostLines; n++ {
		if next := <-pipe; !strings.HasPrefix(next, fmt.Sprintf("line %d\n", n)) {
			t.Fatalf("the %d-th was %q", n, next)
		}
	}
}

// A program that ends for good does so although nobody reads why: else nothing starts it again.
func TestTheEndWaitsForNobodyWhoDoesNotRead(t *testing.T) {
	if code := exitCode(errors.New("Slack refuses the token"), make(stuck)); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
}
