package messages

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"cbhbot/approvals"
)

// change makes a request another one.
type change func(r *approvals.Request, it *approvals.Item)

func then(all ...change) change {
	return func(r *approvals.Request, it *approvals.Item) {
		for _, c := range all {
			c(r, it)
		}
	}
}

var (
	ana, bo, rita = approvals.Person{ID: "U0ANA", Name: "ana"}, approvals.Person{ID: "U0BO", Name: "bo"}, approvals.Person{ID: "U0RITA", Name: "rita"}
	anaAndBo      = approvals.Set{Users: []string{"U0ANA", "U0BO"}}
)

func needed(count int) approvals.Quorum { return approvals.Quorum{{Count: count, From: anaAndBo}} }

// pending is a request that waits for approval.
func pending() *approvals.Request {
	at := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	return &approvals.Request{
		Version: approvals.RecordVersion, ID: 142, Key: "KEY", Revision: 1, Action: approvals.Upgrade, State: approvals.Pending,
		Items: []approvals.Item{{State: approvals.Waiting, Target: approvals.Target{
			Project: "default", ServerID: "c7277d87", Name: "bastion-prod", Version: "3.3.49.0", Offer: approvals.OfferMinor,
		}}},
		Timing: approvals.Timing{At: at, Deadline: at.Add(-24*time.Hour - LeadSlack), Lead: 24 * time.Hour, Zone: "Asia/Shanghai"}, Reason: "security fixes",
		Requester: rita, Channel: "C0OPS", CreatedAt: sampleNow, ChangedAt: sampleNow, Needs: needed(1), Missing: needed(1),
	}
}

func yes(by approvals.Person) approvals.Decision {
	return approvals.Decision{By: by, At: sampleNow, Verdict: approvals.Yes, Revision: 1}
}

// changed is an approved request whose item is in a state, and what else differs.
func changed(state approvals.State, c change) *approvals.Request {
	r := pending()
	r.State, r.Missing, r.Decisions = approvals.Approved, nil, []approvals.Decision{yes(ana)}
	r.Items[0].State = state
	if c != nil {
		c(r, &r.Items[0])
	}
	return r
}

// undecided is a pending request, and what differs.
func undecided(c change) *approvals.Request {
	r := pending()
	c(r, &r.Items[0])
	return r
}

func closed(state approvals.State, by approvals.Person, reason string) change {
	return func(r *approvals.Request, _ *approvals.Item) {
		r.State, r.Closing = state, approvals.Closing{At: sampleNow, By: by, Reason: reason}
	}
}

func ended(why approvals.End) change {
	return func(_ *approvals.Request, it *approvals.Item) { it.End = why }
}

func verified(_ *approvals.Request, it *approvals.Item) { it.Progress.VerifiedAt = sampleNow }

func runs(r *approvals.Request, it *approvals.Item) {
	it.Progress = approvals.Progress{StartedAt: r.At, Phase: "UPGRADING, updating"}
}

func hangs(r *approvals.Request, it *approvals.Item) {
	runs(r, it)
	it.Progress.StuckAt = r.At.Add(4 * time.Hour)
}

func runsUnseen(r *approvals.Request, it *approvals.Item) {
	runs(r, it)
	it.Progress.BlindSince, it.Progress.SeenAt = r.At.Add(5*time.Minute), r.At.Add(20*time.Minute)
}

func ran(r *approvals.Request, it *approvals.Item) {
	it.Progress = approvals.Progress{StartedAt: r.At, EndedAt: r.At.Add(time.Hour), Version: "3.3.52.1", Offer: approvals.OfferNone}
}

func unseen(_ *approvals.Request, it *approvals.Item) {
	it.Progress.Version, it.Progress.StartedAt = "3.3.52.1", time.Time{}
}

func offering(o approvals.Offer) change {
	return func(_ *approvals.Request, it *approvals.Item) { it.Target.Offer = o }
}

