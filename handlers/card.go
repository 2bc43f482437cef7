package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// usually is how long an upgrade takes by the user guide.
const (
	usually   = "15 min to 2 h"
	usualMost = 2 * time.Hour
)

// lost and crossed warn of what an action costs, by the user guide.
const (
	lost    = "What was written on the bastion since the upgrade is lost with the rollback, and the bastion is unavailable meanwhile."
	crossed = "A cross-version upgrade changes the server id, opens the ports 80, 8080, 443 and 2222, and drops imported certificates and manual routes."
)

func cardWarning(r approvals.Request) string {
	switch {
	case r.Action == approvals.Cancel && r.Of == (approvals.Ref{}):
		return "This upgrade was scheduled outside the bot. Ask who did it before you approve this; the cloud's trace service (CTS) says who."
	case r.Action == approvals.Rollback:
		return lost
	case r.Action == approvals.Upgrade:
		return strings.TrimSpace(moveWarning(r) + crossWarning(r))
	}
	return ""
}

func moveWarning(r approvals.Request) string {
	if !r.Moves() || r.State != approvals.Pending {
		return ""
	}
	return "Two steps are approved as one: the upgrade at " + viewOf(r, 0).old() + " is cancelled at the cloud, and then scheduled for the other time. Should the second fail, nothing is scheduled, and the thread says so. "
}

func crossWarning(r approvals.Request) string {
	if !crosses(r) {
		return ""
	}
	return crossed
}

// crosses reports whether an item is a cross-version upgrade.
func crosses(r approvals.Request) bool {
	for _, it := range r.Items {
		if it.Target.Offer == approvals.OfferCrossVersion {
			return true
		}
	}
	return false
}

// Card draws a request: a pure function of the stored record and the time. It
// never says more than what is committed.
func Card(r approvals.Request, now time.Time) bot.Message {
	blocks := []slack.Block{
		header(title(r) + ": " + stateWords(r)),
		cardFields(r, now),
	}
	if r.Batch() {
		blocks = append(blocks, sections(batchLines(r))...)
	}
	if r.Reason != "" {
		blocks = append(blocks, words("Why", r.Reason))
	}
	if warning := cardWarning(r); warning != "" {
		blocks = append(blocks, sections(say(":warning: %s", warning))...)
	}
	if r.Override != nil {
		blocks = append(blocks, words("Outside the allowed times, because", r.Override.Reason))
	}
	if r.Emergency != nil {
		blocks = append(blocks, words("Approvals skipped, because", r.Emergency.Reason))
	}
	blocks = append(blocks, footnote(cardNotes(r, now)...))
	if actions := cardActions(r); len(actions) > 0 {
		blocks = append(blocks, buttons(actions...))
	}
	return bot.Message{Text: cardText(r), Blocks: blocks, Metadata: marked(r, "card")}
}

// metadataType marks our messages, so that a card whose timestamp was lost with
// a dead process can be found again.
const metadataType = "cbhbot_message"

func marked(r approvals.Request, key string) *slack.SlackMetadata {
	return &slack.SlackMetadata{
		EventType:    metadataType,
		EventPayload: map[string]any{"id": markID(r, key)},
	}
}

func markID(r approvals.Request, key string) string {
	return r.Name() + " " + r.Key + " " + key
}

func cardFields(r approvals.Request, now time.Time) slack.Block {
	texts := []mrkdwn.Text{say("*What*\n%s", what(r))}
	if !r.At.IsZero() {
		texts = append(texts, say("*When*\n%s", moment(r.At, zoneOf(r.Zone), waiting(r, now))))
	}
	texts = append(texts, say("*Who*\nasked by %s", mention(r.Requester.ID)), say("*Request*\n%s%s", r.Name(), revision(r)))
	return fields(texts...)
}

func revision(r approvals.Request) string {
	if r.Revision == 1 {
		return ""
	}
	return fmt.Sprintf(", revision %d", r.Revision)
}

func what(r approvals.Request) mrkdwn.Text {
	if r.Batch() {
		return say("upgrade %s, decided as one", batchTitle(r))
	}
	target := r.Items[0].Target
	text := describe(r)
	if target.Version != "" {
		text = text.Then("\nversion %s", code(target.Version))
	}
	if r.Of.Request != 0 {
		text = text.Then(", asked for as CBH-%d", r.Of.Request)
	}
	if offer := offers[target.Offer]; offer != "" && r.Action == approvals.Upgrade && r.Open() {
		text = text.Then(", %s", offer)
	}
	return text
}

