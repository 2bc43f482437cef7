package calendar

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	wallLayout = "2006-01-02 15:04 MST"
	takes      = 2 * time.Hour
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instants(t *testing.T, layout string, all ...string) []time.Time {
	t.Helper()
	var times []time.Time
	for _, text := range all {
		at, err := time.Parse(layout, text)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	return times
}

// clock is minutes after midnight.
func clock(hour, minute int) int { return hour*60 + minute }

func weekend(z *time.Location) Window {
	return Window{Hours: Hours{Days: []time.Weekday{time.Saturday, time.Sunday}, From: clock(1, 0), To: clock(5, 0)}, Zone: z}
}

func TestCalendarAllowsWhatFitsWholly(t *testing.T) {
	shanghai, berlin := zone(t, "Asia/Shanghai"), zone(t, "Europe/Berlin")
	night := Window{Hours: Hours{Days: []time.Weekday{time.Friday}, From: clock(22, 0), To: clock(28, 0)}, Zone: berlin}
	halves := []Window{
		{Hours: Hours{Days: []time.Weekday{time.Saturday}, From: clock(22, 0), To: clock(24, 0)}, Zone: berlin},
		{Hours: Hours{Days: []time.Weekday{time.Sunday}, From: 0, To: clock(4, 0)}, Zone: berlin},
	}
	days := Window{Hours: Hours{From: 0, To: clock(24, 0)}, Zone: berlin}
	edge := Window{Hours: Hours{From: clock(2, 30), To: clock(6, 0)}, Zone: berlin}
	edges := instants(t, time.RFC3339, "2026-12-20T00:00:00Z", "2027-01-04T00:00:00Z")
	closing := Freeze{From: edges[0], To: edges[1], Reason: "year's end"}
	seen := map[Kind]bool{}
	for _, c := range []struct {
		name, at string
		calendar Calendar
		closed   Kind // "" when allowed
	}{
		{"nothing is forbidden", "2026-12-20T00:00:00Z", Calendar{}, ""},
		{"as the window opens, in its zone", "2026-12-04T17:00:00Z", Calendar{Windows: []Window{weekend(shanghai)}}, ""},
		{"a minute before it opens", "2026-12-04T16:59:00Z", Calendar{Windows: []Window{weekend(shanghai)}}, OutsideWindows},
		{"the last that fits", "2026-12-04T19:00:00Z", Calendar{Windows: []Window{weekend(shanghai)}}, ""},
		{"a minute too late to fit", "2026-12-04T19:01:00Z", Calendar{Windows: []Window{weekend(shanghai)}}, TooNearEnd},
		{"as it closes", "2026-12-04T21:00:00Z", Calendar{Windows: []Window{weekend(shanghai)}}, OutsideWindows},
		{"past midnight belongs to the evening before", "2026-12-05T01:00:00Z", Calendar{Windows: []Window{night}}, ""},
		{"the morning of its day is not the night after", "2026-12-04T01:00:00Z", Calendar{Windows: []Window{night}}, OutsideWindows},
		{"windows that touch are one", "2026-12-05T22:30:00Z", Calendar{Windows: halves}, ""},
		{"whole days touch", "2026-12-05T22:30:00Z", Calendar{Windows: []Window{days}}, ""},
		{"in the freeze", "2026-12-24T00:00:00Z", Calendar{Freezes: []Freeze{closing}}, InFreeze},
		{"reaches into the freeze", "2026-12-19T22:01:00Z", Calendar{Freezes: []Freeze{closing}}, InFreeze},
		{"ends as the freeze begins", "2026-12-19T22:00:00Z", Calendar{Freezes: []Freeze{closing}}, ""},
		{"begins as the freeze ends", "2027-01-04T00:00:00Z", Calendar{Freezes: []Freeze{closing}}, ""},
		{"a freeze beats a window", "2026-12-25T17:00:00Z", Calendar{Windows: []Window{weekend(shanghai)}, Freezes: []Freeze{closing}}, InFreeze},
		{"an edge that is skipped is the change", "2026-03-29T01:00:00Z", Calendar{Windows: []Window{edge}}, ""},
		{"the minute before the change is outside", "2026-03-29T00:59:00Z", Calendar{Windows: []Window{edge}}, OutsideWindows},
		{"an edge shown twice is the first", "2026-10-25T00:30:00Z", Calendar{Windows: []Window{edge}}, ""},
		{"before the first of the two is outside", "2026-10-25T00:29:00Z", Calendar{Windows: []Window{edge}}, OutsideWindows},
		{"a short night ends an hour earlier", "2026-03-29T01:01:00Z", Calendar{Windows: []Window{weekend(berlin)}}, TooNearEnd},
		{"a long night has room for an hour more", "2026-10-25T02:00:00Z", Calendar{Windows: []Window{weekend(berlin)}}, ""},
	} {
		at, want := instants(t, time.RFC3339, c.at)[0], (*Closure)(nil)
		switch c.closed {
		case InFreeze:
			want = &Closure{Kind: InFreeze, Freeze: closing, Takes: takes}
		case OutsideWindows, TooNearEnd:
			want = &Closure{Kind: c.closed, Windows: c.calendar.Windows, Takes: takes}
		}
		if got := c.calendar.Closed(at, takes); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, not %+v", c.name, got, want)
		}
		seen[c.closed] = true
	}
	for _, kind := range []Kind{InFreeze, OutsideWindows, TooNearEnd} {
		if !seen[kind] {
			t.Errorf("nothing is %s", kind)
		}
	}
}

