package sandbox

import (
	"testing"
	"time"

	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// TestTheExampleWorksOnEachDay types the sandbox's example in every hour of a week.
func TestTheExampleWorksOnEachDay(t *testing.T) {
	moved := 0
	for hour := range 7 * 24 {
		now := time.Date(2026, 11, 23, hour, 59, 0, 0, time.UTC)
		ahead := headStart(now)
		if ahead > 0 {
			moved++
		}
		if _, err := timephrase.Parse("sunday 2am", now.Add(ahead), ritasZone, timephrase.Limits{Min: 24*time.Hour + messages.LeadSlack}); err != nil {
			t.Errorf("at %s: %v", now, err)
		}
	}
	if moved < 24 || moved > 27 {
		t.Errorf("the clock begins ahead in %d hours of the week", moved)
	}
}
