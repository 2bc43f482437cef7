package handlers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/client"
	"cbhbot/handlers/timephrase"
)

// This file turns every error a person can meet into a sentence: what was
// wrong, what it means, and what to do. Nothing else words an error.

// explain returns the sentence for an error; ok is false for faults that are
// not the person's to know about (they are tried again).
func explain(err error) (text string, ok bool) {
	var (
		said    plainError
		phrase  *timephrase.Error
		refusal *policy.Refusal
		event   *approvals.EventError
		busy    *store.BusyError
		closed  *policy.ClosedError
		cloud   *client.Error
	)
	switch {
	case errors.As(err, &said):
		return string(said), true
	case errors.As(err, &phrase):
		return bot.Escape(phrase.Error(), 1000), true
	case errors.As(err, &refusal):
		return refusalWords(refusal), true
	case errors.Is(err, policy.ErrRules):
		return "These instances fall under different rules of the policy, so one decision is not enough for them. Ask for them one by one. Nobody was asked.", true
	case errors.As(err, &closed):
		return closedWords(closed, time.UTC) + " Nothing was changed. Move it with `/cbh reschedule`, or change the policy.", true
	case errors.As(err, &event):
		return eventWords(event), true
	case errors.As(err, &busy):
		return fmt.Sprintf("There is an open request for this already: CBH-%d. Type `/cbh status CBH-%d` to see it.", busy.Holder(), busy.Holder()), true
	case errors.Is(err, store.ErrNotFound):
		return "There is no such request. Type `/cbh list` for those there are.", true
	case errors.Is(err, store.ErrNewer):
		return "That request was made by a later version of me, so I leave it alone. Try again when the upgrade of the bot is done.", true
	case errors.As(err, &cloud):
		return "I could not ask the cloud: " + cloudWords("", codeOf(cloud)) + " Nothing was changed; please try again later.", true
	}
	return "", false
}

func refusalWords(e *policy.Refusal) string {
	switch e.Ground {
	case policy.NotApprover:
		return "You are not among those who may decide this: " + whoCan(e) + ". Nothing was changed."
	case policy.OwnRequest:
		return "You asked for this yourself, so somebody else has to decide it: " + whoCan(e) + ". To take it back, press *Withdraw*."
	case policy.NotRequester:
		return "You may not ask for this here. Those who may: " + whoCan(e) + "."
	case policy.NotInvolved:
		return "Only the requester and the approvers may do this: " + whoCan(e) + ". Nothing was changed."
	case policy.NotTrusted:
		return "The policy does not trust you with skipping approvals. Nothing was changed."
	case policy.NobodyCan:
		return nobodyWords(e)
	case policy.NoReason:
		return "This needs a reason. Add it behind two dashes, for example `-- attackers are in`."
	case policy.Unreachable:
		return "I could not check who you are and what you may do, because Slack did not answer. Nothing was changed; please try again in a minute."
	}
	return "Only active members of this workspace may do this, and your account is not one (" + string(e.Ground) + "). Nothing was changed."
}

func closedWords(e *policy.ClosedError, zone *time.Location) string {
	return exact(e.At, zone) + " " + closureWords(e.Closure) + "."
}

// closureWords ends a sentence that begins with the time.
func closureWords(c *calendar.Closure) string {
	if c.Kind == calendar.InFreeze {
		return "is in a freeze, " + bot.Escape(c.Freeze.String(), 1000)
	}
	var windows []string
	for _, w := range c.Windows {
		windows = append(windows, w.String())
	}
	allowed := "; allowed is " + joined(windows)
	if c.Kind == calendar.TooNearEnd {
		return fmt.Sprintf("is too near the end of a window for something that takes up to %d hours", c.Takes/time.Hour) + allowed
	}
	return "is outside the windows" + allowed
}

