package messages

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

// zones keeps the zones that were loaded: reading one takes longer than all else
// that a card needs.
var zones sync.Map // name -> *time.Location

// Nowhere is the zone of those of whom Slack names none: their words are no time before they name one.
var Nowhere = time.FixedZone("UTC", 0)

// ZoneOf loads a person's IANA zone; Nowhere when Slack names none that exists.
func ZoneOf(name string) *time.Location {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return Nowhere
	}
	zones.Store(name, zone)
	return zone
}

// exampleDay is a day that is neither too soon nor named today, and on which no clocks are changed: the Sunday where it is such.
func (v Voice) exampleDay() (day time.Time) {
	today := v.Now.In(cmp.Or(v.Zone, time.UTC))
	for days := 3; days < 7; days++ {
		begins := time.Date(today.Year(), today.Month(), today.Day()+days, 0, 0, 0, 0, today.Location())
		_, offset := begins.Zone()
		_, changed := begins.AddDate(0, 0, 1).Zone()
		if offset == changed && (day.IsZero() || begins.Weekday() == time.Sunday) {
			day = begins
		}
	}
	return day
}

// day is a day: "Sun 29 Nov 2026".
func (v Voice) day(t time.Time, year bool) string {
	return v.Language.day(t, v.Language.weekdays[t.Weekday()], year)
}

// local is an instant without its zone: "Sun 29 Nov 2026 02:00".
func (v Voice) local(t time.Time, year bool) string { return v.day(t, year) + t.Format(" 15:04") }

// whichOfTwo tells apart what the clocks show twice, because they are put back.
func whichOfTwo(t time.Time) string {
	const shown = "2 15:04"
	if t.Add(time.Hour).Format(shown) == t.Format(shown) || t.Add(-time.Hour).Format(shown) == t.Format(shown) {
		return t.Format(" -07:00")
	}
	return ""
}

// spelled is an instant in a zone: "Sun 29 Nov 2026 02:00 Asia/Shanghai"; nothing of one that
// nobody has noted.
func (v Voice) spelled(t time.Time, zone *time.Location) string {
	switch {
	case t.IsZero():
		return ""
	case zone == nil:
		zone = time.UTC
	}
	return v.local(t.In(zone), true) + " " + zone.String()
}

// exactly is an instant in words that mean the same to every reader. The date is not
// said again where it is the same.
func (v Voice) exactly(t time.Time) string {
	if t.IsZero() || v.Zone == nil || v.Zone.String() == "UTC" {
		return v.spelled(t, time.UTC)
	}
	utc := v.local(t.UTC(), false)
	if sameDay(t.In(v.Zone), t.UTC()) {
		utc = t.UTC().Format("15:04")
	}
	return v.spelled(t, v.Zone) + " · " + utc + " UTC"
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// away says how far away an instant is, in steps that people think in: days are those of a
// calendar in a zone. It says nothing of one that has passed.
func away(t, now time.Time, zone *time.Location) Saying {
	switch d := t.Sub(now); {
	case d <= 0 || now.IsZero():
		return Saying{}
	case d < time.Hour:
		return Say(InMinutes, "n", int(d/time.Minute))
	case d < 48*time.Hour:
		return Say(InHours, "n", int(d.Round(time.Hour)/time.Hour))
	default:
		zone = cmp.Or(zone, time.UTC)
		return Say(InDays, "n", int(midnightOf(t.In(zone)).Sub(midnightOf(now.In(zone)))/(24*time.Hour)))
	}
}

// midnightOf begins a day of the calendar where every day has 24 hours.
func midnightOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// left says how much time is left at least, in steps that are not outdated before the
// picture is drawn again.
func left(deadline, now time.Time) Saying {
	d := approvals.Left(deadline, now)
	if d == 0 {
		return Say(LeftSoon)
	}
	return Say(LeftOver, "time", ample(d))
}

// span says how long something took: "34 min", "1 h 20 min".
func span(d time.Duration) Saying {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 60 {
		return Say(SpanMinutes, "n", minutes)
	}
	if minutes%60 == 0 {
		return Say(SpanWholeHours, "h", minutes/60)
	}
	return Say(SpanHours, "h", minutes/60, "n", minutes%60)
}

// noticeOf says a length of time such as a policy has: "24 hours", "60 days".
func noticeOf(d time.Duration) Saying {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return Say(Minutes, "n", minutes)
	case minutes > 0:
		return Say(HoursMinutes, "h", hours, "n", minutes)
	case hours%24 == 0 && hours >= 48:
		return Say(Days, "n", hours/24)
	}
	return Say(Hours, "n", hours)
}

// window is a window of the policy in its own zone.
func window(w calendar.Window) Saying {
	return Say(Window, "days", weekdays(w.Days), "from", clock(w.From), "to", until(w.To), "zone", w.Zone.String())
}

func freeze(f calendar.Freeze) Saying {
	zone := f.From.Location().String()
	at := func(t time.Time) string { return t.In(f.From.Location()).Format("2006-01-02 15:04") }
	return Say(Freeze, "from", at(f.From), "to", at(f.To), "zone", zone, "reason", f.Reason)
}

// weekdays are the days of a window: all, a row of them, or each.
func weekdays(days []time.Weekday) any {
	n := len(days)
	if n == 0 || n == 7 {
		return Say(EveryDay)
	}
	if n > 2 && calendar.InRow(days) {
		return Say(DaysInRow, "from", days[0], "to", days[n-1])
	}
	return listed(factsOf(days))
}

// clock is a time of day; until one that may lie on the next day.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func until(minutes int) any {
	if minutes > 24*60 {
		return Say(NextDay, "time", clock(minutes-24*60))
	}
	return clock(minutes)
}
