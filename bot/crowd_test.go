package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/bot"
)

// ofAnother is an envelope of another person's.
func ofAnother(e bot.Envelope) bot.Envelope {
	e.Payload = []byte(strings.Replace(string(e.Payload), "U1", "U2", 1))
	return e
}

// Of a flood of one person's, most waits behind what others do, in each lane; all of it is
// worked on, and each once.
func TestNobodyWaitsBehindAFloodOfSomebodyElse(t *testing.T) {
	t.Parallel()
	const flood = 3000
	for name, sent := range map[string]func(id, trigger string) bot.Envelope{"presses": press, "commands": command} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, _ := inbox(t, bot.InboxConfig{})
			for n := range flood {
				put(t, in, sent(fmt.Sprintf("flood%d", n), fmt.Sprint(n)))
			}
			put(t, in, ofAnother(sent("other", "o")))
			var mu sync.Mutex
			var order []string
			consume(t, in, func(_ context.Context, d bot.Delivery) error {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, d.ID)
				return nil
			})
			eventuallyEmpty(t, in)
			mu.Lock()
			defer mu.Unlock()
			if before := slices.Index(order, "other"); before < 0 || before > flood/2 { // 350, and 50 for each 10 s of putting
				t.Errorf("%d were worked on before another person's", before)
			}
			if slices.Sort(order); len(slices.Compact(order)) != flood+1 || len(order) != flood+1 {
				t.Errorf("%d were worked on", len(order))
			}
		})
	}
}

// TestNobodyWaitsBehindAFloodThatIsWorkedOnSlowly: what was put off is not brought back sooner than
// it is worked on, or others would stand behind it in the lane.
func TestNobodyWaitsBehindAFloodThatIsWorkedOnSlowly(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	for n := range 1500 {
		put(t, in, command(fmt.Sprintf("flood%d", n), fmt.Sprint(n)))
	}
	var served atomic.Int64
	halfway, last := make(chan struct{}), make(chan int64, 1)
	consume(t, in, func(_ context.Context, d bot.Delivery) error {
		if served.Add(1) == 800 {
			close(halfway)
		}
		if d.ID == "other" {
			last <- served.Load()
		}
		<-time.After(100 * time.Millisecond)
		return nil
	})
	<-halfway
	put(t, in, ofAnother(command("other", "o")))
	if before := <-last - 800; before > 550 {
		t.Errorf("%d were worked on before another person's", before)
	}
	eventuallyEmpty(t, in)
}