// joined writes a list for people: "a, b and c".
func joined(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

func whoCan(e *policy.Refusal) string {
	if e.Who.Empty() {
		return "nobody at the moment"
	}
	return mentions(e.Who)
}

func nobodyWords(e *policy.Refusal) string {
	if e.Who.Empty() {
		return "Nobody can approve this: the bot's policy names no approvers for it. Ask the person who runs the bot to set CBHBOT_APPROVERS or the policy file."
	}
	return "Nobody could approve this: the policy names " + mentions(e.Who) + ", which is not enough people besides you. Ask the person who runs the bot to add approvers."
}

func eventWords(e *approvals.EventError) string {
	r := e.Request
	switch e.Obstacle {
	case approvals.Replaced:
		return "This card was replaced: " + r.Name() + " has another time now. Please use the current card. Nothing was changed."
	case approvals.Overtaken:
		return "You did something else with " + r.Name() + " after that, which counts. Nothing was changed."
	case approvals.LastItem:
		return "Nothing would be left of " + r.Name() + ": withdraw it instead. Nothing was changed."
	case approvals.AlreadyDecided:
		return "Your approval of " + r.Name() + " is recorded already."
	case approvals.NothingToUndo:
		return "You have no approval of " + r.Name() + " to take back."
	case approvals.TooLate:
		return "It is too late for " + r.Name() + ": the approval deadline has passed, because the cloud wants to know 24 hours ahead. Pick a new time."
	}
	return "Nothing was changed: " + r.Name() + " is " + stateWords(r) + byWhom(r) + "."
}

// byWhom tells the loser of a race who was faster.
func byWhom(r approvals.Request) string {
	if r.Closing.By.ID != "" {
		return " (" + mention(r.Closing.By.ID) + ", " + bot.Date(r.Closing.At, time.UTC) + ")"
	}
	if given := r.Approvals(); len(given) > 0 && r.State != approvals.Pending {
		last := given[len(given)-1]
		return " (approved by " + mention(last.By.ID) + ", " + bot.Date(last.At, time.UTC) + ")"
	}
	return ""
}

// outcomeWords says why the cloud (or the look before the call) said no, and
// what to do. The cloud's own text follows where there is one.
func outcomeWords(v view) string {
	o := v.it.Call.Outcome
	text := cloudWords(v.r.Action, o.Code)
	if o.Code == approvals.CodeTooLate && v.it.Call.Tries == 0 {
		text = "By the time it could be sent it was too late: the cloud wants to know 24 hours ahead. Nothing was sent to it. Pick a new time."
	}
	if shown := o.Phase; shown != "" {
		text += " The cloud shows it as " + code(shown) + "."
	}
	if raw := o.Raw; raw != "" {
		text += " The cloud said: " + code(raw)
	}
	if id := o.RequestID; id != "" {
		text += " (request " + code(id) + ")"
	}
	return text
}

func codeOf(e *client.Error) approvals.Code { return approvals.Code(e.Kind.String()) }

// cloudWords has a sentence for each code of an outcome, and where it matters
// one of its own for the action.
func cloudWords(action approvals.Action, word approvals.Code) string {
	if text, ok := actionSentences[action][word]; ok {
		return text
	}
	if text, ok := cloudSentences[word]; ok {
		return text
	}
	return "The cloud refused (" + string(word) + ")."
}

var cloudSentences = map[approvals.Code]string{
	approvals.CodeBadRequest:       "The cloud did not accept the request as it was made (400). Check the instance in the cloud console, then ask again; if it stays, tell whoever runs the bot.",
	approvals.CodeTooSoon:          "The cloud says that the time is too close: it wants to know more than 24 hours ahead (400). Pick a later time.",
	approvals.CodeNotAuthenticated: "The cloud does not accept the bot's own login (401). Tell whoever runs the bot to check its cloud credentials.",
	approvals.CodeNoPermission:     "The bot's cloud account may not do this (403). Tell whoever runs the bot to give it the CBH upgrade permission.",
	approvals.CodeLatest:           "The instance already has the latest version, so there is nothing to upgrade.",
	approvals.CodeAgentNotStarted:  "The agent on the instance is not running, so it cannot be upgraded (403). Start the agent in the cloud console, then ask again.",
	approvals.CodeGone:             "The cloud knows no such instance. Type `/cbh instances` for those there are.",
	approvals.CodeConflict:         "The cloud says that the instance is in the middle of something else (409). Wait until it is done, then ask again.",
	approvals.CodeThrottled:        "The cloud gets too many requests at the moment (429). Nothing was scheduled; ask again in a few minutes.",
	approvals.CodeNoProject:        "The bot's configuration has no such cloud project any more. Tell whoever runs the bot.",
	approvals.CodeUnreached:        "The cloud has a fault of its own at the moment (5xx).",
	approvals.CodeUnreadable:       "The cloud answered something that I cannot read.",
	approvals.CodeBusy:             "The instance is not active and idle, so it cannot be upgraded at the moment. Wait until it is, then ask again.",
	approvals.CodeNotOffered:       "The cloud offers no upgrade of this instance at the moment, only the way back from its last cross-version upgrade. It may offer one when the 7 days for that are over.",
	approvals.CodeDiffers:          "The instance is not what was approved any more: its version, its server id or the upgrade that the cloud offers has changed since. Ask again, so that people approve what will be done.",
	approvals.CodeUnsupported:      "The region of this instance does not support upgrades through the cloud's API. Use the cloud console, or ask the cloud's support.",
	approvals.CodeOther:            "The cloud already holds an upgrade of this instance, which was not made by this request. Cancel that one first: `/cbh cancel`.",
	approvals.CodeNothing:          "The cloud holds no upgrade of this instance that could be cancelled.",
	approvals.CodeStarted:          "The upgrade has started, and a started upgrade cannot be cancelled.",
	approvals.CodeNoReturn:         "The cloud offers no rollback for this instance: it is possible only within 7 days of a cross-version upgrade.",
	approvals.CodeLapsed:           "The approvals do not stand any more: somebody who gave one may not approve this now, or the policy has changed. Nothing more was sent to the cloud.",
	approvals.CodeTooLate:          "By the time it was clear that the first attempt had not taken effect, it was too late for a second. Pick a new time.",
}

// actionSentences are for codes that mean something of their own for an action.
var actionSentences = map[approvals.Action]map[approvals.Code]string{
	approvals.Cancel: {
		approvals.CodeTooSoon:   "The cloud does not take an upgrade back this close to its time (400). Cancel it in the cloud console, or open a ticket with the cloud.",
		approvals.CodeOther:     "The cloud holds an upgrade of this instance at another time than the one to cancel: somebody has moved it outside the bot.",
		approvals.CodeConflict:  "The cloud says that the instance is in the middle of something else (409), so the upgrade stands as it was. Look at it in the cloud console.",
		approvals.CodeThrottled: "The cloud gets too many requests at the moment (429). Nothing was cancelled; ask again in a few minutes.",
	},
	approvals.Rollback: {
		approvals.CodeBusy:      "The instance is not active and idle, so it cannot be rolled back at the moment. Wait until it is, then ask again.",
		approvals.CodeThrottled: "The cloud gets too many requests at the moment (429). Nothing was rolled back; ask again in a few minutes.",
	},
}

// unreadWords says why a list of instances is not whole.
func unreadWords(err error) string {
	if text, ok := explain(err); ok {
		return text
	}
	return "A project of the cloud did not answer in time."
}