// offers says in words what the cloud offers.
var offers = map[approvals.Offer]string{
	approvals.OfferNone:         "up to date",
	approvals.OfferMinor:        "minor upgrade available",
	approvals.OfferCrossVersion: "cross-version upgrade available",
	approvals.OfferRollback:     "can be rolled back",
}

// batchLines has a line for each instance of a batch.
func batchLines(r approvals.Request) mrkdwn.Text {
	var lines []mrkdwn.Text
	for _, v := range views(r) {
		line := say("• %s version %s at %s (%s): *%s*", v.name(), code(v.it.Target.Version), mrkdwn.Date(v.at, v.zone()), v.exactly(), v.state())
		if v.stage == approvals.Running {
			line = line.Then(", %s", code(v.phase()))
		}
		lines = append(lines, line)
	}
	return mrkdwn.Join(lines, "\n").Cut(longestBatch)
}

// cardNotes are the small print: who decided, what is missing, what happens.
func cardNotes(r approvals.Request, now time.Time) []mrkdwn.Text {
	notes := decisions(r)
	switch stage := r.Stage(0); {
	case r.State == approvals.Pending:
		notes = append(notes, pendingNote(r))
	case r.ShutOut(0):
		notes = append(notes, say("The cloud does not let the bot in; the approvals stand until %s", date(shutOutUntil(viewOf(r, 0)))))
	case closedNames[r.State] != "":
		notes = append(notes, closingNote(r))
	case stage == approvals.Running && !r.Batch():
		notes = append(notes, runningNote(viewOf(r, 0), now))
	}
	return append(notes, say("as of %s", date(asOf(r, now))))
}

// asOf is how old the picture is: of what runs it shows the time that has passed.
func asOf(r approvals.Request, now time.Time) time.Time {
	if r.Stage(0) == approvals.Running {
		return now
	}
	return r.ChangedAt
}

func decisions(r approvals.Request) []mrkdwn.Text {
	var notes []mrkdwn.Text
	if e := r.Emergency; e != nil {
		notes = append(notes, say(":rotating_light: *Break-glass* by %s at %s", mention(e.By.ID), date(e.At)))
	}
	if o := r.Override; o != nil {
		notes = append(notes, say(":warning: *Outside the allowed times*, by %s at %s", mention(o.By.ID), date(o.At)))
	}
	if given := r.Approvals(); len(given) > 0 {
		var names []mrkdwn.Text
		for _, d := range given {
			names = append(names, say("%s at %s", mention(d.By.ID), date(d.At)))
		}
		notes = append(notes, say("Approved by %s", mrkdwn.Join(names, ", ")))
	}
	if r.Alone {
		notes = append(notes, say("Needs no approval: cancelled by the person who asked for it"))
	}
	return notes
}

func pendingNote(r approvals.Request) mrkdwn.Text {
	until := mrkdwn.Date(r.Deadline, zoneOf(r.Zone))
	if given := len(r.Approvals()); given > 0 {
		return say("%d so far; still needed: %s, until %s", given, stillNeeded(r), until)
	}
	return say("Needs %s, until %s", needs(r.Needs), until)
}

// runningNote is the progress line.
func runningNote(v view, now time.Time) mrkdwn.Text {
	elapsed := now.Sub(v.it.Progress.StartedAt)
	text := say("Running for %s (%s)", span(elapsed), code(v.phase()))
	switch {
	case v.r.Action != approvals.Upgrade:
	case elapsed > usualMost:
		text = text.Then("; that is longer than the usual %s", usually)
	default:
		text = text.Then("; usually %s", usually)
	}
	return text.Then(". The bastion is unavailable meanwhile.")
}

// phase is what the cloud says the instance is doing. During the change of ids it
// may not be in the list at all.
func (v view) phase() string {
	if v.it.Progress.Phase == "" {
		return "not in the cloud's list at the moment"
	}
	return v.it.Progress.Phase
}

func closingNote(r approvals.Request) mrkdwn.Text {
	who := say("cbhbot")
	if r.Closing.By.ID != "" {
		who = mention(r.Closing.By.ID)
	}
	return say("%s by %s at %s", closedNames[r.State], who, date(r.Closing.At))
}

// cardText is the notification and what a screen reader reads: one sentence.
func cardText(r approvals.Request) mrkdwn.Text {
	text := say("%s: %s", r.Name(), title(r))
	if r.Action == approvals.Upgrade {
		text = text.Then(", %s", exact(r.At, zoneOf(r.Zone)))
	}
	return text.Then(", asked by %s: %s.", mention(r.Requester.ID), stateWords(r))
}

