package timephrase_test

import (
	"testing"
	"time"

	"cbhbot/handlers/timephrase"
)

// TestNoPhraseIsMuchWork: whoever types what is read in more and more ways keeps nobody else
// waiting. What is allocated stands for the work, on any machine.
func TestNoPhraseIsMuchWork(t *testing.T) {
	const most = 5000
	now := time.Date(2026, 8, 5, 2, 17, 0, 0, time.UTC)
	const phrase = "1d = CET 2200 / = in / = 凌晨 in ( at = 十 十 at - 2200 . = = = ( / = 号 / / the / = days – / before / - ( / / - / = ( . - = / . = = / . = = = / / = = / /"
	if n := testing.AllocsPerRun(1, func() { _, _ = timephrase.Parse(phrase, now, time.UTC, timephrase.Limits{}) }); n > most {
		t.Errorf("%.0f allocations, more than %d", n, most)
	}
}
