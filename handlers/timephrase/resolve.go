package timephrase

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// justPassed is how long after a date without a year it is asked whether next year's is meant.
const justPassed = 31 * day

// resolve makes instants of the drafts, and one answer of the instants.
func (a asking) resolve(drafts []*draft) (Reading, *Error) {
	d := drafts[0]
	found, refusal := d.candidates()
	if len(drafts) > 1 {
		other, no := drafts[1].candidates()
		if found = d.merge(found, other); refusal == nil {
			refusal = no
		}
	}
	switch {
	case d.weekday != nil && len(found) == 1: // the weekday settles which date is meant
		d.dayQuestion, refusal = "", nil
	case len(found) > 1 && d.dayQuestion == "":
		d.ask("That can be read in more than one way.")
	}
	switch {
	case d.question != "" || d.dayQuestion != "":
		return Reading{}, a.question(d, found, refusal)
	case refusal != nil:
		return Reading{}, refusal
	}
	at := found[0].Time
	if refusal := a.within(d, at); refusal != nil {
		return Reading{}, refusal
	}
	return Reading{Time: at, Zone: at.Location(), Text: text(at, at.Location())}, nil
}

// merge joins the readings of the asker's day with those of the day in the zone the phrase names.
func (d *draft) merge(here, there []Candidate) []Candidate {
	for _, c := range there {
		same := func(o Candidate) bool { return o.Time.Equal(c.Time) }
		if !slices.ContainsFunc(here, same) {
			here = append(here, Candidate{c.Time, "counted from the day it is there"})
			d.ask("It is another day in the time zone you name.")
		}
	}
	return here
}

// question asks which of the instants is meant. When none of them is allowed, that is said instead.
func (a asking) question(d *draft, found []Candidate, refusal *Error) *Error {
	allowed := slices.DeleteFunc(slices.Clone(found), func(c Candidate) bool { return a.within(d, c.Time) != nil })
	switch {
	case len(found) == 0:
		return refusal
	case len(allowed) == 0:
		return a.within(d, found[0].Time)
	}
	slices.SortStableFunc(allowed, func(x, y Candidate) int { return x.Time.Compare(y.Time) })
	allowed = slices.CompactFunc(allowed, func(x, y Candidate) bool { return x.Time.Equal(y.Time) })
	why := cmp.Or(d.question, d.dayQuestion)
	e := doubtful("", "%s Which one do you mean?", why)
	if len(allowed) == 1 {
		e.text = fmt.Sprintf("%s Do you mean %s?", why, text(allowed[0].Time, allowed[0].Time.Location()))
	}
	e.Candidates = allowed
	return e
}

// within refuses an instant outside the limits.
func (a asking) within(d *draft, at time.Time) *Error {
	ahead := at.Sub(a.now)
	switch {
	case ahead <= 0:
		return refuse(Past, "", "%s has passed. %s", text(at, at.Location()), example)
	case ahead > farthest:
		return tooFarAway()
	case ahead < a.limits.Min:
		return a.tooSoon(d, at)
	case a.limits.Max > 0 && ahead > a.limits.Max:
		return refuse(TooFar, "", "%s is too far ahead: %s is the most allowed. Choose a day before %s.",
			text(at, at.Location()), Spell(a.limits.Max), a.now.Add(a.limits.Max).In(at.Location()).Format("2 January 2006"))
	}
	return nil
}

// tooSoon offers the earliest time that is allowed, and for a weekday the same time a week later.
func (a asking) tooSoon(d *draft, at time.Time) *Error {
	const round = 5 * time.Minute
	earliest := a.now.Add(a.limits.Min + round - 1).Truncate(round).In(at.Location())
	e := refuse(TooSoon, "", "%s is too soon: it must be at least %s ahead. The earliest is %s.",
		text(at, at.Location()), Spell(a.limits.Min), text(earliest, at.Location()))
	e.Candidates = []Candidate{{earliest, "the earliest possible time"}}
	if !d.weekly {
		return e
	}
	for _, later := range first(instants(floating(at).AddDate(0, 0, 7), at.Location())) {
		e.Candidates = append(e.Candidates, Candidate{later, "a week later"})
	}
	return e
}

func first[T any](found, _ T) T { return found }

// Spell writes a limit: "24 hours", "1 hour 5 minutes", "60 days".
func Spell(limit time.Duration) string {
	hours, minutes := int(limit/time.Hour), int(limit%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return counted(minutes, "minute")
	case minutes > 0:
		return counted(hours, "hour") + " " + counted(minutes, "minute")
	case hours%24 == 0 && hours > 48:
		return counted(hours/24, "day")
	}
	return counted(hours, "hour")
}

