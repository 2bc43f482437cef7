package approvals

// Codes of outcomes that the program itself finds before a call. The others are
// the cloud's, as the Executor words them.
const (
	CodeGone      = "not_found"      // the instance is not there
	CodeBusy      = "busy"           // it is doing something else, or is not active
	CodeLatest    = "latest_version" // there is nothing to upgrade to
	CodeOther     = "scheduled_otherwise"
	CodeNothing   = "nothing_scheduled"
	CodeStarted   = "started"
	CodeNoReturn  = "no_rollback"
	CodeTooLate   = "too_late"
	CodeReadBack  = "read back" // accepted, as a later look showed
	CodeUnreached = "unavailable"
)

// Preflight says why a call would be pointless or harmful, judging by one look
// at the instance; "" when nothing speaks against it. at is the time wanted.
func Preflight(action Action, o Observation) string {
	switch {
	case o.Missing:
		return CodeGone
	case action == Cancel:
		return preflightCancel(o)
	case o.Running || !o.Idle:
		return CodeBusy
	case action == Rollback && !o.CanRollback:
		return CodeNoReturn
	case action == Upgrade && !o.UpgradeTime.IsZero():
		return CodeOther
	case action == Upgrade && o.Latest:
		return CodeLatest
	}
	return ""
}

func preflightCancel(o Observation) string {
	switch {
	case o.Running:
		return CodeStarted
	case o.UpgradeTime.IsZero():
		return CodeNothing
	}
	return ""
}
