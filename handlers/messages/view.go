package messages

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// View is one item of a request, as people are told of it. It is a source of facts, and
// small: each Saying about a request holds one.
type View struct{ *item }

type item struct {
	R     *approvals.Request
	I     int
	It    *approvals.Item
	At    time.Time       // when it is to begin
	Stage approvals.State // the decision's, until its call has begun
}

// ViewOf is item i of a request.
func ViewOf(r *approvals.Request, i int) View {
	return View{&item{R: r, It: &r.Items[i], I: i, At: r.Time(i), Stage: r.Stage(i)}}
}

// Whole is a request as a whole, which has the time of the first item that takes place.
func Whole(r *approvals.Request) View { return ViewOf(r, takePlace(r)[0]) }

// lastOf is when the last item of a request begins that takes place.
func lastOf(r *approvals.Request) time.Time {
	items := takePlace(r)
	return r.Time(items[len(items)-1])
}

// takePlace are the items that nobody has taken back; all that were kept, where none is left.
func takePlace(r *approvals.Request) []int {
	left := slices.DeleteFunc(r.Kept(), func(i int) bool { return r.Items[i].State == approvals.Cancelled })
	if len(left) == 0 {
		return r.Kept()
	}
	return left
}

// Views are all items of a request.
func Views(r *approvals.Request) []View {
	all := make([]View, len(r.Items))
	for i := range r.Items {
		all[i] = ViewOf(r, i)
	}
	return all
}

// fact knows what texts about a request may want. Times that nobody has noted are none.
func (v View) fact(name string) any {
	if know, ok := viewFacts[name]; ok {
		return know(v)
	}
	return nil
}

var viewFacts = map[string]func(v View) any{
	"request":    func(v View) any { return v.R.Name() },
	"title":      func(v View) any { return v.titleNamed() },
	"one":        func(v View) any { return v.one() },
	"plaintitle": func(v View) any { return literal(v.titleNamed()) },
	"bastion":    func(v View) any { return v.It.Target },
	"typed":      func(v View) any { return Typable(v.It.Target) },
	"n":          func(v View) any { return len(v.R.Items) },
	"time":       func(v View) any { return v.At },
	"exact":      func(v View) any { return exact(v.At) },
	"last":       func(v View) any { return lastOf(v.R) },
	"state":      func(v View) any { return v.Standing() },
	"states":     func(v View) any { return v.standings() },
	"requester":  func(v View) any { return user(v.R.Requester.ID) },
	"people":     func(v View) any { return involved(v.R) },
	"approvers":  func(v View) any { return approvers(v.R) },
	"approved":   func(v View) any { return approvedBy(v.R) },
	"needs":      func(v View) any { return stillNeeded(v.R) },
	"until":      func(v View) any { return v.R.Deadline },
	"left":       func(v View) any { return deadline(v.R.Deadline) },
	"callby":     func(v View) any { return v.R.CallBy(v.I) },
	"lead":       func(v View) any { return ample(v.R.Lead) },
	"closer":     func(v View) any { return user(v.R.Closing.By.ID) },
	"closed":     func(v View) any { return v.R.Closing.At },
	"channel":    func(v View) any { return channel(v.R.Channel) },
	"of":         func(v View) any { return &approvals.Request{ID: v.R.Of.Request} },
	"revised":    func(v View) any { return v.revised() },

	// What the cloud did.
	"old":     func(v View) any { return v.It.Old },
	"asked":   func(v View) any { _, at := v.R.Doing(v.I); return at },
	"held":    func(v View) any { return v.R.HeldAt(v.I) },
	"found":   func(v View) any { return v.It.Progress.FoundTime },
	"version": func(v View) any { return code(v.It.Target.Version) },
	"after":   func(v View) any { return code(v.It.Progress.Version) },
	"server":  func(v View) any { return code(v.It.Target.ServerID) },
	"phase":   func(v View) any { return v.phase() },
	"took":    func(v View) any { return v.took() },
	"early":   func(v View) any { return v.At.Sub(v.It.Progress.StartedAt) },
	"blind":   func(v View) any { return v.It.Progress.BlindSince },
	"tries":   func(v View) any { return v.It.Call.Tries },
	"taken":   func(v View) any { return &approvals.Request{ID: v.It.TakenBack} },
	"shutout": func(v View) any { return v.It.Call.ShutOutAt.Add(approvals.ShutOutFor) },
	"why":     func(v View) any { return outcome(v) },
	"said":    func(v View) any { return code(v.It.Call.Outcome.Raw) },
	"status":  func(v View) any { return v.status() },
	"cloudid": func(v View) any { return code(v.It.Call.Outcome.RequestID) },
}

