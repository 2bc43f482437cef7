package main

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/sirupsen/logrus/hooks/test"
)

// TestABotThatIsStoppedBeforeSlackAnswersHasNotStarted: its log does not say so, either.
func TestABotThatIsStoppedBeforeSlackAnswersHasNotStarted(t *testing.T) {
	t.Parallel()
	log, said := test.NewNullLogger()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := assembled(t, log).run(ctx, listener); err != nil {
		t.Error(err)
	}
	for _, entry := range said.AllEntries() {
		if entry.Message == "cbhbot starts" {
			t.Errorf("it says %q, with %v", entry.Message, entry.Data)
		}
	}
	if listener.Close() == nil {
		t.Error("its address is not given back")
	}
}

// TestWhoWatchesIsAnsweredWhileSlackIsAway: a bot that waits for Slack at its start is alive.
func TestWhoWatchesIsAnsweredWhileSlackIsAway(t *testing.T) {
	t.Parallel()
	log, _ := test.NewNullLogger()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, ended := assembled(t, log), make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- s.run(ctx, listener) }()
	client := &http.Client{Timeout: 10 * time.Second}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/metrics": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
		answer, err := client.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Error(err)
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s answers %s", path, answer.Status)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
