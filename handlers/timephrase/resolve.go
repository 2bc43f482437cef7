package timephrase

import (
	"slices"
	"time"
)

// justPassed is how long after a date without a year it is asked whether next year's is meant.
const justPassed = 31 * day

// resolve makes instants of the drafts, and one answer of the instants.
func (a asking) resolve(drafts []*draft) (time.Time, *Error) {
	d := drafts[0]
	found, refusal := d.candidates()
	if len(drafts) > 1 {
		other, no := drafts[1].candidates()
		if found = d.merge(found, other); refusal == nil {
			refusal = no
		}
	}
	switch {
	case (d.weekday != nil || d.beside != nil) && len(found) == 1 && !d.reversed(found[0]): // what stands beside it settles which date is meant
		d.dayQuestion, refusal = Remark{}, nil
	case len(found) > 1 && d.dayQuestion == (Remark{}):
		d.ask(Remark{Point: SeveralWays})
	}
	refusal = a.offered(refusal)
	switch {
	case d.question != (Remark{}) || d.dayQuestion != (Remark{}):
		return time.Time{}, a.question(d, found, refusal)
	case refusal != nil:
		return time.Time{}, refusal
	}
	return found[0].Time, a.within(d, found[0].Time)
}

// reversed tells a date with the day before the month, which nobody writes in Chinese: rather it or what stands beside it is
// a slip.
func (d *draft) reversed(c Candidate) bool {
	return d.han && slices.Contains(c.Why, Remark{Point: DayFirst})
}

// offered is a refusal that offers only what is allowed, or what is said of the last offer when none is.
func (a asking) offered(refusal *Error) *Error {
	if refusal == nil || refusal.Kind != Nonexistent {
		return refusal
	}
	last := refusal.Candidates[len(refusal.Candidates)-1]
	refusal.Candidates = slices.DeleteFunc(refusal.Candidates, func(c Candidate) bool { return a.limits.Refuse(c.Time, a.now) != nil })
	if len(refusal.Candidates) == 0 {
		return a.limits.Refuse(last.Time, a.now)
	}
	return refusal
}

// merge joins the readings of the asker's day with those of the day in the zone the phrase names.
func (d *draft) merge(here, there []Candidate) []Candidate {
	for _, c := range there {
		same := func(o Candidate) bool { return o.Time.Equal(c.Time) }
		if !slices.ContainsFunc(here, same) {
			here = append(here, Candidate{Time: c.Time, Why: because(FromThere)})
			d.ask(Remark{Point: OtherDayThere})
		}
	}
	return here
}

// question asks which of the instants is meant, or a week after one that is too soon. When none of them is allowed, that is
// said instead.
func (a asking) question(d *draft, found []Candidate, refusal *Error) *Error {
	var allowed, later []Candidate
	for _, c := range found {
		switch no := a.within(d, c.Time); {
		case no == nil:
			allowed = append(allowed, c)
		case no.Kind == TooSoon:
			for _, next := range no.Candidates[1:] {
				later = append(later, Candidate{Time: next.Time, Why: slices.Concat(c.Why, next.Why)})
			}
		}
	}
	switch {
	case len(found) == 0:
		return refusal
	case len(allowed) == 0: // of one that has passed and one to come, the second was meant
		last := slices.MaxFunc(found, func(x, y Candidate) int { return x.Time.Compare(y.Time) })
		return a.within(d, last.Time)
	}
	allowed = append(allowed, later...)
	slices.SortStableFunc(allowed, func(x, y Candidate) int { return x.Time.Compare(y.Time) })
	allowed = slices.CompactFunc(allowed, func(x, y Candidate) bool { return x.Time.Equal(y.Time) })
	why := d.question
	if d.dayQuestion != (Remark{}) && slices.Contains([]Point{"", JustPassed, ClockOrDate}, why.Point) {
		why = d.dayQuestion
	}
	e := refuse(Ambiguous, "", why)
	e.Candidates = allowed
	return e
}

// within refuses an instant outside the limits. For a weekday that is too soon it offers the same time a week later, too.
func (a asking) within(d *draft, at time.Time) *Error {
	e := a.limits.Refuse(at, a.now)
	if e == nil || e.Kind != TooSoon || !d.weekly {
		return e
	}
	found, _ := instants(floating(at).AddDate(0, 0, 7), at.Location())
	for _, later := range found {
		e.Candidates = append(e.Candidates, Candidate{Time: later, Why: because(WeekLater)})
	}
	return e
}

// candidates is every instant that a draft can mean, and why one of them cannot be.
func (d *draft) candidates() (found []Candidate, refusal *Error) {
	if d.has(instantPart) {
		return []Candidate{{Time: d.instant.In(d.zone)}}, nil
	}
	if d.clocks == nil {
		return d.afterLength()
	}
	for i, day := range d.days {
		for _, clock := range d.clocks {
			named := d.result.Add(day.shift)
			wall := named.Add(clock.shift)
			again := d.again
			if i == 0 && d.first != nil {
				again = d.first
			}
			spill := midnight(wall).Sub(midnight(named))
			more, no := d.inZones(wall.Add(-spill), spill, again, slices.Concat(day.why, clock.why))
			if found = append(found, more...); refusal == nil {
				refusal = no
			}
		}
	}
	return found, refusal
}

