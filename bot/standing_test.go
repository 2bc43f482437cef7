package bot_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"cbhbot/bot"
)

// TestStandingsOfEnvelopes has one of each: done, put off, parked, not begun and never
// kept.
func TestStandingsOfEnvelopes(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	put := func(e bot.Envelope) {
		t.Helper()
		if _, err := in.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	put(command("done", "t1"))
	put(press("away", "t2"))
	put(command("hopeless", "t3"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in.Run(ctx, func(_ context.Context, d bot.Delivery) error {
			switch d.ID {
			case "away":
				return bot.Later(errors.New("the world is away"))
			case "hopeless":
				return bot.Hopeless(errors.New("in vain"))
			}
			return nil
		})
	}()
	ids := []string{"done", "away", "hopeless", "fresh", "unknown"}
	want := map[string]bot.Standing{"done": bot.Done, "away": bot.Waiting, "hopeless": bot.Aside, "fresh": bot.Unkept, "unknown": bot.Unkept}
	standsSo(t, in, ids, want)
	stop()
	<-ended
	put(press("fresh", "t4"))
	want["fresh"] = bot.Waiting
	standsSo(t, in, ids, want)
}

func standsSo(t *testing.T, in *bot.Inbox, ids []string, want map[string]bot.Standing) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		got, err := in.Standings(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if maps.Equal(got, want) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("the envelopes stand so: %v", got)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