func crossVersion(_ *approvals.Request, it *approvals.Item) {
	it.Target.Offer, it.Progress.Offer = approvals.OfferCrossVersion, approvals.OfferRollback
}

func cancel(r *approvals.Request, _ *approvals.Item) {
	r.Action, r.Of = approvals.Cancel, approvals.Ref{Request: 141}
}

// own is a cancel that the program makes because a batch has failed.
func own(r *approvals.Request, _ *approvals.Item) { r.Auto, r.Reason, r.Decisions = true, "", nil }

func rollback(r *approvals.Request, it *approvals.Item) {
	r.Action, r.At, it.Call.FinishedAt = approvals.Rollback, time.Time{}, time.Time{}
}

// moving is a move that has come to a step.
func moving(step approvals.Step) change {
	return func(r *approvals.Request, it *approvals.Item) {
		r.Of, it.Step, it.Old, it.Progress.VerifiedAt = approvals.Ref{Request: 141}, step, r.At.Add(-24*time.Hour), time.Time{}
		if step != approvals.StepCancel {
			it.FreedAt = sampleNow
		}
	}
}

func refusedWith(tries int, o approvals.Outcome) change {
	return func(_ *approvals.Request, it *approvals.Item) {
		it.End, it.Call = approvals.EndRefused, approvals.Call{Tries: tries, Outcome: o}
	}
}

func refusal(code approvals.Code) approvals.Outcome {
	return approvals.Outcome{Kind: approvals.Refused, Code: code, Status: refusedAs[code]}
}

// refusedAs are the usual statuses; any other of 4xx is a bad request, too.
var refusedAs = map[approvals.Code]int{
	approvals.CodeBadRequest: 422, approvals.CodeTooSoon: 400, approvals.CodeAgentNotStarted: 403,
	approvals.CodeConflict: 409, approvals.CodeThrottled: 429,
}

// movedOutside is an upgrade that somebody had moved to another time.
func movedOutside(why approvals.End) change {
	return func(r *approvals.Request, it *approvals.Item) {
		it.End, it.Progress.FoundTime = why, r.At.Add(24*time.Hour)
	}
}

func watched(r *approvals.Request, it *approvals.Item) {
	it.Progress.FoundTime, it.Watched = r.At.Add(24*time.Hour), true
}

func shutOut(r *approvals.Request, it *approvals.Item) {
	it.Call.ShutOutAt = sampleNow
	r.Notices = append(r.Notices, approvals.Notice{Kind: approvals.NoticeShutOut})
	it.Call.Outcome = approvals.Outcome{Kind: approvals.Deferred, Code: approvals.CodeNoPermission, Status: 403, Raw: "No permission.", RequestID: "req-1"}
}

func broken(r *approvals.Request, _ *approvals.Item) {
	r.Decisions, r.Emergency = nil, &approvals.Decision{By: bo, At: sampleNow, Reason: "attackers are in"}
}

// brokenAfterOne is the same where somebody had approved it already.
func brokenAfterOne(r *approvals.Request, it *approvals.Item) {
	broken(r, it)
	r.Decisions = []approvals.Decision{yes(ana)}
}

// batch adds two more instances, an hour apart, of which only the first has begun.
func batch(r *approvals.Request, it *approvals.Item) {
	for n, name := range []string{"bastion-dr", "bastion-dev"} {
		another := *it
		another.Target.Name, another.Target.ServerID, another.Offset = name, fmt.Sprint("c7277d8", n), time.Duration(n+1)*time.Hour
		if it.State == approvals.Running {
			another.State, another.Progress.VerifiedAt = approvals.Scheduled, sampleNow
		}
		r.Items = append(r.Items, another)
	}
	if r.Items[0].State == approvals.Running {
		runs(r, &r.Items[0])
	}
}

// firstIs has the first of a batch come to another state than the others.
func firstIs(state approvals.State) change {
	return func(r *approvals.Request, _ *approvals.Item) { r.Items[0].State = state }
}

