package main

import (
	"context"
	"net"
	"testing"

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