func TestCalendarOffersTheSameTimeOfDay(t *testing.T) {
	shanghai, berlin := zone(t, "Asia/Shanghai"), zone(t, "Europe/Berlin")
	edges := instants(t, time.RFC3339, "2026-12-20T00:00:00Z", "2027-01-04T06:00:00Z")
	frozen := []Freeze{{From: edges[0].In(berlin), To: edges[1].In(berlin)}}
	night := Window{Hours: Hours{Days: []time.Weekday{time.Friday}, From: clock(22, 0), To: clock(28, 30)}, Zone: berlin}
	monday := Window{Hours: Hours{Days: []time.Weekday{time.Monday}, From: clock(1, 0), To: clock(12, 0)}, Zone: berlin}
	for name, c := range map[string]struct {
		asked    string
		calendar Calendar
		offered  string
	}{
		"the time of day is kept": {"2026-12-01T18:30:00Z", Calendar{Windows: []Window{weekend(shanghai)}},
			"2026-12-05 02:30 CST, 2026-12-06 02:30 CST, 2026-12-12 02:30 CST"},
		"a window not open then is offered from its beginning": {"2026-12-01T06:30:00Z", Calendar{Windows: []Window{weekend(shanghai)}},
			"2026-12-05 01:00 CST, 2026-12-06 01:00 CST, 2026-12-12 01:00 CST"},
		"the window of the day asked for, when it is ahead": {"2026-12-04T16:30:00Z", Calendar{Windows: []Window{weekend(shanghai)}},
			"2026-12-05 01:00 CST, 2026-12-06 01:00 CST, 2026-12-12 01:00 CST"},
		"too near the end goes to the next window": {"2026-12-04T20:00:00Z", Calendar{Windows: []Window{weekend(shanghai)}},
			"2026-12-06 01:00 CST, 2026-12-12 01:00 CST, 2026-12-13 01:00 CST"},
		"past midnight": {"2026-12-01T01:30:00Z", Calendar{Windows: []Window{night}},
			"2026-12-05 02:30 CET, 2026-12-12 02:30 CET, 2026-12-19 02:30 CET"},
		"after a freeze, without windows": {"2026-12-24T02:30:00Z", Calendar{Freezes: frozen},
			"2027-01-05 03:30 CET, 2027-01-06 03:30 CET, 2027-01-07 03:30 CET"},
		"windows in a freeze are passed over": {"2026-12-18T02:30:00Z", Calendar{Windows: []Window{weekend(berlin)}, Freezes: frozen},
			"2026-12-19 01:00 CET, 2027-01-09 01:00 CET, 2027-01-10 01:00 CET"},
		"a window that a freeze cuts short": {"2026-12-18T20:00:00Z", Calendar{Windows: []Window{monday}, Freezes: frozen},
			"2027-01-04 07:00 CET, 2027-01-11 01:00 CET, 2027-01-18 01:00 CET"},
		"the hour that is skipped is offered from the beginning": {"2026-03-24T01:30:00Z", Calendar{Windows: []Window{weekend(berlin)}},
			"2026-03-28 02:30 CET, 2026-03-29 01:00 CET, 2026-04-04 02:30 CEST"},
		"the clock changes between": {"2026-10-20T01:00:00Z", Calendar{Windows: []Window{weekend(berlin)}},
			"2026-10-24 03:00 CEST, 2026-10-25 03:00 CET, 2026-10-31 03:00 CET"},
		"the hour that is doubled is its first": {"2026-10-20T00:30:00Z", Calendar{Windows: []Window{weekend(berlin)}},
			"2026-10-24 02:30 CEST, 2026-10-25 02:30 CEST, 2026-10-31 02:30 CET"},
		"two windows of a day, each once": {"2026-12-01T02:30:00Z", Calendar{Windows: []Window{
			weekend(time.UTC), {Hours: Hours{Days: []time.Weekday{time.Saturday}, From: clock(10, 0), To: clock(13, 0)}, Zone: time.UTC},
		}}, "2026-12-05 02:30 UTC, 2026-12-05 10:00 UTC, 2026-12-06 02:30 UTC"},
		"windows too short for it": {"2026-12-01T02:30:00Z", Calendar{Windows: []Window{{Hours: Hours{From: 0, To: clock(1, 0)}, Zone: berlin}}},
			""},
	} {
		asked := instants(t, time.RFC3339, c.asked)[0]
		var got []string
		for _, at := range c.calendar.Near(asked, takes, 0, 3) {
			got = append(got, at.Format(wallLayout))
			if why := c.calendar.Closed(at, takes); why != nil {
				t.Errorf("%s: offers %s, which is %s", name, at, why.Kind)
			}
		}
		if strings.Join(got, ", ") != c.offered {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, ", "), c.offered)
		}
	}
}

