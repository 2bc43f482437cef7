package handlers

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// usually is how long an upgrade takes by the user guide (facts: "How an
// upgrade goes").
const (
	usually   = "15 min to 2 h"
	usualMost = 2 * time.Hour
)

// lost and crossed warn of what an action costs (facts: "How an upgrade goes").
const (
	lost    = "What was written on the bastion since the upgrade is lost with the rollback, and the bastion is unavailable meanwhile."
	crossed = "A cross-version upgrade changes the server id, opens the ports 80, 8080, 443 and 2222, and drops imported certificates and manual routes."
)

func cardWarning(r approvals.Request) string {
	switch {
	case r.Action == approvals.Cancel && r.Of == 0:
		return "This upgrade was scheduled outside the bot. Ask who did it before you approve this; the cloud's trace service (CTS) says who."
	case r.Action == approvals.Rollback:
		return lost
	case r.Action == approvals.Upgrade && r.Target.Next == "CROSS_OS":
		return crossed
	}
	return ""
}

// Card draws a request: a pure function of the stored record and the time. It
// never says more than what is committed.
func Card(r approvals.Request, now time.Time) bot.Message {
	blocks := []slack.Block{
		slack.NewHeaderBlock(plain(title(r)+": "+stateWords(r), 150)),
		cardFields(r, now),
	}
	if len(r.Batch) > 0 {
		blocks = append(blocks, batchLines(r))
	}
	if r.Reason != "" {
		blocks = append(blocks, words("Why", r.Reason))
	}
	if warning := cardWarning(r); warning != "" {
		blocks = append(blocks, section(":warning: "+warning))
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
	return bot.Message{Text: cardText(r, now), Blocks: blocks, Metadata: marked(r, "card")}
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

var actionTitles = map[approvals.Action]string{
	approvals.Upgrade:  "Upgrade",
	approvals.Cancel:   "Cancel the upgrade of",
	approvals.Rollback: "Roll back",
}

func title(r approvals.Request) string {
	if len(r.Batch) > 0 {
		return actionTitles[r.Action] + " " + batchTitle(r)
	}
	return actionTitles[r.Action] + " " + display(r.Target.Project, r.Target.Name)
}

// stateNames says a state in the words of the card's title.
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

func stateWords(r approvals.Request) string {
	if len(r.Batch) > 0 {
		return batchState(r)
	}
	verified := !r.Progress.VerifiedAt.IsZero()
	switch {
	case r.State == approvals.Scheduled && r.Action == approvals.Rollback:
		return "accepted by the cloud"
	case r.State == approvals.Scheduled && verified:
		return "scheduled"
	case r.State == approvals.Succeeded && r.Action == approvals.Cancel:
		return "done, read back"
	}
	return stateNames[r.State]
}

func cardFields(r approvals.Request, now time.Time) slack.Block {
	texts := []string{"*What*\n" + what(r)}
	if !r.At.IsZero() && r.Action != approvals.Rollback {
		texts = append(texts, "*When*\n"+moment(r.At, zoneOf(r.Zone), now))
	}
	texts = append(texts, "*Who*\nasked by "+mention(r.Requester.ID), "*Request*\n"+r.Name()+revision(r))
	return fields(texts...)
}

func revision(r approvals.Request) string {
	if r.Revision == 1 {
		return ""
	}
	return fmt.Sprintf(", revision %d", r.Revision)
}

func what(r approvals.Request) string {
	if len(r.Batch) > 0 {
		return "upgrade " + batchTitle(r) + ", decided as one"
	}
	text := strings.ToLower(actionTitles[r.Action][:1]) + actionTitles[r.Action][1:] + " " + nameOf(r)
	if r.Target.Version != "" {
		text += "\nversion " + code(r.Target.Version)
	}
	if r.Action == approvals.Cancel && r.Of != 0 {
		text += fmt.Sprintf(", asked for as CBH-%d", r.Of)
	}
	if next := upgradability[r.Target.Next]; next != "" && r.Action == approvals.Upgrade {
		text += ", " + next
	}
	return text
}

// upgradability says the list's "update" field in words (facts: "Around it").
var upgradability = map[string]string{
	"OLD":      "up to date",
	"NEW":      "minor upgrade available",
	"CROSS_OS": "cross-version upgrade available",
	"ROLLBACK": "can be rolled back",
}

// cardNotes are the small print: who decided, what is missing, what happens.
func cardNotes(r approvals.Request, now time.Time) []string {
	notes := decisions(r)
	switch r.State {
	case approvals.Pending:
		notes = append(notes, pendingNote(r))
	case approvals.Running:
		notes = append(notes, runningNote(r, now))
	case approvals.Denied, approvals.Withdrawn, approvals.Expired:
		notes = append(notes, closingNote(r))
	}
	return append(notes, "as of "+bot.Date(asOf(r, now), time.UTC))
}

// asOf is how old the picture is: of what runs it shows the time that has passed.
func asOf(r approvals.Request, now time.Time) time.Time {
	if r.State == approvals.Running {
		return now
	}
	return r.ChangedAt
}

func decisions(r approvals.Request) []string {
	var notes []string
	if e := r.Emergency; e != nil {
		notes = append(notes, ":rotating_light: *Break-glass* by "+mention(e.By.ID)+" at "+bot.Date(e.At, time.UTC))
	}
	if o := r.Override; o != nil {
		notes = append(notes, ":warning: *Outside the allowed times*, by "+mention(o.By.ID)+" at "+bot.Date(o.At, time.UTC))
	}
	if given := r.Approvals(); len(given) > 0 {
		var names []string
		for _, d := range given {
			names = append(names, mention(d.By.ID)+" at "+bot.Date(d.At, time.UTC))
		}
		notes = append(notes, "Approved by "+strings.Join(names, ", "))
	}
	if r.Alone {
		notes = append(notes, "Needs no approval: cancelled by the person who asked for it")
	}
	return notes
}

func pendingNote(r approvals.Request) string {
	if given := len(r.Approvals()); given > 0 {
		return fmt.Sprintf("%d so far; still needed: %s, until %s", given, stillNeeded(r), bot.Date(r.Deadline, zoneOf(r.Zone)))
	}
	return "Needs " + r.Quorum + ", until " + bot.Date(r.Deadline, zoneOf(r.Zone))
}

// runningNote is the progress line.
func runningNote(r approvals.Request, now time.Time) string {
	elapsed := now.Sub(r.Progress.StartedAt)
	text := fmt.Sprintf("Running for %s (%s)", span(elapsed), code(phaseOf(r)))
	switch {
	case r.Action != approvals.Upgrade:
	case elapsed > usualMost:
		text += "; that is longer than the usual " + usually
	default:
		text += "; usually " + usually
	}
	return text + ". The bastion is unavailable meanwhile."
}

// phaseOf is what the cloud says the instance is doing. During the change of ids
// it may not be in the list at all.
func phaseOf(r approvals.Request) string {
	if r.Progress.Phase == "" {
		return "not in the cloud's list at the moment"
	}
	return r.Progress.Phase
}

func closingNote(r approvals.Request) string {
	who := "by cbhbot"
	if r.Closing.By.ID != "" {
		who = "by " + mention(r.Closing.By.ID)
	}
	return strings.ToUpper(stateNames[r.State][:1]) + stateNames[r.State][1:] + " " + who + " at " + bot.Date(r.Closing.At, time.UTC)
}

// cardText is the notification and what a screen reader reads: one sentence.
func cardText(r approvals.Request, now time.Time) string {
	text := r.Name() + ": " + bot.Escape(title(r), 200)
	if r.Action == approvals.Upgrade {
		text += ", " + exact(r.At, zoneOf(r.Zone))
	}
	return text + ", asked by " + mention(r.Requester.ID) + ": " + stateWords(r) + "."
}

// Action ids of the buttons. What follows a colon only keeps them apart.
const (
	actApprove  = "approve"
	actDeny     = "deny"
	actWithdraw = "withdraw"
	actRetract  = "retract"
	actCheck    = "check_again"
	actCancel   = "cancel"
	actContinue = "continue" // goes on with a command: the value is a draft
	actPickTime = "pick_time"
)

func cardActions(r approvals.Request) []slack.BlockElement {
	value := r.Marker().String()
	if len(r.Batch) > 0 && r.State != approvals.Pending {
		return nil // each goes its own way: /cbh cancel takes one back
	}
	switch r.State {
	case approvals.Pending:
		return pendingActions(r, value)
	case approvals.Unknown:
		return []slack.BlockElement{button(actCheck, "Check again", value)}
	case approvals.Scheduled:
		if r.Action == approvals.Upgrade && r.TakenBack == 0 {
			return []slack.BlockElement{button(actCancel, "Cancel the upgrade", value)}
		}
	case approvals.Expired, approvals.Missed, approvals.Failed:
		if r.Action == approvals.Upgrade && atRest(r) {
			return []slack.BlockElement{button(actPickTime, "Pick a new time", draftOf(r).value())}
		}
	}
	return nil
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
		actions = append(actions, button(actPickTime, "Reschedule", Draft{Verb: "reschedule", Request: r.ID, Channel: r.Channel}.value()))
	}
	return append(actions, button(actWithdraw, "Withdraw", value))
}

// atRest reports whether an ended request left an instance that another upgrade
// can be thought of for.
func atRest(r approvals.Request) bool {
	return r.Closing.Reason != "stuck" && r.Closing.Reason != "broken"
}

// subject is what a decision is about.
func subject(r approvals.Request) string {
	if len(r.Batch) > 0 {
		return "Each of " + batchTitle(r)
	}
	return nameOf(r)
}

func confirmText(r approvals.Request) string {
	switch r.Action {
	case approvals.Cancel:
		return "The scheduled upgrade of " + nameOf(r) + " will not take place."
	case approvals.Rollback:
		return nameOf(r) + " goes back to its earlier version. " + lost
	}
	return fmt.Sprintf("%s will be unavailable for %s from %s.", subject(r), usually, exact(r.At, zoneOf(r.Zone)))
}
