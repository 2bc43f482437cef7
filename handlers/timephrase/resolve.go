package timephrase

import (
	"slices"
	"time"
)

// justPassed is how long after a date without a year it is asked whether next year's is meant.
const justPassed = 31 * day

// resolve makes instants of the drafts, and one answer of the instants.
func (a asking) resolve(p *phrase, drafts []*draft) (Reading, *Error) {
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
		d.dayQuestion, refusal = saying{}, nil
	case len(found) > 1 && d.dayQuestion.none():
		d.ask(severalWays)
	}
	switch {
	case !d.question.none() || !d.dayQuestion.none():
		return Reading{}, a.question(d, found, refusal)
	case refusal != nil:
		return Reading{}, refusal
	}
	at := found[0].Time
	if refusal := a.within(d, at); refusal != nil {
		return Reading{}, refusal
	}
	return a.reading(p, d, at), nil
}

// merge joins the readings of the asker's day with those of the day in the zone the phrase names.
func (d *draft) merge(here, there []Candidate) []Candidate {
	for _, c := range there {
		same := func(o Candidate) bool { return o.Time.Equal(c.Time) }
		if !slices.ContainsFunc(here, same) {
			here = append(here, Candidate{Time: c.Time, why: fromThere.of()})
			d.ask(otherDayHere)
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
	why := d.question
	if why.none() {
		why = d.dayQuestion
	}
	e := doubtful("", which, why)
	if len(allowed) == 1 {
		e = doubtful("", thisOne, why, moment(allowed[0].Time))
	}
	e.Candidates = allowed
	return e
}

// within refuses an instant outside the limits.
func (a asking) within(d *draft, at time.Time) *Error {
	ahead := at.Sub(a.now)
	switch {
	case ahead <= 0:
		return refuse(Past, "", passed, moment(at))
	case ahead > farthest:
		return refuse(TooFar, "", hundred)
	case ahead < a.limits.Min:
		return a.tooSoon(d, at)
	case a.limits.Max > 0 && ahead > a.limits.Max:
		return refuse(TooFar, "", tooFar, moment(at), notice(a.limits.Max), dated(a.now.Add(a.limits.Max).In(at.Location())))
	}
	return nil
}

// tooSoon offers the earliest time that is allowed, and for a weekday the same time a week later.
func (a asking) tooSoon(d *draft, at time.Time) *Error {
	const round = 5 * time.Minute
	first := a.now.Add(a.limits.Min + round - 1).Truncate(round).In(at.Location())
	e := refuse(TooSoon, "", soon, moment(at), notice(a.limits.Min), moment(first))
	e.Candidates = []Candidate{{Time: first, why: earliest.of()}}
	if !d.weekly {
		return e
	}
	found, _ := instants(floating(at).AddDate(0, 0, 7), at.Location())
	for _, later := range found {
		e.Candidates = append(e.Candidates, Candidate{Time: later, why: weekLaterOn.of()})
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
			wall := d.result.Add(day.shift + clock.shift)
			again := d.again
			if i == 0 && d.first != nil {
				again = d.first
			}
			more, no := d.inZones(wall, again, slices.Concat(day.why, clock.why))
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
	for i := range found {
		found[i].Time = found[i].Time.Add(d.ahead.elapsed)
	}
	return found, refusal
}

// inZones resolves a wall time in the zones the phrase may mean.
func (d *draft) inZones(wall time.Time, again nextDay, why []saying) (found []Candidate, refusal *Error) {
	zones := d.zones()
	if len(zones) == 0 {
		zones = []zone{{location: d.zone}}
	}
	for _, z := range zones {
		var more []Candidate
		ahead, no := d.roll(wall, again, z)
		if no == nil {
			no = d.contradicted(ahead)
		}
		if no == nil {
			more, no = d.inZone(ahead, z)
		}
		for _, c := range more {
			found = append(found, Candidate{Time: c.Time, why: slices.Concat(why, z.why, c.why)})
		}
		if refusal == nil {
			refusal = no
		}
	}
	return found, refusal
}

// roll moves a wall time that has passed to the next day of the same name.
func (d *draft) roll(wall time.Time, again nextDay, z zone) (time.Time, *Error) {
	now := floating(d.now.In(z.location))
	if again == nil || wall.After(now) {
		return wall, nil
	}
	date, refusal := again(midnight(wall))
	if refusal != nil {
		return wall, refusal
	}
	next := date.Add(wall.Sub(midnight(wall)))
	if passed := now.Sub(wall); !d.weekly && !next.Equal(wall) && passed < justPassed {
		d.ask(justPassedBy, justNow(wall))
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
		d.ask(comesTwice, z.location, clockIn(wall))
		return []Candidate{{Time: found[0], why: beforePutBack.of()}, {Time: found[1], why: afterPutBack.of()}}, nil
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
	return nil, refuse(Invalid, d.text[zonePart], twoZones, d.text[offsetPart], d.text[zonePart])
}

// inForce resolves a wall time at the offset that an abbreviation stands for. Where the clocks show
// another one at that time, it is asked which is meant.
func (d *draft) inForce(wall time.Time, z zone) ([]Candidate, *Error) {
	at := wall.Add(-z.offset).In(z.location)
	if floating(at).Equal(wall) {
		return []Candidate{{Time: at}}, nil
	}
	d.ask(notInForce, d.text[zonePart], z.location)
	found := []Candidate{{Time: at.In(fixedZone(z.offset)), why: atOffset.of(offsetText(z.offset))}}
	local, _ := instants(wall, z.location)
	for _, at := range local {
		found = append(found, Candidate{Time: at, why: asClocksShow.of()})
	}
	return found, nil
}

func nonexistent(wall time.Time, nearest []time.Time) *Error {
	e := refuse(Nonexistent, "", skipped, nearest[0].Location(), skippedTime(wall), near(nearest[0]), near(nearest[1]))
	for _, at := range nearest {
		e.Candidates = append(e.Candidates, Candidate{Time: at, why: nearestThatIs.of()})
	}
	return e
}
