package main

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals/engine"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// TestARedisThatWasEmptiedIsNotedAgain as this deployment's, so that another keeps away from it, and is told of; and
// who comes to find it another's ends.
func TestARedisThatWasEmptiedIsNotedAgain(t *testing.T) {
	rdb := redistest.Start(t).Client()
	log, told := test.NewNullLogger()
	registry := prometheus.NewRegistry()
	s := &service{redis: rdb, home: &home{}, log: log, engine: &engine.Engine{Config: engine.Config{Metrics: engine.NewMetrics(registry)}}}
	s.home.id.Store(&bot.Identity{TeamID: "T1", AppID: "A1"})
	rdb.Set(t.Context(), tenantKey, "T1 A1", 0)
	ended := make(chan error, 1)
	go func() { ended <- s.settleIn(t.Context(), nil, time.Millisecond) }()
	for losses := range 2 {
		rdb.FlushAll(t.Context())
		noted := func() bool {
			return rdb.Get(t.Context(), tenantKey).Val() == "T1 A1" && len(told.AllEntries()) == losses+1
		}
		for until := time.Now().Add(10 * time.Second); !noted(); {
			if time.Now().After(until) {
				t.Fatalf("nobody notes whose Redis it is, or says that it was emptied: %d lines", len(told.AllEntries()))
			}
		}
	}
	if n := valueOf(t, registry, "cbhbot_redis_losses_total"); n != 2 {
		t.Errorf("%v losses are counted", n)
	}
	rdb.Set(t.Context(), tenantKey, "T2 A2", 0)
	select {
	case err := <-ended:
		if !isForeign(err) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it goes on with another deployment's data")
	}
}
