package check

import (
	"testing"
	"time"

	"cbhbot/approvals/calendar"
)

func TestNotations(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	hours := func(from, to int, days ...time.Weekday) calendar.Hours {
		return calendar.Hours{Days: days, From: from * 60, To: to * 60}
	}
	freeze := calendar.Freeze{
		From:   time.Date(2026, 12, 20, 0, 0, 0, 0, berlin),
		To:     time.Date(2027, 1, 3, 23, 0, 0, 0, time.UTC),
		Reason: "year's end",
	}
	for want, got := range map[string]string{
		"Saturday and Sunday 01:00 to 05:00 (Europe/Berlin)":                         windowWords(calendar.Window{Hours: hours(1, 5, 6, 0), Zone: berlin}),
		"Friday 22:00 to 04:00 the next day":                                         hoursWords(hours(22, 28, 5)),
		"Monday to Wednesday 09:00 to 18:00":                                         hoursWords(hours(9, 18, 1, 2, 3)),
		"Monday, Wednesday and Friday 09:00 to 18:00":                                hoursWords(hours(9, 18, 1, 3, 5)),
		"every day 00:00 to 24:00":                                                   hoursWords(hours(0, 24)),
		"20 December 2026 00:00 to 4 January 2027 00:00 (Europe/Berlin): year's end": freezeWords(freeze),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