func counted(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// candidates is every instant that a draft can mean, and why one of them cannot be.
func (d *draft) candidates() (found []Candidate, refusal *Error) {
	if d.has(instantPart) {
		return []Candidate{{Time: d.instant.In(d.zone)}}, nil
	}
	if d.clocks == nil {
		return d.afterLength()
	}
	for _, day := range d.days {
		for _, clock := range d.clocks {
			wall := d.result.Add(day.shift + clock.shift)
			more, no := d.inZones(wall, join(day.why, clock.why))
			if found = append(found, more...); refusal == nil {
				refusal = no
			}
		}
	}
	return found, refusal
}

// join joins the reasons that are there.
func join(why, more string) string {
	if why != "" && more != "" {
		return why + ", " + more
	}
	return why + more
}

// afterLength is the instant a pure duration ahead: days and months keep the clock time, hours are elapsed.
func (d *draft) afterLength() ([]Candidate, *Error) {
	if d.ahead.days == 0 && d.ahead.months == 0 {
		return []Candidate{{Time: d.now.Add(d.ahead.elapsed).In(d.zone)}}, nil
	}
	found, refusal := d.inZone(d.result.Add(d.sinceDay), zone{location: d.zone})
	for i := range found {
		found[i].Time = found[i].Time.Add(d.ahead.elapsed)
	}
	return found, refusal
}

// inZones resolves a wall time in the zones the phrase may mean.
func (d *draft) inZones(wall time.Time, why string) (found []Candidate, refusal *Error) {
	zones := d.zones()
	if len(zones) == 0 {
		zones = []zone{{location: d.zone}}
	}
	for _, z := range zones {
		var more []Candidate
		ahead, no := d.roll(wall, z)
		if no == nil {
			no = d.contradicted(ahead)
		}
		if no == nil {
			more, no = d.inZone(ahead, z)
		}
		for _, c := range more {
			found = append(found, Candidate{c.Time, join(join(why, z.why), c.Why)})
		}
		if refusal == nil {
			refusal = no
		}
	}
	return found, refusal
}

// roll moves a wall time that has passed to the next day of the same name.
func (d *draft) roll(wall time.Time, z zone) (time.Time, *Error) {
	now := floating(d.now.In(z.location))
	if d.again == nil || wall.After(now) {
		return wall, nil
	}
	date, refusal := d.again(midnight(wall))
	if refusal != nil {
		return wall, refusal
	}
	next := date.Add(wall.Sub(midnight(wall)))
	if passed := now.Sub(wall); !d.weekly && !next.Equal(wall) && passed < justPassed {
		d.ask("%s has just passed.", wall.Format("2 January 15:04"))
	}
	return next, nil
}

// inZone resolves a wall time in one zone.
func (d *draft) inZone(wall time.Time, z zone) ([]Candidate, *Error) {
	if z.strict {
		return d.inForce(wall, z)
	}
	found, skipped := instants(wall, z.location)
	switch {
	case len(found) == 0:
		return nil, nonexistent(wall, skipped)
	case len(found) == 2:
		d.ask("The clocks in %s are put back, and %s comes twice.", z.location, wall.Format("Monday 2 January 15:04"))
		return []Candidate{{found[0], "before the clocks are put back"}, {found[1], "after the clocks are put back"}}, nil
	}
	return d.agreed(found[0])
}

// agreed refuses an offset that is not that of the place named beside it.
func (d *draft) agreed(at time.Time) ([]Candidate, *Error) {
	if d.offset == nil || len(d.named) == 0 {
		return []Candidate{{Time: at}}, nil
	}
	for _, z := range d.named {
		if there := at.In(z.location); floating(there).Equal(floating(at)) {
			return []Candidate{{Time: there}}, nil
		}
	}
	return nil, refuse(Invalid, d.text[zonePart], "%q and %q are not the same time then. Type one of them.", d.text[offsetPart], d.text[zonePart])
}

// inForce resolves a wall time at the offset that an abbreviation stands for. Where the clocks show
// another one at that time, it is asked which is meant.
func (d *draft) inForce(wall time.Time, z zone) ([]Candidate, *Error) {
	at := wall.Add(-z.offset).In(z.location)
	if floating(at).Equal(wall) {
		return []Candidate{{Time: at}}, nil
	}
	d.ask("%q is not the time in %s on that date.", d.text[zonePart], z.location)
	found := []Candidate{{at.In(fixedZone(z.offset)), "at UTC" + offsetText(z.offset)}}
	for _, local := range first(instants(wall, z.location)) {
		found = append(found, Candidate{local, "as the clocks show there"})
	}
	return found, nil
}

func nonexistent(wall time.Time, nearest []time.Time) *Error {
	place := nearest[0].Location()
	e := refuse(Nonexistent, "", "The clocks in %s skip %s. The nearest times are %s and %s.", place, wall.Format("Monday 2 January 2006 15:04"),
		nearest[0].Format("Mon 2 Jan 15:04"), nearest[1].Format("Mon 2 Jan 15:04"))
	for _, at := range nearest {
		e.Candidates = append(e.Candidates, Candidate{at, "the nearest time that exists"})
	}
	return e
}
