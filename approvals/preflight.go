package approvals

import (
	"strings"
	"time"
)

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
	case !cancel && (o.Running || !o.Idle):
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