// Action ids of the buttons. What follows a colon only keeps them apart.
const (
	actApprove  = "approve"
	actDeny     = "deny"
	actWithdraw = "withdraw"
	actRetract  = "retract"
	actCheck    = "check_again"
	actTryAgain = "try_again"
	actClose    = "close"
	actCancel   = "cancel"
	actContinue = "continue" // goes on with a command: the value is a draft
	actPickTime = "pick_time"
)

func cardActions(r approvals.Request) []slack.BlockElement {
	value := r.Marker().String()
	if r.State == approvals.Pending {
		return pendingActions(r, value)
	}
	for i := range r.Items {
		if r.ShutOut(i) {
			return []slack.BlockElement{button(actTryAgain, "Try again", value)}
		}
	}
	if r.Batch() {
		return nil // each goes its own way: /cbh cancel takes one back
	}
	v := viewOf(r, 0)
	switch v.stage {
	case approvals.Unknown:
		return []slack.BlockElement{button(actCheck, "Check again", value)}
	case approvals.Scheduled:
		if r.Action == approvals.Upgrade && v.it.TakenBack == 0 && v.it.Step == "" {
			return []slack.BlockElement{reschedule(r), button(actCancel, "Cancel the upgrade", value)}
		}
	case approvals.Running:
		if v.stuck() {
			return []slack.BlockElement{stopFollowing(r)}
		}
	case approvals.Changed:
		if v.it.Watched {
			return watchedActions(v)
		}
	case approvals.Expired, approvals.Missed, approvals.Failed:
		if r.Action == approvals.Upgrade && v.atRest() {
			return []slack.BlockElement{button(actPickTime, "Pick a new time", v.again().value())}
		}
	}
	return nil
}

func reschedule(r approvals.Request) *slack.ButtonBlockElement {
	return button(actPickTime, "Reschedule", Draft{Verb: "reschedule", Request: r.ID, Channel: r.Channel}.value())
}

// stopFollowing closes what is stuck, or was changed outside.
func stopFollowing(r approvals.Request) *slack.ButtonBlockElement {
	return confirmed(button(actClose, "Stop following", r.Marker().String()), "Stop following "+r.Name()+"?",
		"The cloud goes on by itself, and I write nothing more of it.", "Stop following")
}

// watchedActions are the ways on from an upgrade that somebody has moved outside.
func watchedActions(v view) []slack.BlockElement {
	cancel := Draft{Verb: "cancel", Instance: v.reference(), Channel: v.r.Channel}
	return []slack.BlockElement{button(actContinue, "Cancel that upgrade", cancel.value()), stopFollowing(v.r)}
}

func pendingActions(r approvals.Request, value string) []slack.BlockElement {
	actions := []slack.BlockElement{
		confirmed(styled(button(actApprove, "Approve", value), slack.StylePrimary),
			"Approve "+r.Name()+"?", confirmText(r), "Approve"),
		styled(button(actDeny, "Deny", value), slack.StyleDanger),
	}
	if len(r.Approvals()) > 0 {
		actions = append(actions, button(actRetract, "Take my approval back", value))
	}
	if r.Action == approvals.Upgrade {
		actions = append(actions, reschedule(r))
	}
	return append(actions, button(actWithdraw, "Withdraw", value))
}

// timely are the refusals that another time may help with.
var timely = []approvals.Code{
	approvals.CodeTooSoon, approvals.CodeTooLate, approvals.CodeBusy, approvals.CodeConflict, approvals.CodeThrottled, approvals.CodeUnreached,
	approvals.CodeAgentNotStarted, approvals.CodeLapsed, approvals.CodeDiffers,
}

// atRest reports whether an ended item left an instance that another upgrade can
// be thought of for.
func (v view) atRest() bool {
	refused := v.it.End == approvals.EndRefused && !slices.Contains(timely, v.it.Call.Outcome.Code)
	return v.it.End != approvals.EndStuck && v.it.End != approvals.EndBroken && !refused
}

// subject is what a decision is about.
func subject(r approvals.Request) string {
	if r.Batch() {
		return "Each of " + batchTitle(r)
	}
	return viewOf(r, 0).plain()
}

func confirmText(r approvals.Request) string {
	switch r.Action {
	case approvals.Cancel:
		return "The scheduled upgrade of " + subject(r) + " will not take place."
	case approvals.Rollback:
		return subject(r) + " goes back to its earlier version. " + lost
	}
	first := ""
	if r.Moves() {
		first = "Its upgrade at " + viewOf(r, 0).old() + " is cancelled first. "
	}
	return first + fmt.Sprintf("%s will be unavailable for %s from %s; the card shows that in your own zone.", subject(r), usually, exact(r.At, time.UTC))
}