// afterLength is the instant a pure duration ahead: days and months keep the clock time, hours are elapsed.
func (d *draft) afterLength() ([]Candidate, *Error) {
	if d.ahead.days == 0 && d.ahead.months == 0 {
		return []Candidate{{Time: d.now.Add(d.ahead.elapsed).In(d.zone)}}, nil
	}
	found, refusal := d.inZone(d.result.Add(d.sinceDay), zone{location: d.zone})
	candidates := found
	if refusal != nil {
		candidates = refusal.Candidates
	}
	for i := range candidates {
		candidates[i].Time = candidates[i].Time.Add(d.ahead.elapsed)
	}
	return found, refusal
}

// inZones resolves a wall time in the zones the phrase may mean. spill is what it lies behind the day that is named: the
// night of a Sunday ends on Monday.
func (d *draft) inZones(wall time.Time, spill time.Duration, again nextDay, why []Remark) (found []Candidate, refusal *Error) {
	zones := d.zones()
	if len(zones) == 0 {
		zones = []zone{{location: d.zone}}
	}
	for _, z := range zones {
		var more []Candidate
		ahead, no := d.roll(wall, spill, again, z)
		if no == nil {
			no = d.contradicted(ahead)
		}
		if no == nil {
			more, no = d.inZone(ahead.Add(spill), z)
		}
		for _, c := range more {
			found = append(found, Candidate{Time: c.Time, Why: slices.Concat(why, z.why, c.Why)})
		}
		if refusal == nil {
			refusal = no
		}
	}
	return found, refusal
}

// roll moves a wall time that has passed to the next day of the same name.
func (d *draft) roll(wall time.Time, spill time.Duration, again nextDay, z zone) (time.Time, *Error) {
	now := floating(d.now.In(z.location)).Add(-spill)
	if again == nil || wall.After(now) {
		return wall, nil
	}
	date, refusal := again(midnight(wall))
	if refusal != nil {
		return wall, refusal
	}
	next := date.Add(wall.Sub(midnight(wall)))
	if passed := now.Sub(wall); !d.weekly && !next.Equal(wall) && passed < justPassed && d.contradicted(next) == nil {
		d.ask(Remark{Point: JustPassed, At: wall})
	}
	return next, nil
}

// inZone resolves a wall time in one zone.
func (d *draft) inZone(wall time.Time, z zone) ([]Candidate, *Error) {
	if z.strict {
		return d.inForce(wall, z)
	}
	found, nearest := instants(wall, z.location)
	switch {
	case len(found) == 0:
		return nil, nonexistent(wall, nearest)
	case len(found) == 2:
		d.ask(Remark{Point: ComesTwice, At: wall, Zone: z.location})
		return []Candidate{{Time: found[0], Why: because(BeforePutBack)}, {Time: found[1], Why: because(AfterPutBack)}}, nil
	}
	return d.agreed(found[0])
}

// agreed refuses an offset that is not that of the place named beside it.
func (d *draft) agreed(at time.Time) ([]Candidate, *Error) {
	if d.offset == nil || len(d.named) == 0 {
		return []Candidate{{Time: at}}, nil
	}
	for _, z := range d.named {
		there := at.In(z.location)
		if floating(there).Equal(floating(at)) && (!z.strict || floating(at).Sub(floating(at.UTC())) == z.offset) {
			return []Candidate{{Time: there}}, nil
		}
	}
	return nil, refuse(Invalid, d.text[zonePart], Remark{Point: TwoZones, Words: d.text[offsetPart], Others: d.text[zonePart]})
}

// inForce resolves a wall time at the offset that an abbreviation stands for. Where the clocks show
// another one at that time, it is asked which is meant.
func (d *draft) inForce(wall time.Time, z zone) ([]Candidate, *Error) {
	at := wall.Add(-z.offset).In(z.location)
	if floating(at).Equal(wall) {
		return []Candidate{{Time: at}}, nil
	}
	d.ask(Remark{Point: NotInForce, Words: d.text[zonePart], Zone: z.location})
	there := fixedZone(z.offset)
	found := []Candidate{{Time: at.In(there), Why: becauseIn(AtOffset, there)}}
	local, _ := instants(wall, z.location)
	for _, at := range local {
		found = append(found, Candidate{Time: at, Why: because(AsClocksShow)})
	}
	return found, nil
}

func nonexistent(wall time.Time, nearest []time.Time) *Error {
	e := refuse(Nonexistent, "", Remark{Point: SkippedByZone, At: wall, Zone: nearest[0].Location()})
	e.Candidates = []Candidate{{Time: nearest[0], Why: because(BeforePutForward)}, {Time: nearest[1], Why: because(AfterPutForward)}}
	return e
}
