package messages

import (
	"slices"

	"cbhbot/approvals"
)

// This file holds the buttons below notices: what to do next.

func (n notification) buttons() []Button {
	marker := n.R.Marker().String()
	switch n.notice.Kind {
	case approvals.NoticeUnclear:
		return []Button{{Action: ActCheck, Label: Say(LabelCheck), Value: marker}}
	case approvals.NoticeShutOut:
		return []Button{tryAgain(marker)}
	case approvals.NoticeStuck:
		return []Button{stopFollowing(n.R)}
	}
	if n.R.Action != approvals.Upgrade {
		return nil
	}
	return n.waysOn()
}

// waysOn are what to do next about an upgrade.
func (n notification) waysOn() []Button {
	again := pickTime(n.again())
	switch n.notice.Kind {
	case approvals.NoticeSucceeded:
		if secondHop(*n.It) {
			again.Label = Say(LabelSecondHop)
			return []Button{again}
		}
	case approvals.NoticeFailed, approvals.NoticeMissed:
		return n.afterFailure(again)
	case approvals.NoticeUnwatched:
		if n.It.End == approvals.EndTakenBack {
			return []Button{again}
		}
	case approvals.NoticeChanged:
		switch {
		case n.It.Watched:
			return watchedActions(n.View)
		case n.It.End == "" && n.It.Progress.FoundTime.IsZero():
			return []Button{again}
		}
	case approvals.NoticeExpired:
		if !overtakenByTime(n.R) {
			return []Button{pickTime(askedAgain(n.R))}
		}
	case approvals.NoticeGivenUp, approvals.NoticeRefused:
		return n.afterRefusal(again)
	}
	return nil
}

// afterRefusal offers the time that a half-done move has given up, too.
func (n notification) afterRefusal(again Button) []Button {
	if !n.It.FreedAt.IsZero() {
		back := n.again().AtTime(n.It.Old)
		return []Button{again, {Action: ActContinue, Label: Say(LabelOldTime), Value: back.Value()}}
	}
	if n.notice.Kind == approvals.NoticeRefused && slices.Contains(timely, n.It.Call.Outcome.Code) {
		return []Button{again}
	}
	return nil
}

// afterFailure are the ways on from an upgrade that came to nothing.
func (n notification) afterFailure(again Button) []Button {
	var ways []Button
	if n.It.Progress.Offer == approvals.OfferRollback {
		back := Draft{Verb: "rollback", Instance: n.reference(), Channel: n.R.Channel}
		ways = append(ways, Button{Action: ActContinue, Label: Say(LabelRollback), Value: back.Value()})
	}
	if n.atRest() {
		ways = append(ways, again)
	}
	return ways
}
