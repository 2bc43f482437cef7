package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cbhbot/bot"
)

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
			other := sent("other", "o")
			other.Payload = []byte(strings.Replace(string(other.Payload), "U1", "U2", 1))
			put(t, in, other)
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
			if before := slices.Index(order, "other"); before < 0 || before > 400 {
				t.Errorf("%d were worked on before another person's", before)
			}
			if slices.Sort(order); len(slices.Compact(order)) != flood+1 || len(order) != flood+1 {
				t.Errorf("%d were worked on", len(order))
			}
		})
	}
}