// oneLeft has all of a batch but the last taken out.
func oneLeft(r *approvals.Request, _ *approvals.Item) {
	for i := range r.Items[:len(r.Items)-1] {
		r.Items[i].State, r.Items[i].End = approvals.Cancelled, approvals.EndTakenOut
	}
}

// dayAhead has a request announced a day before its time.
func dayAhead(r *approvals.Request, _ *approvals.Item) { r.HeadsUp = []time.Duration{24 * time.Hour} }

func together(r *approvals.Request, it *approvals.Item) {
	batch(r, it)
	for i := range r.Items {
		r.Items[i].Offset = 0
	}
	r.Items[1].Target.Offer, r.Items[2].Target.Offer = approvals.OfferCrossVersion, ""
}

// cardSamples are the pictures of a request's life.
func cardSamples() map[string]*approvals.Request {
	all := map[string]*approvals.Request{
		"pending":          pending(),
		"approved":         changed(approvals.Waiting, nil),
		"executing":        changed(approvals.Executing, nil),
		"unknown":          changed(approvals.Unknown, nil),
		"accepted":         changed(approvals.Scheduled, nil),
		"scheduled":        changed(approvals.Scheduled, verified),
		"running":          changed(approvals.Running, runs),
		"stuck":            changed(approvals.Running, hangs),
		"running unseen":   changed(approvals.Running, runsUnseen),
		"stuck, closed":    changed(approvals.Failed, ended(approvals.EndStuck)),
		"finished":         changed(approvals.Succeeded, ran),
		"finished unseen":  changed(approvals.Succeeded, unseen),
		"failed":           changed(approvals.Failed, ended(approvals.EndSameVersion)),
		"refused for good": changed(approvals.Failed, refusedWith(1, refusal(approvals.CodeUnsupported))),
		"missed":           changed(approvals.Missed, nil),
		"moved outside":    changed(approvals.Changed, watched),
		"never shown":      changed(approvals.Changed, nil),
		"cancelled":        changed(approvals.Cancelled, nil),
		"moved":            changed(approvals.Cancelled, movedAway),
		"batch, one moved": changed(approvals.Cancelled, then(movedAway, batch)),
		"shut out":         changed(approvals.Waiting, shutOut),
		"denied":           undecided(closed(approvals.Denied, bo, "the release is frozen")),
		"withdrawn":        undecided(closed(approvals.Withdrawn, rita, "")),
		"overtaken":        undecided(then(cancel, closed(approvals.Withdrawn, approvals.Person{}, ""))),
		"the bot's own":    changed(approvals.Succeeded, then(cancel, own)),
		"expired":          undecided(closed(approvals.Expired, approvals.Person{}, "")),
		"one of two": undecided(func(r *approvals.Request, _ *approvals.Item) {
			r.Decisions, r.Needs = []approvals.Decision{yes(ana)}, needed(2)
		}),
		"revised":         undecided(func(r *approvals.Request, _ *approvals.Item) { r.Revision = 2 }),
		"about to close":  undecided(func(r *approvals.Request, _ *approvals.Item) { r.Deadline = sampleNow.Add(5 * time.Minute) }),
		"cross-version":   undecided(offering(approvals.OfferCrossVersion)),
		"offer not known": undecided(offering("")),
		"override": undecided(func(r *approvals.Request, _ *approvals.Item) {
			r.Override = &approvals.Decision{By: r.Requester, At: sampleNow, Reason: "the fix cannot wait"}
		}),
		"emergency":         changed(approvals.Waiting, broken),
		"batch":             undecided(batch),
		"batch at one time": undecided(together),
		"batch, one taken out": undecided(then(batch, func(r *approvals.Request, _ *approvals.Item) {
			r.Items[2].State, r.Items[2].End = approvals.Cancelled, approvals.EndTakenOut
		})),
		"batch, one left": undecided(then(batch, oneLeft)),
		"batch, the others cancelled": changed(approvals.Scheduled, then(verified, batch, firstIs(approvals.Cancelled), func(r *approvals.Request, _ *approvals.Item) {
			r.Items[2].State = approvals.Cancelled
		})),
		"batch, one left, scheduled": changed(approvals.Scheduled, then(verified, batch, oneLeft)),
		"batch, expired":             undecided(then(batch, closed(approvals.Expired, approvals.Person{}, ""))),
		"batch, first cancelled":     changed(approvals.Scheduled, then(verified, batch, firstIs(approvals.Cancelled))),
		"batch, one failed":          changed(approvals.Failed, then(batch, firstIs(approvals.Succeeded))),
		"batch, last shut out": changed(approvals.Scheduled, then(verified, batch, func(r *approvals.Request, _ *approvals.Item) {
			r.Items[2].State = approvals.Waiting
			shutOut(r, &r.Items[2])
		})),
		"batch under way":  changed(approvals.Running, batch),
		"batch, scheduled": changed(approvals.Scheduled, then(verified, batch)),
		"move":             undecided(moving(approvals.StepCancel)),
		"move of a batch":  undecided(then(moving(approvals.StepCancel), batch)),
		"move of a batch, one not moved": changed(approvals.Scheduled, then(moving(""), verified, batch, func(r *approvals.Request, _ *approvals.Item) {
			refusedWith(1, refusal(approvals.CodeConflict))(r, &r.Items[1])
			r.Items[1].State, r.Items[1].FreedAt = approvals.Failed, time.Time{}
		})),
		"move, cancelling":     changed(approvals.Scheduled, moving(approvals.StepCancel)),
		"move, half done":      changed(approvals.Waiting, moving(approvals.StepTakeOver)),
		"move, failed":         changed(approvals.Failed, moving("")),
		"cancel":               undecided(cancel),
		"cancel of a stranger": undecided(func(r *approvals.Request, _ *approvals.Item) { r.Action = approvals.Cancel }),
		"cancel denied":        undecided(then(cancel, closed(approvals.Denied, bo, "the release is frozen"))),
		"cancel of a stranger, withdrawn": undecided(func(r *approvals.Request, it *approvals.Item) {
			r.Action = approvals.Cancel
			closed(approvals.Withdrawn, rita, "")(r, it)
		}),
		"cancel alone":      changed(approvals.Waiting, then(cancel, func(r *approvals.Request, _ *approvals.Item) { r.Alone, r.Decisions = true, nil })),
		"cancel accepted":   changed(approvals.Scheduled, cancel),
		"cancel done":       changed(approvals.Succeeded, cancel),
		"rollback":          undecided(rollback),
		"rollback accepted": changed(approvals.Scheduled, rollback),
		"rollback running":  changed(approvals.Running, then(runs, rollback)),
		"rolled back":       changed(approvals.Succeeded, then(ran, rollback)),
		"longest":           undecided(longest),
	}
	for _, end := range approvals.Ends {
		all["ended: "+string(end)] = changed(approvals.Failed, then(ended(end), throttledCall))
	}
	return all
}

