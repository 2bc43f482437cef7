package messages

import (
	"slices"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
)

// This file holds the buttons below cards: what can be done with a request.

func cardActions(v View) []Button {
	r := v.R
	value := r.Marker().String()
	if r.State == approvals.Pending {
		return pendingActions(r, value)
	}
	if waiting := waitingActions(r, value); len(waiting) > 0 {
		return waiting
	}
	if r.Batch() && r.State == approvals.Approved {
		return batchActions(r)
	}
	switch v.Stage {
	case approvals.Unknown:
		return []Button{{Action: ActCheck, Label: Say(LabelCheck), Value: value}}
	case approvals.Scheduled:
		if v.movable() {
			return scheduledActions(r)
		}
	case approvals.Running:
		if v.stuck() {
			return []Button{stopFollowing(r)}
		}
	case approvals.Changed:
		if v.It.Watched {
			return watchedActions(v)
		}
	case approvals.Expired:
		if r.Action == approvals.Upgrade && !overtakenByTime(r) {
			return []Button{pickTime(askedAgain(r))}
		}
	case approvals.Missed, approvals.Failed:
		if r.Action == approvals.Upgrade && v.atRest() {
			return []Button{pickTime(v.again())}
		}
	}
	return nil
}

// putOff are the kinds of notices that say that what is approved is not called for now. That can last for days.
var putOff = []approvals.NoticeKind{
	approvals.NoticeClock, approvals.NoticeNoGroup, approvals.NoticeNotSent, approvals.NoticeThrottled, approvals.NoticeShutOut,
}

// waitingActions are the ways on while people have been told that the call waits, and back as long as nothing was called.
func waitingActions(r *approvals.Request, value string) []Button {
	var actions []Button
	if len(barred(r)) > 0 {
		actions = append(actions, tryAgain(value))
	}
	told := slices.ContainsFunc(r.Notices, func(n approvals.Notice) bool { return slices.Contains(putOff, n.Kind) })
	if r.State != approvals.Approved || !told || r.Begun() {
		return actions
	}
	if len(r.Approvals()) > 0 {
		actions = append(actions, retractButton(value))
	}
	return append(actions, withdrawButton(value))
}

func tryAgain(value string) Button {
	return Button{Action: ActTryAgain, Label: Say(LabelTryAgain), Value: value}
}

func retractButton(value string) Button {
	return Button{Action: ActRetract, Label: Say(LabelRetract), Value: value}
}

func withdrawButton(value string) Button {
	return Button{Action: ActWithdraw, Label: Say(LabelWithdraw), Value: value}
}

// batchActions move all that are still to come, and cancel the last. Otherwise each goes its
// own way: /cbh cancel takes one back.
func batchActions(r *approvals.Request) []Button {
	ahead := 0
	for _, v := range Views(r) {
		switch {
		case v.movable():
			ahead++
		case v.It.Unfinished():
			return nil
		}
	}
	switch ahead {
	case 0:
		return nil
	case 1:
		return scheduledActions(r)
	}
	return []Button{rescheduleButton(r)}
}

// scheduledActions are the ways on from the only upgrade of a request that the cloud holds.
func scheduledActions(r *approvals.Request) []Button {
	return []Button{rescheduleButton(r), {Action: ActCancel, Label: Say(LabelCancel), Value: r.Marker().String()}}
}

// movable reports whether the cloud holds an upgrade that nobody is taking back.
func (v View) movable() bool {
	return v.R.Action == approvals.Upgrade && v.Stage == approvals.Scheduled && v.It.TakenBack == 0 && v.It.Step == ""
}

func pickTime(d Draft) Button {
	return Button{Action: ActPickTime, Label: Say(LabelPickTime), Value: d.Value()}
}

func rescheduleButton(r *approvals.Request) Button {
	return Button{Action: ActPickTime, Label: Say(LabelReschedule), Value: reschedule(r).Value()}
}

// stopFollowing closes what is stuck, or was changed outside.
func stopFollowing(r *approvals.Request) Button {
	return Button{
		Action: ActClose, Label: Say(LabelStop), Value: r.Marker().String(),
		Confirm: &Confirm{Say(StopTitle, "request", r), Say(StopText), Say(LabelStop)},
	}
}

// watchedActions are the ways on from an upgrade that somebody has moved outside.
func watchedActions(v View) []Button {
	cancel := Draft{Verb: "cancel", Instance: v.reference(), Channel: v.R.Channel}
	return []Button{{Action: ActContinue, Label: Say(LabelCancelThat), Value: cancel.Value()}, stopFollowing(v.R)}
}

func pendingActions(r *approvals.Request, value string) []Button {
	actions := []Button{
		{
			Action: ActApprove, Label: Say(LabelApprove), Value: value, Style: slack.StylePrimary,
			Confirm: &Confirm{Say(ApproveTitle, "request", r), confirmText(r), Say(LabelApprove)},
		},
		{Action: ActDeny, Label: Say(LabelDeny), Value: value, Style: slack.StyleDanger},
	}
	if len(r.Approvals()) > 0 {
		actions = append(actions, retractButton(value))
	}
	if r.Action == approvals.Upgrade {
		actions = append(actions, rescheduleButton(r))
	}
	return append(actions, withdrawButton(value))
}

// confirmText is what a decision comes to, in plain text: it has no date token, so the
// time is said in the requester's zone and in UTC.
func confirmText(r *approvals.Request) Saying {
	v, n := Whole(r), len(r.Kept())
	switch {
	case r.Action == approvals.Cancel:
		return Say(ConfirmCancel, v)
	case r.Action == approvals.Rollback:
		return Say(ConfirmRollback, v)
	case r.Moves():
		return Say(oneOrAll(r, ConfirmMove, ConfirmMoves), "oldexact", exact(v.It.Old), "n", n, "lastexact", exact(lastOf(r)), v)
	case staggered(r):
		return Say(ConfirmStaggered, "n", n, "lastexact", exact(lastOf(r)), v)
	case n > 1:
		return Say(ConfirmBatch, "n", n, v)
	}
	return Say(ConfirmUpgrade, v)
}

// SkipApprovals is the button that skips the approvals of a request.
func SkipApprovals(r *approvals.Request, value string) Button {
	return Button{
		Action: ActBreak, Label: Say(LabelSkip), Value: value, Style: slack.StyleDanger,
		Confirm: &Confirm{Say(SkipTitle), Together(Say(SkipText), confirmText(r)), Say(SkipYes)},
	}
}