// status is the cloud's HTTP status, if it has answered.
func (v View) status() any {
	if status := v.It.Call.Outcome.Status; status != 0 {
		return status
	}
	return nil
}

// Ended is when it was seen to have ended, or was given up.
func (v View) Ended() time.Time { return cmp.Or(v.It.Progress.EndedAt, v.R.ChangedAt) }

// called is how an instance is called: by its server id where its name shows nothing.
func called(t approvals.Target) string {
	if mrkdwn.Line(t.Name, 1<<20) == "" {
		return t.ServerID
	}
	return cloud.Display(t.Project, t.Name)
}

// longestTyped is how many letters people type rather than copy.
const longestTyped = 64

// typableName is how an instance is named in a command that people may copy.
func typableName(t approvals.Target) string {
	name := called(t)
	if name == "" || utf8.RuneCountInString(name) > longestTyped || strings.ContainsFunc(name, untypable) {
		return t.ServerID
	}
	return name
}

// untypable is a letter that a name is not typed with as it is.
func untypable(letter rune) bool {
	return !unicode.IsLetter(letter) && !unicode.IsNumber(letter) && !strings.ContainsRune("._/-", letter)
}

// title says what a request asks for: "Upgrade bastion-prod".
func (v View) title() Saying {
	switch kept := v.R.Kept(); {
	case len(kept) == 1:
		return ViewOf(v.R, kept[0]).one()
	case v.R.Moves():
		return Say(TitleMoves, "n", len(kept))
	default:
		return Say(TitleBatch, "n", len(kept))
	}
}

// one is the title as if the item were alone.
func (v View) one() Saying {
	if v.R.Moves() {
		return Say(TitleMove, v)
	}
	return Say(titles[v.R.Action], v)
}

// shownNames is how many names stand in a list that is read at a glance.
const shownNames = 3

// atAGlance is the first of a list, and how many more there are.
func atAGlance(all listed, more Key) listed {
	if left := len(all) - shownNames; left > 1 {
		return append(all[:shownNames:shownNames], Say(more, "n", left))
	}
	return all
}

// titleNamed is the title with the names of a batch, or the first of them.
func (v View) titleNamed() Saying {
	kept := v.R.Kept()
	if len(kept) == 1 {
		return v.title()
	}
	names := each(kept, func(i int) any { return v.R.Items[i].Target })
	key := TitleNamed
	if v.R.Moves() {
		key = TitleMoved
	}
	return Say(key, "n", len(kept), "names", atAGlance(names, AndMore))
}

var titles = map[approvals.Action]Key{approvals.Upgrade: TitleUpgrade, approvals.Cancel: TitleCancel, approvals.Rollback: TitleRollback}

// stuck reports whether it runs longer than it may.
func (v View) stuck() bool { return v.Stage == approvals.Running && !v.It.Progress.StuckAt.IsZero() }

// neverShown reports whether the cloud accepted an upgrade and then showed none in all the time
// that it was looked for: it may take place or not.
func (v View) neverShown() bool {
	p := v.It.Progress
	return v.It.End == "" && p.VerifiedAt.IsZero() && p.FoundTime.IsZero() && v.It.Call.Outcome.Code != approvals.CodeReadBack
}

// Standing says where an item stands.
func (v View) Standing() Saying { return Say(v.standing(), v) }

func (v View) standing() Key {
	verified, freed := !v.It.Progress.VerifiedAt.IsZero(), !v.It.FreedAt.IsZero()
	switch {
	case v.movedAway():
		return StateMoved
	case v.Stage == approvals.Scheduled && v.It.Step == approvals.StepCancel:
		return StateFreeing
	case v.Stage == approvals.Approved && freed:
		return StateFreed
	case v.Stage == approvals.Failed && freed && !verified:
		return StateUnscheduled
	case v.Stage == approvals.Scheduled && v.R.Action == approvals.Rollback:
		return StateAccepted
	case v.Stage == approvals.Changed && v.neverShown():
		return StateNeverShown
	case v.Stage == approvals.Scheduled && v.R.Action == approvals.Cancel:
		return StateCancelAccepted
	case v.Stage == approvals.Scheduled && verified:
		return StateScheduled
	case v.Stage == approvals.Failed && v.It.End == approvals.EndRefused:
		return StateRefused
	case v.stuck():
		return StateStuck
	case v.It.End == approvals.EndStuck:
		return StateLeftStuck
	case v.Stage == approvals.Succeeded && v.R.Action == approvals.Cancel:
		return StateDone
	case v.Stage == approvals.Succeeded && v.R.Action == approvals.Rollback:
		return StateRolledBack
	}
	return stateKey(v.Stage)
}