func throttledCall(_ *approvals.Request, it *approvals.Item) {
	it.Call.Outcome = refusal(approvals.CodeThrottled)
}

// told is a request of which everything that can be told is so.
func told(c change) *approvals.Request {
	return changed(approvals.Scheduled, func(r *approvals.Request, it *approvals.Item) {
		it.Progress = approvals.Progress{
			StartedAt: r.At, EndedAt: r.At.Add(34 * time.Minute), Version: "3.3.52.1", Phase: "ERROR", VerifiedAt: sampleNow, BlindSince: sampleNow,
		}
		it.Call = approvals.Call{Tries: 3, FinishedAt: sampleNow, Outcome: approvals.Outcome{
			Kind: approvals.Unclear, Code: approvals.CodeUnreached, Raw: "connection reset by peer",
		}}
		r.Closing = approvals.Closing{At: sampleNow, By: bo, Reason: "the release is frozen"}
		r.Reminders = []approvals.Reminder{{Whom: []string{"U0ANA", "U0BO"}}, {Whom: []string{"U0ANA"}}}
		r.Missing, r.Previous = needed(1), r.At.Add(-time.Hour)
		if c != nil {
			c(r, it)
		}
	})
}

// noticeSample is a notice about a request that differs from told.
type noticeSample struct {
	notice approvals.Notice
	change change
}

