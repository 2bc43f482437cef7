package handlers

import (
	"fmt"
	"strings"
	"testing"

	"cbhbot/handlers/messages"
)

// TestTheLongestCommandFitsIntoAButton: what parseCommand lets through.
func TestTheLongestCommandFitsIntoAButton(t *testing.T) {
	t.Parallel()
	ids := make([]string, mostInBatch)
	for n := range ids {
		ids[n] = fmt.Sprintf("%036d", n)
	}
	text := "upgrade " + strings.Join(ids, ", ") + " tomorrow at 2 in the morning -- " + strings.Repeat("x", messages.LongestReason)
	c, err := parseCommand(text)
	if err != nil || len(strings.Split(c.Instance, listed)) != mostInBatch {
		t.Fatalf("ten server ids: %+v, %v", c, err)
	}
	for _, text := range []string{
		text, "reschedule b " + strings.Repeat("monday ", 300), "reschedule \"" + strings.Repeat("n", 500) + "\" " + strings.Repeat("\"", 700), "upgrade b monday -- " + strings.Repeat("😀", messages.LongestReason),
		"upgrade " + strings.Repeat("n", 600) + " monday -- " + strings.Repeat("\\", messages.LongestReason),
	} {
		c, err := parseCommand(text)
		if err != nil {
			continue // it says so
		}
		c.Channel, c.Thread, c.Stagger, c.At, c.Request = "C0123456789ABCDEFGHIJ", "1795725300.545057", mostStaggered, latestDraft, 1<<62
		if n := c.Length(); n > messages.LongestValue {
			t.Errorf("%.40s…: a button's value of %d characters", text, n)
		}
	}
}