func TestSeveralAreOfferedWhereAllFit(t *testing.T) {
	utc := []Window{weekend(time.UTC)}
	nights := []Window{{Hours: Hours{From: clock(1, 0), To: clock(4, 0)}, Zone: time.UTC}}
	edges := instants(t, time.RFC3339, "2026-12-06T00:00:00Z", "2026-12-07T00:00:00Z")
	frozen := []Freeze{{From: edges[0], To: edges[1]}}
	for name, c := range map[string]struct {
		asked    string
		calendar Calendar
		offsets  []time.Duration
		offered  string
	}{
		"one after the other": {"2026-12-05T03:00:00Z", Calendar{Windows: utc}, []time.Duration{0, time.Hour},
			"2026-12-06 01:00 UTC, 2026-12-12 01:00 UTC, 2026-12-13 01:00 UTC"},
		"the time of day is kept when the last fits, too": {"2026-12-04T01:30:00Z", Calendar{Windows: utc}, []time.Duration{0, time.Hour},
			"2026-12-05 01:30 UTC, 2026-12-06 01:30 UTC, 2026-12-12 01:30 UTC"},
		"each in a night of its own": {"2026-12-01T05:00:00Z", Calendar{Windows: nights}, []time.Duration{0, 24 * time.Hour, 48 * time.Hour},
			"2026-12-02 01:00 UTC, 2026-12-03 01:00 UTC, 2026-12-04 01:00 UTC"},
		"a freeze between": {"2026-12-01T05:00:00Z", Calendar{Windows: utc, Freezes: frozen}, []time.Duration{0, 24 * time.Hour},
			"2026-12-12 01:00 UTC, 2026-12-19 01:00 UTC, 2026-12-26 01:00 UTC"},
		"only what is left of them": {"2026-12-05T03:00:00Z", Calendar{Windows: utc}, []time.Duration{time.Hour},
			"2026-12-06 01:00 UTC, 2026-12-12 01:00 UTC, 2026-12-13 01:00 UTC"},
		"never all": {"2026-12-05T03:00:00Z", Calendar{Windows: utc}, []time.Duration{0, 3 * time.Hour}, ""},
	} {
		var got []string
		for _, at := range c.calendar.Near(instants(t, time.RFC3339, c.asked)[0], takes, 0, 3, c.offsets...) {
			got = append(got, at.Format(wallLayout))
		}
		if strings.Join(got, ", ") != c.offered {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, ", "), c.offered)
		}
	}
}

func TestADayThatAZoneSkippedHasNoWindow(t *testing.T) {
	z := zone(t, "Pacific/Apia") // skipped a whole day: 30 December 2011
	w := Window{Hours: Hours{Days: []time.Weekday{time.Friday}, From: clock(1, 0), To: clock(5, 0)}, Zone: z}
	asked := instants(t, time.RFC3339, "2011-12-27T13:00:00Z")[0]
	got := Calendar{Windows: []Window{w}}.Near(asked, takes, 0, 1)
	if len(got) != 1 || got[0].Format("2006-01-02 15:04") != "2012-01-06 03:00" {
		t.Errorf("offers %v for a Friday that was skipped", got)
	}
}