// movedAway reports whether it takes place at another time, by another request.
func (v View) movedAway() bool { return v.Stage == approvals.Cancelled && v.It.Moved }

// Standings says where a request stands: together, or how many items in which state.
func Standings(r *approvals.Request) any { return Whole(r).standings() }

func (v View) standings() any {
	if !v.R.Batch() {
		return v.Standing()
	}
	var order []Key
	count := map[Key]int{}
	for _, v := range Views(v.R) {
		key := v.standing()
		if key == StateMoved {
			key = StateMovedAway // each may have been by another request
		}
		if count[key] == 0 {
			order = append(order, key)
		}
		count[key]++
	}
	if len(order) == 1 {
		return Say(order[0])
	}
	var all commas
	for _, key := range order {
		all = append(all, Say(CountOf, "n", count[key], "state", Say(key)))
	}
	return all
}

// icon goes before a state, which says the same in words. That of a batch is the one of
// what goes on, else of what went wrong.
func (v View) icon() mrkdwn.Text {
	all := Views(v.R)
	for _, tells := range []func(View) bool{unfinished, wentWrong, succeeded} {
		if i := slices.IndexFunc(all, tells); i >= 0 {
			v = all[i]
			break
		}
	}
	switch {
	case v.stuck():
		return mrkdwn.Emoji("x")
	case v.movedAway():
		return mrkdwn.Emoji("twisted_rightwards_arrows")
	}
	return mrkdwn.Emoji(cmp.Or(icons[v.Stage], "warning"))
}

func unfinished(v View) bool { return v.R.Open() && v.It.Unfinished() }
func wentWrong(v View) bool {
	return !slices.Contains([]approvals.State{approvals.Succeeded, approvals.Cancelled}, v.Stage)
}
func succeeded(v View) bool { return v.Stage == approvals.Succeeded }

var icons = map[approvals.State]mrkdwn.Format{
	approvals.Pending: "large_yellow_circle", approvals.Approved: "large_blue_circle", approvals.Executing: "large_blue_circle",
	approvals.Scheduled: "calendar", approvals.Running: "hourglass_flowing_sand", approvals.Succeeded: "white_check_mark",
	approvals.Denied: "x", approvals.Failed: "x", approvals.Withdrawn: "no_entry_sign", approvals.Cancelled: "no_entry_sign",
	approvals.Expired: "alarm_clock",
}

// phase is what the cloud says the instance is doing. During the change of ids it may
// not be in the list at all.
func (v View) phase() any {
	if strings.TrimSpace(v.It.Progress.Phase) == "" {
		return Say(NotListed)
	}
	return code(v.It.Progress.Phase)
}

// took is how long an item ran; nil when it was never seen running.
func (v View) took() any {
	if v.It.Progress.StartedAt.IsZero() {
		return nil
	}
	return v.It.Progress.EndedAt.Sub(v.It.Progress.StartedAt)
}

// revised is the number of a revision that is not the first; else nil.
func (v View) revised() any {
	if v.R.Revision > 1 {
		return v.R.Revision
	}
	return nil
}

// crosses reports whether what is left of a request has a cross-version upgrade.
func crosses(r *approvals.Request) bool {
	return slices.ContainsFunc(r.Kept(), func(i int) bool { return r.Items[i].Target.Offer == approvals.OfferCrossVersion })
}

func secondHop(it approvals.Item) bool {
	return it.Progress.Offer == approvals.OfferMinor || it.Progress.Offer == approvals.OfferCrossVersion
}

// timely are the refusals that another time may help with.
var timely = []approvals.Code{
	approvals.CodeTooSoon, approvals.CodeTooLate, approvals.CodeBusy, approvals.CodeConflict, approvals.CodeThrottled, approvals.CodeUnreached,
	approvals.CodeUnreadable, approvals.CodeAgentNotStarted, approvals.CodeLapsed, approvals.CodeDiffers,
}

// atRest reports whether an ended item left an instance that another upgrade can be
// thought of for.
func (v View) atRest() bool {
	refused := v.It.End == approvals.EndRefused && !slices.Contains(timely, v.It.Call.Outcome.Code)
	return !slices.Contains([]approvals.End{approvals.EndStuck, approvals.EndBroken, approvals.EndGone}, v.It.End) && !refused
}
