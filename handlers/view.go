package handlers

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// view is one item of a request, as people are told of it.
type view struct {
	r     approvals.Request
	it    approvals.Item
	i     int
	at    time.Time // when it is to begin
	stage approvals.State
}

func viewOf(r approvals.Request, i int) view {
	return view{r: r, it: r.Items[i], i: i, at: r.Time(i), stage: r.Stage(i)}
}

func views(r approvals.Request) []view {
	all := make([]view, len(r.Items))
	for i := range r.Items {
		all[i] = viewOf(r, i)
	}
	return all
}

func (v view) zone() *time.Location { return zoneOf(v.r.Zone) }

// called is how an instance is called: by its server id where its name shows
// nothing.
func called(t approvals.Target) string {
	if clean(t.Name) == "" {
		return t.ServerID
	}
	return cloud.Display(t.Project, t.Name)
}

// simple is a name that can be typed as it is.
var simple = regexp.MustCompile(`^[\pL\pN._/-]{1,64}$`)

// typable is how an instance is named in a command that people may copy.
func typable(t approvals.Target) mrkdwn.Text {
	if name := called(t); simple.MatchString(name) {
		return mrkdwn.Typed(name)
	}
	return mrkdwn.Typed(t.ServerID)
}

// plain is how the instance is called, without any markup.
func (v view) plain() string { return called(v.it.Target) }

// name shows the instance.
func (v view) name() mrkdwn.Text { return code(v.plain()) }

func (v view) typed() mrkdwn.Text { return typable(v.it.Target) }

// exactly is the item's time, in words that mean the same to every reader.
func (v view) exactly() string { return exact(v.at, v.zone()) }

// dated is the item's time in each reader's zone, too.
func (v view) dated() mrkdwn.Text { return dated(v.at, v.zone()) }

// describe says what a request asks for: "upgrade `bastion-prod`".
func describe(r approvals.Request) mrkdwn.Text {
	if r.Batch() {
		return say("upgrade %s", batchTitle(r))
	}
	return viewOf(r, 0).describe()
}

// describe says what an item is: "upgrade `bastion-prod`".
func (v view) describe() mrkdwn.Text {
	if v.r.Moves() {
		return say("move the upgrade of %s", v.name())
	}
	return say("%s %s", actionVerbs[v.r.Action], v.name())
}

var actionTitles = map[approvals.Action]string{
	approvals.Upgrade:  "Upgrade",
	approvals.Cancel:   "Cancel the upgrade of",
	approvals.Rollback: "Roll back",
}

var actionVerbs = map[approvals.Action]string{
	approvals.Upgrade:  "upgrade",
	approvals.Cancel:   "cancel the upgrade of",
	approvals.Rollback: "roll back",
}

var actionNouns = map[approvals.Action]string{
	approvals.Upgrade: "upgrade", approvals.Cancel: "cancel", approvals.Rollback: "rollback",
}

func title(r approvals.Request) string {
	if r.Batch() {
		return actionTitles[r.Action] + " " + batchTitle(r)
	}
	if r.Moves() {
		return "Move the upgrade of " + viewOf(r, 0).plain()
	}
	return actionTitles[r.Action] + " " + viewOf(r, 0).plain()
}

// batchTitle is how several instances are called.
func batchTitle(r approvals.Request) string { return fmt.Sprintf("%d bastions", len(r.Items)) }

// stateNames says a stage in the words of the card's title.
var stateNames = map[approvals.State]string{
	approvals.Pending:   "waiting for approval",
	approvals.Approved:  "approved, not yet with the cloud",
	approvals.Executing: "being sent to the cloud",
	approvals.Unknown:   "outcome unknown, checking",
	approvals.Scheduled: "accepted by the cloud, not yet read back",
	approvals.Running:   "running",
	approvals.Succeeded: "finished",
	approvals.Failed:    "failed",
	approvals.Missed:    "missed its time",
	approvals.Cancelled: "cancelled",
	approvals.Changed:   "changed outside this bot",
	approvals.Denied:    "denied",
	approvals.Withdrawn: "withdrawn",
	approvals.Expired:   "expired without approval",
}

// closedNames begins a sentence about a request that ended by its decision.
var closedNames = map[approvals.State]string{
	approvals.Denied: "Denied", approvals.Withdrawn: "Withdrawn", approvals.Expired: "Expired without approval",
}

// stuck reports whether it runs longer than it may.
func (v view) stuck() bool { return v.stage == approvals.Running && !v.it.Progress.StuckAt.IsZero() }

// state says where an item stands.
func (v view) state() string {
	switch {
	case v.stage == approvals.Scheduled && v.it.Step == approvals.StepCancel:
		return "cancel of the old time accepted, not yet read back"
	case v.stage == approvals.Approved && !v.it.FreedAt.IsZero():
		return "old time cancelled, not yet scheduled anew"
	case v.stage == approvals.Failed && !v.it.FreedAt.IsZero() && v.it.Progress.VerifiedAt.IsZero():
		return "failed, nothing is scheduled"
	case v.stage == approvals.Scheduled && v.r.Action == approvals.Rollback:
		return "accepted by the cloud"
	case v.stage == approvals.Scheduled && !v.it.Progress.VerifiedAt.IsZero():
		return "scheduled"
	case v.stuck():
		return "stuck"
	case v.it.End == approvals.EndStuck:
		return "stuck, not followed any more"
	case v.stage == approvals.Succeeded && v.r.Action == approvals.Cancel:
		return "done, read back"
	}
	return stateNames[v.stage]
}

// stateWords says where a request stands: together, or how many items in which
// state.
func stateWords(r approvals.Request) string {
	var order []string
	count := map[string]int{}
	for _, v := range views(r) {
		words := v.state()
		if count[words] == 0 {
			order = append(order, words)
		}
		count[words]++
	}
	if len(order) == 1 {
		return order[0]
	}
	for i, words := range order {
		order[i] = fmt.Sprintf("%d %s", count[words], words)
	}
	return strings.Join(order, ", ")
}

// mentions writes a set the way Slack shows it: <@U1>, <!subteam^S1>.
func mentions(s approvals.Set) mrkdwn.Text {
	var names []mrkdwn.Text
	for _, user := range s.Users {
		names = append(names, mention(user))
	}
	for _, group := range s.Groups {
		names = append(names, mrkdwn.Group(group))
	}
	return mrkdwn.Join(names, ", ")
}

// needs says a quorum in words: "2 of @sre and 1 of @security".
func needs(q approvals.Quorum) mrkdwn.Text {
	if len(q) == 0 {
		return say("nobody")
	}
	var parts []mrkdwn.Text
	for _, need := range q {
		parts = append(parts, say("%d of %s", need.Count, mentions(need.From)))
	}
	return mrkdwn.Join(parts, " and ")
}

// stillNeeded is whose approval is missing.
func stillNeeded(r approvals.Request) mrkdwn.Text {
	if len(r.Approvals()) > 0 {
		return needs(r.Missing)
	}
	return needs(r.Needs)
}

// date is a moment in each reader's zone.
func date(t time.Time) mrkdwn.Text { return mrkdwn.Date(t, time.UTC) }