// TestCalendarAgreesWithTheClockOnTheWall holds every quarter of an hour around
// a change of the clocks against what they show.
func TestCalendarAgreesWithTheClockOnTheWall(t *testing.T) {
	for _, c := range []struct{ zone, from string }{
		{"Europe/Berlin", "2026-03-27T00:00:00Z"},
		{"Europe/Berlin", "2026-10-23T00:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-02T00:00:00Z"}, // by half an hour
		{"America/Santiago", "2026-09-04T00:00:00Z"},    // midnight is skipped
		{"Asia/Kathmandu", "2026-11-20T00:00:00Z"},
	} {
		z := zone(t, c.zone)
		night := Window{Hours: Hours{Days: []time.Weekday{time.Friday}, From: clock(21, 0), To: clock(28, 30)}, Zone: z}
		calendar := Calendar{Windows: []Window{weekend(z), night}}
		start := instants(t, time.RFC3339, c.from)[0]
		for at := start; at.Before(start.AddDate(0, 0, 5)); at = at.Add(15 * time.Minute) {
			if got, want := calendar.Closed(at, takes) == nil, wallAllows(at, z); got != want {
				t.Errorf("%s: allowed %v", at.In(z).Format(wallLayout), got)
			}
		}
	}
}

// wallAllows looks at the clock in each quarter of an hour of an upgrade: is it
// the weekend between 1 and 5, or the night that began on Friday at 9?
func wallAllows(at time.Time, z *time.Location) bool {
	for t := at; t.Before(at.Add(takes)); t = t.Add(15 * time.Minute) {
		wall := t.In(z)
		minute, day := clock(wall.Hour(), wall.Minute()), wall.Weekday()
		weekend := (day == time.Saturday || day == time.Sunday) && minute >= 60 && minute < clock(5, 0)
		night := day == time.Friday && minute >= clock(21, 0) || day == time.Saturday && minute < clock(4, 30)
		if !weekend && !night {
			return false
		}
	}
	return true
}

func TestCalendarOffersWhatComesBefore(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	utc := []Window{weekend(time.UTC)}
	edges := instants(t, time.RFC3339, "2026-12-05T00:00:00Z", "2026-12-07T00:00:00Z", "2026-12-20T00:00:00Z")
	for name, c := range map[string]struct {
		asked    string
		calendar Calendar
		offsets  []time.Duration
		offered  string
	}{
		"the time of day is kept":                    {"2026-12-08T02:30:00Z", Calendar{Windows: utc}, nil, "2026-12-06 02:30 UTC, 2026-12-05 02:30 UTC"},
		"a window not open then, as late as it fits": {"2026-12-08T12:00:00Z", Calendar{Windows: utc}, nil, "2026-12-06 03:00 UTC, 2026-12-05 03:00 UTC"},
		"too near the end":                           {"2026-12-06T04:00:00Z", Calendar{Windows: utc}, nil, "2026-12-06 03:00 UTC, 2026-12-05 03:00 UTC"},
		"one after the other":                        {"2026-12-08T12:00:00Z", Calendar{Windows: utc}, []time.Duration{0, time.Hour}, "2026-12-06 02:00 UTC, 2026-12-05 02:00 UTC"},
		"behind a freeze":                            {"2026-12-08T02:30:00Z", Calendar{Windows: utc, Freezes: []Freeze{{From: edges[0], To: edges[1]}}}, nil, "2026-11-29 02:30 UTC, 2026-11-28 02:30 UTC"},
		"only a freeze":                              {"2026-12-06T12:00:00Z", Calendar{Freezes: []Freeze{{From: edges[0].In(berlin), To: edges[2]}}}, nil, "2026-12-04 13:00 CET, 2026-12-03 13:00 CET"},
		"never all":                                  {"2026-12-08T12:00:00Z", Calendar{Windows: utc}, []time.Duration{0, 3 * time.Hour}, ""},
	} {
		asked := instants(t, time.RFC3339, c.asked)[0]
		var got []string
		for _, at := range slices.Backward(c.calendar.Near(asked, takes, 2, 0, c.offsets...)) {
			got = append(got, at.Format(wallLayout))
			if c.calendar.Closed(at, takes) != nil || !at.Before(asked) {
				t.Errorf("%s: %s is offered", name, at)
			}
		}
		if strings.Join(got, ", ") != c.offered {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, ", "), c.offered)
		}
	}
}
