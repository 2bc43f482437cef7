package approvals

import (
	"strings"
	"time"
)

// Observation is what one look shows of one instance. A primary/standby pair is
// one: it is idle when both parts are, and runs or is broken when one is.
type Observation struct {
	ServerID    string // the primary's; "" while a pair has none
	Name        string
	Version     string
	Offer       Offer
	UpgradeTime time.Time // zero: nothing scheduled
	Phase       string    // the cloud's words for what it is doing
	Idle        bool      // active, with no task
	Running     bool
	Broken      bool
	Missing     bool // the instance is gone and nothing took its place

	HAID           string // of a pair
	StandbyID      string // of a pair: the server id of the other part
	StandbyVersion string // of a pair
}

// Ahead reports whether an upgrade is scheduled. A time that has passed may stay
// in the list after the upgrade's end, and means nothing then.
func (o Observation) Ahead(now time.Time) bool { return o.UpgradeTime.After(now) }

// roundsWithin is how far the cloud's time may be from the one that it was asked
// for: a cloud may keep whole minutes.
const roundsWithin = time.Minute

// Holds reports whether the instance's upgrade is scheduled for a time, as the
// cloud rounds it.
func (o Observation) Holds(at time.Time) bool { return o.UpgradeTime.Sub(at).Abs() < roundsWithin }

// Preflight says why a call would be pointless or harmful, judging by one look
// at the instance; "" when nothing speaks against it. at is the upgrade's time
// that is wanted, or is to be cancelled. What is now another than what people
// approved is another decision.
func Preflight(action Action, target Target, at time.Time, o Observation, now time.Time) Code {
	upgrade, cancel, rollback := action == Upgrade, action == Cancel, action == Rollback
	switch {
	case o.Missing:
		return CodeGone
	case cancel && o.Running:
		return CodeStarted
	case cancel && !o.Ahead(now):
		return CodeNothing
	case !cancel && !o.Idle:
		return CodeBusy
	case cancel && !o.Holds(at), !cancel && o.Ahead(now):
		return CodeOther
	case upgrade && o.Offer == OfferNone:
		return CodeLatest
	case upgrade && o.Offer == OfferRollback:
		return CodeNotOffered
	case rollback && o.Offer != OfferRollback:
		return CodeNoReturn
	case upgrade && target.Outdated(o), rollback && target.differs(o):
		return CodeDiffers
	}
	return ""
}

// Outdated reports whether an upgrade of the instance as it is now would be another than
// the one that people approved.
func (t Target) Outdated(o Observation) bool { return t.differs(o) || changed(t.Offer, o.Offer) }

// differs reports whether it is another instance, version or name. The name that people
// read when they approved may stand for another instance by now, and the rule of the
// policy for its new one is not that by which they decided.
func (t Target) differs(o Observation) bool {
	return t.ServerID != o.ServerID && !t.switched(o) || changed(t.Version, o.Version) ||
		changed(strings.ToLower(t.Name), strings.ToLower(o.Name))
}

// switched reports whether it is the same pair, whose parts have changed their roles.
func (t Target) switched(o Observation) bool {
	return t.HAID != "" && t.HAID == o.HAID && t.ServerID == o.StandbyID
}

// changed compares what the list says with what it said before. A region may
// leave a field out, which says nothing.
func changed[T ~string](before, after T) bool {
	return before != "" && after != "" && before != after
}

// ReadError is why the cloud could not be read.
type ReadError struct {
	Outcome Outcome // of a call that relies on the read: it was not sent, or deferred
	Err     error
}

func (e *ReadError) Error() string { return e.Err.Error() }
func (e *ReadError) Unwrap() error { return e.Err }

// Survey is one look at all instances of a project. It is safe for concurrent use.
type Survey struct {
	Begun  time.Time              // by this process's own clock: it tells how old the look is, and nothing else
	byID   map[string]Observation // by server id; of a pair also by the standby's and by what both have in common
	byName map[string][]Observation
}

// NewSurvey indexes what a look has shown.
func NewSurvey(begun time.Time, seen []Observation) Survey {
	s := Survey{Begun: begun, byID: make(map[string]Observation, len(seen)), byName: make(map[string][]Observation, len(seen))}
	for _, o := range seen {
		for _, id := range []string{o.ServerID, o.StandbyID, o.HAID} {
			if id != "" {
				s.byID[id] = o
			}
		}
		s.byName[o.Name] = append(s.byName[o.Name], o)
	}
	return s
}

// Find picks a target's instance out. One whose id is gone is looked for by its
// name, because a cross-version upgrade changes the id; where two have the name,
// either may be it, and it is missing.
func (s Survey) Find(t Target) Observation {
	for _, id := range []string{t.HAID, t.ServerID} {
		if o, ok := s.byID[id]; ok {
			return o
		}
	}
	if named := s.byName[t.Name]; len(named) == 1 && !t.Shared {
		return named[0]
	}
	return Observation{Missing: true}
}
