package main

import (
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// TestARedisThatWasEmptiedIsNotedAgain as this deployment's, so that another keeps away from it; and who comes to
// find it another's ends.
func TestARedisThatWasEmptiedIsNotedAgain(t *testing.T) {
	rdb := redistest.Start(t).Client()
	s := &service{redis: rdb, home: &home{}}
	s.home.id.Store(&bot.Identity{TeamID: "T1", AppID: "A1"})
	ended := make(chan error, 1)
	go func() { ended <- s.settleIn(t.Context(), nil, time.Millisecond) }()
	for range 2 {
		rdb.FlushAll(t.Context())
		for until := time.Now().Add(10 * time.Second); rdb.Get(t.Context(), tenantKey).Val() != "T1 A1"; {
			if time.Now().After(until) {
				t.Fatal("nobody notes whose Redis it is")
			}
		}
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
