package calendar

import (
	"testing"
	"time"
)

func TestWorkBeginsAfterTheNight(t *testing.T) {
	week := Hours{Days: []time.Weekday{1, 2, 3, 4, 5}, From: clock(9, 0), To: clock(18, 0)}
	late := Hours{Days: []time.Weekday{time.Friday}, From: clock(22, 0), To: clock(28, 0)}
	friday := Hours{Days: []time.Weekday{time.Friday}, From: clock(9, 0), To: clock(17, 0)}
	skipped := Hours{From: clock(2, 0), To: clock(3, 0)}
	for name, c := range map[string]struct {
		hours           Hours
		zone, now, want string // by the clock of the zone
	}{
		"in the evening":                 {week, "Asia/Shanghai", "2026-08-06 22:00", "2026-08-07 09:00"},
		"the moment they end":            {week, "Asia/Shanghai", "2026-08-06 18:00", "2026-08-07 09:00"},
		"the minute before they end":     {week, "Asia/Shanghai", "2026-08-06 17:59", "2026-08-06 17:59"},
		"the moment they begin":          {week, "Asia/Shanghai", "2026-08-06 09:00", "2026-08-06 09:00"},
		"the minute before they begin":   {week, "Asia/Shanghai", "2026-08-06 08:59", "2026-08-06 09:00"},
		"on Friday evening":              {week, "Asia/Shanghai", "2026-08-07 18:00", "2026-08-10 09:00"},
		"on Sunday":                      {week, "America/Los_Angeles", "2026-08-09 12:00", "2026-08-10 09:00"},
		"over a change of the clocks":    {week, "Europe/Berlin", "2026-10-23 22:00", "2026-10-26 09:00"},
		"past midnight":                  {late, "Europe/Berlin", "2026-08-08 03:00", "2026-08-08 03:00"},
		"a whole week ahead":             {late, "Europe/Berlin", "2026-08-08 04:00", "2026-08-14 22:00"},
		"in the week of a skipped day":   {friday, "Pacific/Apia", "2011-12-29 12:00", "2012-01-06 09:00"},
		"hours that the clocks skip":     {skipped, "Europe/Berlin", "2026-03-29 00:30", "2026-03-30 02:00"},
		"no hours are every moment":      {Hours{}, "Europe/Berlin", "2026-08-08 03:00", "2026-08-08 03:00"},
		"hours in the wrong order, also": {Hours{From: 600, To: 60}, "Europe/Berlin", "2026-08-08 03:00", "2026-08-08 03:00"},
	} {
		z := zone(t, c.zone)
		wall := instants(t, "2006-01-02 15:04", c.now)[0]
		now, _ := Instant(wall, z)
		if got := c.hours.Next(now, z).In(z).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// TestWorkNeverBeginsInThePast holds every quarter of an hour of a fortnight: the
// answer is now, or is later and a beginning.
func TestWorkNeverBeginsInThePast(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	week := Hours{Days: []time.Weekday{time.Monday, time.Thursday}, From: clock(9, 0), To: clock(18, 0)}
	for now := time.Date(2026, 10, 19, 0, 0, 0, 0, z); now.Month() == time.October; now = now.Add(15 * time.Minute) {
		at := week.Next(now, z)
		wall := now.In(z)
		work := (wall.Weekday() == time.Monday || wall.Weekday() == time.Thursday) && wall.Hour() >= 9 && wall.Hour() < 18
		if begins := at.In(z); work != at.Equal(now) || !work && (!at.After(now) || begins.Hour() != 9 || begins.Minute() != 0) {
			t.Errorf("at %s: %s", wall.Format(wallLayout), at.In(z).Format(wallLayout))
		}
	}
}
