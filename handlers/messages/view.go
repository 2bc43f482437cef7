package messages

import (
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
	r, it := v.R, v.It
	switch name {
	case "request":
		return r.Name()
	case "title":
		return v.titleNamed()
	case "one":
		return v.one()
	case "plaintitle":
		return literal(v.titleNamed())
	case "bastion":
		return it.Target
	case "typed":
		return Typable(it.Target)
	case "n":
		return len(r.Items)
	case "time":
		return v.At
	case "exact":
		return exact(v.At)
	case "last":
		return r.Time(len(r.Items) - 1)
	case "state":
		return v.Standing()
	case "states":
		return v.standings()
	case "requester":
		return user(r.Requester.ID)
	case "people":
		return involved(r)
	case "approvers":
		return approvers(r)
	case "approved":
		return approvedBy(r)
	case "needs":
		return stillNeeded(r)
	case "until":
		return r.Deadline
	case "left":
		return deadline(r.Deadline)
	case "callby":
		return r.CallBy(v.I)
	case "lead":
		return ample(r.Lead)
	case "closer":
		return user(r.Closing.By.ID)
	case "closed":
		return r.Closing.At
	case "outby":
		return it.Closing.By
	case "channel":
		return channel(r.Channel)
	case "of":
		return &approvals.Request{ID: r.Of.Request}
	case "previous":
		return r.Previous
	case "revision":
		return r.Revision
	}
	return v.progress(name)
}

// progress knows the facts about what the cloud did.
func (v View) progress(name string) any {
	r, it, call, seen := v.R, v.It, v.It.Call, v.It.Progress
	switch name {
	case "old":
		return it.Old
	case "asked":
		_, at := r.Doing(v.I)
		return at
	case "held":
		return r.HeldAt(v.I)
	case "found":
		return seen.FoundTime
	case "version":
		return code(it.Target.Version)
	case "after":
		return code(seen.Version)
	case "server":
		return code(it.Target.ServerID)
	case "phase":
		return v.phase()
	case "took":
		return v.lasted()
	case "early":
		return v.At.Sub(seen.StartedAt)
	case "blind":
		return seen.BlindSince
	case "tries":
		return call.Tries
	case "taken":
		return &approvals.Request{ID: it.TakenBack}
	case "shutout":
		return call.ShutOutAt.Add(approvals.ShutOutFor)
	case "why":
		return outcome(v)
	case "said":
		return code(call.Outcome.Raw)
	case "status":
		return call.Outcome.Status
	case "cloudid":
		return code(call.Outcome.RequestID)
	}
	return nil
}

// Ended is when it was seen to have ended, or was given up.
func (v View) Ended() time.Time {
	if at := v.It.Progress.EndedAt; !at.IsZero() {
		return at
	}
	return v.R.ChangedAt
}

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

// Title says what a request asks for: "Upgrade bastion-prod".
func Title(r *approvals.Request) Saying { return ViewOf(r, 0).title() }

func (v View) title() Saying {
	r := v.R
	switch {
	case r.Batch() && r.Moves():
		return Say(TitleMoves, v)
	case r.Batch():
		return Say(TitleBatch, v)
	}
	return v.one()
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
	r := v.R
	if !r.Batch() {
		return v.title()
	}
	var names listed
	for _, it := range r.Items {
		names = append(names, it.Target)
	}
	key := TitleNamed
	if r.Moves() {
		key = TitleMoved
	}
	return Say(key, "n", len(r.Items), "names", atAGlance(names, AndMore))
}

var titles = map[approvals.Action]Key{approvals.Upgrade: TitleUpgrade, approvals.Cancel: TitleCancel, approvals.Rollback: TitleRollback}

// stuck reports whether it runs longer than it may.
func (v View) stuck() bool { return v.Stage == approvals.Running && !v.It.Progress.StuckAt.IsZero() }

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
func Standings(r *approvals.Request) any { return ViewOf(r, 0).standings() }

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

// icon goes before a state, which says the same in words.
func (v View) icon() mrkdwn.Text {
	switch v.Stage {
	case approvals.Pending:
		return mrkdwn.Emoji("large_yellow_circle")
	case approvals.Approved, approvals.Executing:
		return mrkdwn.Emoji("large_blue_circle")
	case approvals.Scheduled:
		return mrkdwn.Emoji("calendar")
	case approvals.Running:
		if v.stuck() {
			return mrkdwn.Emoji("x")
		}
		return mrkdwn.Emoji("hourglass_flowing_sand")
	case approvals.Succeeded:
		return mrkdwn.Emoji("white_check_mark")
	case approvals.Denied, approvals.Failed:
		return mrkdwn.Emoji("x")
	case approvals.Withdrawn, approvals.Cancelled:
		if v.movedAway() {
			return mrkdwn.Emoji("twisted_rightwards_arrows")
		}
		return mrkdwn.Emoji("no_entry_sign")
	case approvals.Expired:
		return mrkdwn.Emoji("alarm_clock")
	}
	return mrkdwn.Emoji("warning")
}

// phase is what the cloud says the instance is doing. During the change of ids it may
// not be in the list at all.
func (v View) phase() any {
	if strings.TrimSpace(v.It.Progress.Phase) == "" {
		return Say(NotListed)
	}
	return code(v.It.Progress.Phase)
}

// lasted is how long an item ran; zero when it was never seen running.
func (v View) lasted() time.Duration {
	if v.It.Progress.StartedAt.IsZero() {
		return 0
	}
	return v.It.Progress.EndedAt.Sub(v.It.Progress.StartedAt)
}

// crosses reports whether an item is a cross-version upgrade.
func crosses(r *approvals.Request) bool {
	return slices.ContainsFunc(r.Items, func(it approvals.Item) bool { return it.Target.Offer == approvals.OfferCrossVersion })
}

func secondHop(it approvals.Item) bool {
	return it.Progress.Offer == approvals.OfferMinor || it.Progress.Offer == approvals.OfferCrossVersion
}

// timely are the refusals that another time may help with.
var timely = []approvals.Code{
	approvals.CodeTooSoon, approvals.CodeTooLate, approvals.CodeBusy, approvals.CodeConflict, approvals.CodeThrottled, approvals.CodeUnreached,
	approvals.CodeAgentNotStarted, approvals.CodeLapsed, approvals.CodeDiffers,
}

// atRest reports whether an ended item left an instance that another upgrade can be
// thought of for.
func (v View) atRest() bool {
	refused := v.It.End == approvals.EndRefused && !slices.Contains(timely, v.It.Call.Outcome.Code)
	return v.It.End != approvals.EndStuck && v.It.End != approvals.EndBroken && !refused
}