func sampleOf(kind approvals.NoticeKind, all ...change) noticeSample {
	return noticeSample{approvals.Notice{Kind: kind, N: 1}, then(all...)}
}

func noticeSamples() map[string]noticeSample {
	all := map[string]noticeSample{}
	for _, kind := range approvals.NoticeKinds {
		all[string(kind)] = sampleOf(kind)
	}
	maps.Copy(all, notable())
	for _, code := range approvals.Codes {
		if code != approvals.CodeReadBack && code != approvals.CodeNoAnswer { // never a refusal
			all["refused "+string(code)] = sampleOf(approvals.NoticeRefused, refusedWith(1, refusal(code)))
		}
	}
	return all
}

// notable are the notices that say something else by the facts.
func notable() map[string]noticeSample {
	late := refusal(approvals.CodeTooLate)
	return map[string]noticeSample{
		"called, reading it back": sampleOf(approvals.NoticeCalled, func(_ *approvals.Request, it *approvals.Item) { it.Progress.VerifiedAt = time.Time{} }),
		"called, not yet visible": sampleOf(approvals.NoticeCalled, invisible),
		"finished in 80 min": sampleOf(approvals.NoticeSucceeded, func(_ *approvals.Request, it *approvals.Item) {
			it.Progress.EndedAt = it.Progress.StartedAt.Add(80 * time.Minute)
		}),
		"called, rounded by the cloud": sampleOf(approvals.NoticeCalled, rounded),
		"called, cross-version":        sampleOf(approvals.NoticeCalled, crossVersion),
		"called, approvals skipped":    sampleOf(approvals.NoticeCalled, brokenAfterOne),
		"called, nobody asked":         sampleOf(approvals.NoticeCalled, broken),
		"called, batch":                sampleOf(approvals.NoticeCalled, batch, acceptedAll),
		"summary":                      sampleOf(approvals.NoticeSummary, ran, batch, doneButLast),
		"heads_up":                     sampleOf(approvals.NoticeHeadsUp, dayAhead),
		"heads_up, together":           sampleOf(approvals.NoticeHeadsUp, together, dayAhead),
		"taken_out": sampleOf(approvals.NoticeTakenOut, func(_ *approvals.Request, it *approvals.Item) {
			it.Closing = approvals.Closing{By: bo, At: sampleNow, Reason: "not this one"}
		}, batch),
		"second hop":                  sampleOf(approvals.NoticeSucceeded, func(_ *approvals.Request, it *approvals.Item) { it.Progress.Offer = approvals.OfferCrossVersion }),
		"succeeded, cross-version":    sampleOf(approvals.NoticeSucceeded, crossVersion),
		"succeeded, not seen running": sampleOf(approvals.NoticeSucceeded, unseen, broken),
		"cancel succeeded":            sampleOf(approvals.NoticeSucceeded, cancel),
		"rollback succeeded":          sampleOf(approvals.NoticeSucceeded, rollback),
		"rollback, not seen running":  sampleOf(approvals.NoticeSucceeded, unseen, rollback),
		"failed broken":               sampleOf(approvals.NoticeFailed, ended(approvals.EndBroken)),
		"failed, gone":                sampleOf(approvals.NoticeFailed, ended(approvals.EndGone)),
		"expired, move begun":         sampleOf(approvals.NoticeExpired, moving(approvals.StepCancel), func(r *approvals.Request, it *approvals.Item) { r.Deadline = it.Old }),
		"expired, batch":              sampleOf(approvals.NoticeExpired, batch),
		"failed same version":         sampleOf(approvals.NoticeFailed, ended(approvals.EndSameVersion)),
		"failed, not seen running":    sampleOf(approvals.NoticeFailed, unseen),
		"failed with a way back": sampleOf(approvals.NoticeFailed, ended(approvals.EndBroken), func(_ *approvals.Request, it *approvals.Item) {
			it.Progress.Offer = approvals.OfferRollback
		}),
		"cancel failed, started":     sampleOf(approvals.NoticeFailed, cancel, ended(approvals.EndStarted)),
		"cancel failed, still there": sampleOf(approvals.NoticeFailed, cancel, ended(approvals.EndStillThere)),
		"cancel failed, gone":        sampleOf(approvals.NoticeFailed, cancel, ended(approvals.EndGone)),
		"rollback failed":            sampleOf(approvals.NoticeFailed, rollback, ended(approvals.EndSameVersion)),
		"rollback broken":            sampleOf(approvals.NoticeFailed, rollback, ended(approvals.EndBroken)),
		"rollback missed":            sampleOf(approvals.NoticeMissed, rollback),
		"rollback started":           sampleOf(approvals.NoticeRunning, rollback),
		"rollback stuck":             sampleOf(approvals.NoticeStuck, rollback),
		"rollback expired":           sampleOf(approvals.NoticeExpired, rollback),
		"reminder, the first taken out": sampleOf(approvals.NoticeReminder, batch, func(r *approvals.Request, _ *approvals.Item) {
			r.Items[0].State, r.Items[0].End = approvals.Cancelled, approvals.EndTakenOut
		}),
		"rollback reminder":         sampleOf(approvals.NoticeReminder, rollback),
		"direct":                    sampleOf(approvals.NoticeDirect, waits),
		"direct, given":             {approvals.Notice{Kind: approvals.NoticeDirect, To: ana.ID}, waits},
		"direct, approved":          sampleOf(approvals.NoticeDirect),
		"direct, denied":            sampleOf(approvals.NoticeDirect, closed(approvals.Denied, bo, "")),
		"direct, approvals skipped": sampleOf(approvals.NoticeDirect, broken),
		"rollback, direct":          sampleOf(approvals.NoticeDirect, rollback, waits),
		"rollback refused":          sampleOf(approvals.NoticeRefused, rollback, refusedWith(1, refusal(approvals.CodeBusy))),
		"rollback throttled":        sampleOf(approvals.NoticeRefused, rollback, refusedWith(1, refusal(approvals.CodeThrottled))),
		"rollback skips approvals":  sampleOf(approvals.NoticeEmergency, rollback, broken),
		"emergency":                 sampleOf(approvals.NoticeEmergency, broken),
		"emergency, announced": sampleOf(approvals.NoticeEmergency, broken, func(r *approvals.Request, _ *approvals.Item) {
			r.Announced.To = approvals.Set{Groups: []string{"S0SEC"}}
		}),
		"started early": sampleOf(approvals.NoticeRunning, func(r *approvals.Request, it *approvals.Item) {
			it.Progress.StartedAt = r.At.Add(-3 * time.Hour)
		}),
		"started elsewhere":       sampleOf(approvals.NoticeRunning, movedOutside("")),
		"started while cancelled": sampleOf(approvals.NoticeRunning, takenBack),
		"cancelled":               sampleOf(approvals.NoticeCancelled, takenBack),
		"cancelled by another":    sampleOf(approvals.NoticeCancelled, takenBack, func(_ *approvals.Request, it *approvals.Item) { it.TakenBy = bo.ID }),
		"moved away":              sampleOf(approvals.NoticeCancelled, movedAway),
		"withdrawn by oneself":    sampleOf(approvals.NoticeWithdrawn, closed(approvals.Withdrawn, rita, "not needed")),
		"overtaken":               sampleOf(approvals.NoticeWithdrawn, cancel, closed(approvals.Withdrawn, approvals.Person{}, "")),
		"rescheduled":             sampleOf(approvals.NoticeRescheduled, anew(rita)),
		"rescheduled by another":  sampleOf(approvals.NoticeRescheduled, anew(bo)),
		"changed moved":           sampleOf(approvals.NoticeChanged, watched),
		"changed, never shown":    sampleOf(approvals.NoticeChanged, func(_ *approvals.Request, it *approvals.Item) { it.Progress.VerifiedAt = time.Time{} }),
		"changed gone":            sampleOf(approvals.NoticeChanged, ended(approvals.EndGone)),
		"changed upgraded":        sampleOf(approvals.NoticeChanged, ended(approvals.EndUpgraded)),
		"unwatched":               sampleOf(approvals.NoticeUnwatched, movedOutside(approvals.EndGone)),
		"unwatched taken back":    sampleOf(approvals.NoticeUnwatched, movedOutside(approvals.EndTakenBack)),
		"unwatched never ran":     sampleOf(approvals.NoticeUnwatched, movedOutside(approvals.EndNeverRan)),
		"unwatched upgraded":      sampleOf(approvals.NoticeUnwatched, movedOutside(approvals.EndUpgraded)),
		"freed":                   sampleOf(approvals.NoticeFreed, moving(approvals.StepTakeOver)),
		"move, cancel accepted":   sampleOf(approvals.NoticeCancelAccepted, moving(approvals.StepCancel)),
		"move not begun":          sampleOf(approvals.NoticeRefused, refusedWith(3, refusal(approvals.CodeConflict)), moving(approvals.StepCancel)),
		"move half done":          sampleOf(approvals.NoticeRefused, refusedWith(3, refusal(approvals.CodeLatest)), moving("")),
		"move too late":           sampleOf(approvals.NoticeRefused, refusedWith(0, late), moving("")),
		"move given up":           sampleOf(approvals.NoticeGivenUp, moving("")),
		"move expired":            sampleOf(approvals.NoticeExpired, moving(approvals.StepCancel)),
		"move denied":             sampleOf(approvals.NoticeDenied, moving(approvals.StepCancel)),
		"move of a batch denied":  sampleOf(approvals.NoticeDenied, moving(approvals.StepCancel), batch),
		"move of a batch unclear": sampleOf(approvals.NoticeUnclear, moving(approvals.StepCancel), batch),
		"one of a batch given up": sampleOf(approvals.NoticeGivenUp, batch),
		"one of a batch waits":    sampleOf(approvals.NoticeThrottled, batch),
		"cancel denied":           sampleOf(approvals.NoticeDenied, cancel),
		"cancel refused":          sampleOf(approvals.NoticeRefused, cancel, refusedWith(1, approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeTooSoon, Raw: "too late"})),
		"cancel finds another":    sampleOf(approvals.NoticeRefused, cancel, refusedWith(1, refusal(approvals.CodeOther))),
		"cancel too late again":   sampleOf(approvals.NoticeRefused, cancel, refusedWith(1, late)),
		"rollback too late again": sampleOf(approvals.NoticeRefused, rollback, refusedWith(1, late)),
		"cancel throttled":        sampleOf(approvals.NoticeRefused, cancel, refusedWith(1, refusal(approvals.CodeThrottled))),
		"expired by the policy":   sampleOf(approvals.NoticeExpired, func(r *approvals.Request, _ *approvals.Item) { r.Deadline = r.Deadline.Add(-time.Hour) }),
		"cancel too late":         sampleOf(approvals.NoticeRefused, cancel, refusedWith(0, late)),
		"rollback too late":       sampleOf(approvals.NoticeRefused, rollback, refusedWith(0, late)),
		"refused as too late":     sampleOf(approvals.NoticeRefused, refusedWith(0, late)),
		"refused for another reason": sampleOf(approvals.NoticeRefused, refusedWith(1, approvals.Outcome{
			Kind: approvals.Refused, Code: "teapot", Raw: "I am a teapot.", Phase: "ACTIVE, brewing", RequestID: "req-1",
		})),
		"shut_out":             sampleOf(approvals.NoticeShutOut, shutOut),
		"not_sent, no project": sampleOf(approvals.NoticeNotSent, unlisted),
		"unclear, a fault":     sampleOf(approvals.NoticeUnclear, func(_ *approvals.Request, it *approvals.Item) { it.Call.Outcome.Status = 502 }),
		"unclear, unread":      sampleOf(approvals.NoticeUnclear, unreadable),
		"unclear, a success that tells an error": sampleOf(approvals.NoticeUnclear, unreadable, func(_ *approvals.Request, it *approvals.Item) {
			it.Call.Outcome.Status, it.Call.Outcome.Raw = 200, "The instance is being operated."
		}),
		"blind, not listed":    sampleOf(approvals.NoticeStuck, func(_ *approvals.Request, it *approvals.Item) { it.Progress.Phase = "" }),
		"unpostable, archived": sampleOf(approvals.NoticeUnpostable, func(r *approvals.Request, _ *approvals.Item) { r.Closing.Code = "is_archived" }),
		"unpostable, refused":  sampleOf(approvals.NoticeUnpostable, func(r *approvals.Request, _ *approvals.Item) { r.Closing.Code = "restricted_action" }),
	}
}

