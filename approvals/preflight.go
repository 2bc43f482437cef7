package approvals

import "time"

// Codes of outcomes that the program itself finds before a call. The others are
// the cloud's, as the Executor words them.
const (
	CodeGone        = "not_found"      // the instance is not there
	CodeBusy        = "busy"           // it is doing something else, or is not active
	CodeLatest      = "latest_version" // there is nothing to upgrade to
	CodeNotOffered  = "not_offered"    // the cloud offers a rollback, and no upgrade
	CodeDiffers     = "differs"        // id, version or offer are not those that were asked about
	CodeUnsupported = "unsupported"    // the region has no upgrades through the API
	CodeOther       = "scheduled_otherwise"
	CodeNothing     = "nothing_scheduled"
	CodeStarted     = "started"
	CodeNoReturn    = "no_rollback"
	CodeTooLate     = "too_late"
	CodeReadBack    = "read back" // accepted, as a later look showed
	CodeUnreached   = "unavailable"
)

// Preflight says why a call would be pointless or harmful, judging by one look
// at the instance; "" when nothing speaks against it. Of the request it reads
// what is wanted: Action, Target and At.
func Preflight(r Request, o Observation, now time.Time) string {
	switch {
	case o.Missing:
		return CodeGone
	case r.Action == Cancel:
		return preflightCancel(r, o, now)
	case o.Running || !o.Idle:
		return CodeBusy
	case r.Action == Rollback:
		return preflightRollback(r, o)
	}
	return preflightUpgrade(r, o, now)
}

// preflightUpgrade compares the instance with what people approved: another
// version or another kind of upgrade is another decision.
func preflightUpgrade(r Request, o Observation, now time.Time) string {
	switch {
	case o.Ahead(now):
		return CodeOther
	case o.Latest:
		return CodeLatest
	case o.CanRollback:
		return CodeNotOffered
	case r.Target.differs(o), changed(r.Target.Next, o.Next):
		return CodeDiffers
	}
	return ""
}

func preflightRollback(r Request, o Observation) string {
	switch {
	case !o.CanRollback:
		return CodeNoReturn
	case r.Target.differs(o):
		return CodeDiffers
	}
	return ""
}

func preflightCancel(r Request, o Observation, now time.Time) string {
	switch {
	case o.Running:
		return CodeStarted
	case !o.Ahead(now):
		return CodeNothing
	case !o.UpgradeTime.Equal(r.At):
		return CodeOther
	}
	return ""
}

// Ahead reports whether an upgrade is scheduled. A time that has passed may stay
// in the list after the upgrade's end, and means nothing then.
func (o Observation) Ahead(now time.Time) bool { return o.UpgradeTime.After(now) }

func (t Target) differs(o Observation) bool {
	return t.ServerID != o.ServerID || changed(t.Version, o.Version)
}

// changed compares what the list says with what it said before. A region may
// leave a field out, which says nothing.
func changed(before, after string) bool {
	return before != "" && after != "" && before != after
}
