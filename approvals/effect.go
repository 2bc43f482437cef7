package approvals

import "time"

// EffectKind names work that follows a change.
type EffectKind string

// The kinds of effects. Each may be carried out twice without harm.
const (
	Draw     EffectKind = "draw"     // make the card show the stored state
	Notify   EffectKind = "notify"   // say Key once in the thread
	Execute  EffectKind = "execute"  // call the cloud, or find out what became of the call
	Watch    EffectKind = "watch"    // look at a project's instances
	Expire   EffectKind = "expire"   // the deadline has come
	Remind   EffectKind = "remind"   // ask again those who have not answered
	Direct   EffectKind = "direct"   // ask one approver in a direct message: Key is "N USER"
	Announce EffectKind = "announce" // tell the channel Key of a break-glass
	Follow   EffectKind = "follow"   // bring a batch's members to where their lead stands
	Stop     EffectKind = "stop"     // take back what has not started of a batch that failed
	Release  EffectKind = "release"  // tell the upgrade that the cancel Key was refused
	Forget   EffectKind = "forget"   // the record's retention is over
	Trim     EffectKind = "trim"     // remove what the audit has kept long enough
)

// Effect is work for the runner. A zero At means at once; otherwise it waits in
// the timers, where a later effect of the same kind, request and key replaces it.
type Effect struct {
	Kind    EffectKind `json:"kind"`
	Request int64      `json:"request,omitempty"`
	Key     string     `json:"key,omitempty"` // Notify: which notice; Watch: the project
	At      time.Time  `json:"-"`
}
