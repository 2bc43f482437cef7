package approvals

import (
	"cmp"
	"time"
)

// blindAfter is how long the cloud may be unreadable near an upgrade before
// people are told.
const blindAfter = 10 * time.Minute

// Blind is a look that the cloud did not let happen.
type Blind struct{ Item int }

func (e Blind) About() (Verb, int) { return VerbBlind, e.Item }

// apply tells people, once for each time that it lasts, that nobody sees what becomes
// of an upgrade whose time is near. Long before it there is time to wait, and what was
// missed they have been told.
func (e Blind) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	known := it.Blind()
	it.Progress.SeenAt = now
	if it.State == Missed || it.State != Running && now.Before(r.dueAt(e.Item).Add(-nearBefore)) {
		return ""
	}
	it.Progress.BlindSince = cmp.Or(it.Progress.BlindSince, now)
	if it.Blind() && !known {
		r.tellAgain(e.Item, NoticeBlind)
	}
	return ""
}

// Blind reports whether nobody has seen for long what becomes of the item.
func (it Item) Blind() bool {
	since := it.Progress.BlindSince
	return !since.IsZero() && it.Progress.SeenAt.Sub(since) >= blindAfter
}
