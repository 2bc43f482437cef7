package file

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
)

// weekdays are in the order of time.Weekday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func weekday(text string) (time.Weekday, error) {
	day := slices.Index(weekdays, strings.ToLower(text))
	if day < 0 {
		return 0, fmt.Errorf("%.40q is no weekday: mon, tue, wed, thu, fri, sat or sun", text)
	}
	return time.Weekday(day), nil
}

// clock reads minutes after midnight: "22:00", "24:00", "04:00 next day".
func clock(text string) (int, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	shown, next := strings.CutSuffix(text, " next day")
	t, err := time.Parse("15:04", shown)
	if err != nil || len(shown) != len("15:04") {
		return 0, fmt.Errorf("%.40q is no time of day such as 01:30, 24:00 or 04:00 next day", text)
	}
	if next {
		return 24*60 + t.Hour()*60 + t.Minute(), nil
	}
	return t.Hour()*60 + t.Minute(), nil
}

// hours reads hours of a day, and other keys beside them that must be there, too.
// ok is false when something is wrong with any.
func (r *reader) hours(n *yaml.Node, what string, known map[string]take, needed ...string) (h calendar.Hours, ok bool) {
	before := len(r.problems)
	known["days"] = eachOnce(r, &h.Days, said(weekday))
	known["from"] = into(r, &h.From, said(clock))
	known["to"] = into(r, &h.To, said(clock))
	keys := r.mapping(n, what, known, append(needed, "from", "to")...)
	if len(r.problems) == before {
		r.hoursAreOrdered(keys["to"], h)
	}
	return h, len(r.problems) == before
}

func (r *reader) hoursAreOrdered(to *yaml.Node, h calendar.Hours) {
	switch {
	case h.From >= 24*60:
		r.at(to, "from must be before 24:00")
	case h.To <= h.From:
		r.at(to, "to must be later than from; a time on the following day is written “04:00 next day”")
	case h.To > h.From+24*60:
		r.at(to, "to must not be more than a day after from")
	}
}

func (r *reader) window(n *yaml.Node) (w calendar.Window) {
	var ok bool
	w.Hours, ok = r.hours(n, "a window", map[string]take{"zone": into(r, &w.Zone, said(zone))}, "zone")
	if ok && time.Duration(w.To-w.From)*time.Minute < policy.UpgradeTakes {
		r.at(n, "a window must be open for %d hours or more: an upgrade may take that long", policy.UpgradeTakes/time.Hour)
	}
	return w
}

// zone reads an IANA zone. The machine's own is none: replicas may differ in it.
func zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("unknown zone %.40q; it is written like Asia/Shanghai", name)
	}
	return zone, nil
}

func (r *reader) freeze(n *yaml.Node) (f calendar.Freeze) {
	var where *time.Location
	var from, to time.Time // by the clocks there
	before := len(r.problems)
	keys := r.mapping(n, "a freeze", map[string]take{
		"from": into(r, &from, moment(0)), "to": into(r, &to, moment(1)), "zone": into(r, &where, said(zone)), "reason": into(r, &f.Reason, text),
	}, "from", "to", "zone", "reason")
	if len(r.problems) > before {
		return f
	}
	f.From, _ = calendar.Instant(from, where)
	f.To, _ = calendar.Instant(to, where)
	if !f.From.Before(f.To) {
		r.at(keys["to"], "the freeze ends before it begins")
	}
	return f
}

// moment returns a reader of a date with the time of day, written in UTC. A date alone is
// where its day begins, or one that is so many days later.
func moment(days int) func(*yaml.Node) (time.Time, error) {
	return func(n *yaml.Node) (time.Time, error) {
		if err := scalar(n, "a date such as 2026-12-20 or 2026-12-20 18:00", "!!str", "!!timestamp"); err != nil {
			return time.Time{}, err
		}
		if date, err := time.Parse(time.DateOnly, n.Value); err == nil {
			return date.AddDate(0, 0, days), nil
		}
		wall, err := time.Parse("2006-01-02 15:04", n.Value)
		if err != nil {
			err = fmt.Errorf("%.40q is no date such as 2026-12-20 or 2026-12-20 18:00", n.Value)
		}
		return wall, err
	}
}

// lead reads the notice for each kind of upgrade.
func (r *reader) lead(n *yaml.Node) policy.Lead {
	var l policy.Lead
	notice := said(r.notice)
	r.mapping(n, "lead", map[string]take{"minor": into(r, &l.Minor, notice), "cross_version": into(r, &l.CrossVersion, notice)})
	return l
}

// notice reads how long before an upgrade the cloud wants to know of it.
func (r *reader) notice(text string) (time.Duration, error) {
	d, err := duration(text)
	if r.maxLead > 0 && d >= r.maxLead {
		err = fmt.Errorf("%s of notice is not less than the %s that an upgrade may lie ahead (CBHBOT_MAX_LEAD), so nobody could ask for one",
			DurationWords(d), DurationWords(r.maxLead))
	}
	return d, err
}

// At most so many heads-ups, and none longer before than this: people stop reading
// what they are told often, or long before.
const (
	mostHeadsUps    = 5
	earliestHeadsUp = 30 * 24 * time.Hour
)

// headsUp reads how long before an upgrade people are told of it, in any order.
func (r *reader) headsUp(n *yaml.Node, telling *approvals.Telling) {
	instead(r, &telling.HeadsUp, said(headsUpTime))(n)
	if len(n.Content) > mostHeadsUps {
		r.wrong(n, "names %d times; at most %d are given", len(n.Content), mostHeadsUps)
	}
	slices.Sort(telling.HeadsUp)
	slices.Reverse(telling.HeadsUp)
}

func headsUpTime(text string) (time.Duration, error) {
	d, err := duration(text)
	if d > earliestHeadsUp {
		err = fmt.Errorf("%s must be at most %d h", DurationWords(d), earliestHeadsUp/time.Hour)
	}
	return d, err
}

// fraction reads a part of the time to the deadline.
func fraction(n *yaml.Node) (part float64, err error) {
	err = scalar(n, "a number between 0 and 1", "!!float", "!!int")
	if err == nil && (n.Decode(&part) != nil || !(part > 0 && part < 1)) {
		err = errors.New("must be a number between 0 and 1: the part of the time to the deadline")
	}
	return part, err
}