func acceptedAll(r *approvals.Request, _ *approvals.Item) {
	for i := range r.Items {
		r.Items[i].Call.Outcome.Kind = approvals.Accepted
	}
	r.Items[1].Progress.VerifiedAt = time.Time{}
}

func doneButLast(r *approvals.Request, _ *approvals.Item) {
	r.Items[0].State, r.Items[1].State, r.Items[2].State = approvals.Succeeded, approvals.Succeeded, approvals.Missed
	r.Items[1].Progress.StartedAt = time.Time{}
}

func invisible(_ *approvals.Request, it *approvals.Item) {
	it.Progress.VerifiedAt, it.Call.FinishedAt = time.Time{}, sampleNow.Add(-approvals.InvisibleAfter)
}

func rounded(r *approvals.Request, it *approvals.Item) {
	r.At = r.At.Add(40 * time.Second)
	it.Progress.HeldAt = r.At.Truncate(time.Minute)
}

func movedAway(_ *approvals.Request, it *approvals.Item) {
	it.TakenBack, it.TakenBy, it.Moved = 143, rita.ID, true
}

func takenBack(_ *approvals.Request, it *approvals.Item) { it.TakenBack, it.TakenBy = 143, rita.ID }

func waits(r *approvals.Request, _ *approvals.Item) { r.State = approvals.Pending }

// anew is a pending request that somebody has moved.
func anew(by approvals.Person) change {
	return func(r *approvals.Request, _ *approvals.Item) {
		r.State, r.Revision, r.Decisions, r.MovedBy = approvals.Pending, 2, nil, by
	}
}

func unreadable(_ *approvals.Request, it *approvals.Item) {
	it.Call.Outcome = approvals.Outcome{Kind: approvals.Unclear, Code: approvals.CodeUnreadable, Status: 502}
}

func unlisted(_ *approvals.Request, it *approvals.Item) {
	it.Call.Outcome.Code = approvals.CodeNoProject
}

// longest is the worst of everything.
func longest(r *approvals.Request, it *approvals.Item) {
	wide := func(n int) string { return string(slices.Repeat([]rune{'W'}, n)) }
	it.Target.Name, it.Target.Version, r.Reason = wide(64), wide(64), wide(3000)
	for range 9 {
		r.Items = append(r.Items, *it)
	}
	for n := range 30 {
		r.Needs = append(r.Needs, approvals.Need{Count: n, From: anaAndBo})
	}
	r.Override = &approvals.Decision{By: rita, At: sampleNow, Reason: wide(500)}
}
