package handlers

import (
	"errors"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot/mrkdwn"
	"cbhbot/client"
	"cbhbot/handlers/timephrase"
)

// This file turns every error a person can meet into a sentence: what was
// wrong, what it means, and what to do. Nothing else words an error.

// explain returns the sentence for an error; ok is false for faults that are
// not the person's to know about (they are tried again).
func explain(err error) (text mrkdwn.Text, ok bool) {
	var (
		said    saidError
		phrase  *timephrase.Error
		refusal *policy.Refusal
		event   *approvals.EventError
		busy    *store.BusyError
		closed  *policy.ClosedError
		cloud   *client.Error
	)
	switch {
	case errors.As(err, &said):
		return said.text, true
	case errors.As(err, &phrase):
		return say("%s", phrase), true
	case errors.As(err, &refusal):
		return refusalWords(refusal), true
	case errors.Is(err, policy.ErrRules):
		return say("These instances fall under different rules of the policy, so one decision is not enough for them. Ask for them one by one. Nobody was asked."), true
	case errors.As(err, &closed):
		return closedWords(closed, time.UTC).Then(" Nothing was changed. Move it with `/cbh reschedule`, or change the policy."), true
	case errors.As(err, &event):
		return eventWords(event), true
	case errors.As(err, &busy):
		return say("There is an open request for this already: CBH-%d. Type `/cbh status CBH-%d` to see it.", busy.Holder(), busy.Holder()), true
	case errors.Is(err, store.ErrNotFound):
		return say("There is no such request. Type `/cbh list` for those there are."), true
	case errors.Is(err, store.ErrNewer):
		return say("That request was made by a later version of me, so I leave it alone. Try again when the upgrade of the bot is done."), true
	case errors.As(err, &cloud):
		return say("I could not ask the cloud: %s Nothing was changed; please try again later.", cloudWords(reading, codeOf(cloud))), true
	}
	return mrkdwn.Text{}, false
}

func refusalWords(e *policy.Refusal) mrkdwn.Text {
	switch e.Ground {
	case policy.NotApprover:
		return say("You are not among those who may decide this: %s. Nothing was changed.", whoCan(e))
	case policy.OwnRequest:
		return say("You asked for this yourself, so somebody else has to decide it: %s. To take it back, press *Withdraw*.", whoCan(e))
	case policy.NotRequester:
		return say("You may not ask for this here. Those who may: %s.", whoCan(e))
	case policy.NotInvolved:
		return say("Only the requester and the approvers may do this: %s. Nothing was changed.", whoCan(e))
	case policy.NotTrusted:
		return say("The policy does not trust you with skipping approvals. Nothing was changed.")
	case policy.NobodyCan:
		return nobodyWords(e)
	case policy.NobodySees:
		return say("Nobody else reads what we write here, so nobody could approve this. Nothing was asked for: type it in a channel where the approvers are. Whoever runs the bot can also name a channel for all cards (`CBHBOT_CHANNEL`, or `channel` in the policy file).")
	case policy.NoReason:
		return say("This needs a reason. Add it behind two dashes, for example `-- attackers are in`.")
	case policy.Unreachable:
		return say("I could not check who you are and what you may do, because Slack did not answer. Nothing was changed; please try again in a minute.")
	}
	if e.Verb == approvals.VerbRead {
		return say("Only active members of this workspace may see this, and your account is not one (%s).", e.Ground)
	}
	return say("Only active members of this workspace may do this, and your account is not one (%s). Nothing was changed.", e.Ground)
}

func closedWords(e *policy.ClosedError, zone *time.Location) mrkdwn.Text {
	return say("%s %s.", dated(e.At, zone), closureWords(e.Closure))
}

// closureWords ends a sentence that begins with the time.
func closureWords(c *calendar.Closure) mrkdwn.Text {
	if c.Kind == calendar.InFreeze {
		return say("is in a freeze, %s", c.Freeze)
	}
	var windows []mrkdwn.Text
	for _, w := range c.Windows {
		windows = append(windows, say("%s", w))
	}
	allowed := say("; allowed is %s", joined(windows))
	if c.Kind == calendar.TooNearEnd {
		return say("is too near the end of a window for something that takes up to %d hours%s", int(c.Takes/time.Hour), allowed)
	}
	return say("is outside the windows%s", allowed)
}

// joined writes a list for people: "a, b and c".
func joined(words []mrkdwn.Text) mrkdwn.Text {
	if n := len(words); n > 1 {
		return say("%s and %s", mrkdwn.Join(words[:n-1], ", "), words[n-1])
	}
	return mrkdwn.Join(words, "")
}

func whoCan(e *policy.Refusal) mrkdwn.Text {
	if e.Who.Empty() {
		return say("nobody at the moment")
	}
	return mentions(e.Who)
}

func nobodyWords(e *policy.Refusal) mrkdwn.Text {
	if e.Who.Empty() {
		return say("Nobody can approve this: the bot's policy names no approvers for it. Ask the person who runs the bot to set CBHBOT_APPROVERS or the policy file.")
	}
	return say("Nobody could approve this: the policy names %s, which is not enough people besides you. Ask the person who runs the bot to add approvers.", mentions(e.Who))
}

func eventWords(e *approvals.EventError) mrkdwn.Text {
	r := e.Request
	switch e.Obstacle {
	case approvals.Replaced:
		return say("This card was replaced: %s has another time now. Please use the current card. Nothing was changed.", r.Name())
	case approvals.Overtaken:
		return say("You did something else with %s after that, which counts. Nothing was changed.", r.Name())
	case approvals.LastItem:
		return say("Nothing would be left of %s: withdraw it instead. Nothing was changed.", r.Name())
	case approvals.AlreadyDecided:
		return say("Your approval of %s is recorded already.", r.Name())
	case approvals.NothingToUndo:
		return say("You have no approval of %s to take back.", r.Name())
	case approvals.TooLate:
		return tooLateWords(r)
	}
	return say("Nothing was changed: %s is %s%s.", r.Name(), stateWords(r), byWhom(r))
}

func tooLateWords(r approvals.Request) mrkdwn.Text {
	text := say("It is too late for %s: the approval deadline has passed", r.Name())
	if why := becauseOfNotice(r); why != "" {
		return text.Then(", because %s. Pick a new time.", why)
	}
	return text.Then(".")
}

// byWhom tells the loser of a race who was faster.
func byWhom(r approvals.Request) mrkdwn.Text {
	if r.Closing.By.ID != "" {
		return say(" (%s, %s)", mention(r.Closing.By.ID), date(r.Closing.At))
	}
	if given := r.Approvals(); len(given) > 0 && r.State != approvals.Pending {
		last := given[len(given)-1]
		return say(" (approved by %s, %s)", mention(last.By.ID), date(last.At))
	}
	return mrkdwn.Text{}
}

// outcomeWords says why the cloud (or the look before the call) said no, and
// what to do. The cloud's own text follows where there is one.
func outcomeWords(v view) mrkdwn.Text {
	o := v.it.Call.Outcome
	action, _ := v.r.Doing(v.i)
	text := cloudWords(action, o.Code)
	switch early := o.Code == approvals.CodeTooLate && v.it.Call.Tries == 0; {
	case early && !v.it.FreedAt.IsZero():
		text = say("By then it was too late for the other time: the cloud wants to know %s ahead.", timephrase.Spell(v.r.Lead))
	case early:
		text = say("By the time it could be sent it was too late: the cloud wants to know %s ahead. Nothing was sent to it. Pick a new time.", timephrase.Spell(v.r.Lead))
	}
	if shown := o.Phase; shown != "" {
		text = text.Then(" The cloud shows it as %s.", code(shown))
	}
	if raw := o.Raw; raw != "" {
		text = text.Then(" The cloud said: %s", code(raw))
	}
	if id := o.RequestID; id != "" {
		text = text.Then(" (request %s)", code(id))
	}
	return text
}

// reading is the action of a look at the cloud.
const reading approvals.Action = ""

func codeOf(e *client.Error) approvals.Code { return approvals.Code(e.Kind.String()) }

// cloudWords has a sentence for each code of an outcome, and where it matters
// one of its own for the action.
func cloudWords(action approvals.Action, word approvals.Code) mrkdwn.Text {
	if text, ok := actionSentences[action][word]; ok {
		return text
	}
	if text, ok := cloudSentences[word]; ok {
		return text
	}
	return say("The cloud refused (%s).", word)
}

var cloudSentences = map[approvals.Code]mrkdwn.Text{
	approvals.CodeBadRequest:       say("The cloud did not accept the request as it was made (400). Check the instance in the cloud console, then ask again; if it stays, tell whoever runs the bot."),
	approvals.CodeTooSoon:          say("The cloud says that the time is too close (400). Pick a later time."),
	approvals.CodeNotAuthenticated: say("The cloud does not accept the bot's own login (401). Tell whoever runs the bot to check its cloud credentials."),
	approvals.CodeNoPermission:     say("The bot's cloud account may not do this (403). Tell whoever runs the bot to give it the CBH upgrade permission."),
	approvals.CodeLatest:           say("The instance already has the latest version, so there is nothing to upgrade."),
	approvals.CodeAgentNotStarted:  say("The agent on the instance is not running, so it cannot be upgraded (403). Start the agent in the cloud console, then ask again."),
	approvals.CodeGone:             say("The cloud knows no such instance. Type `/cbh instances` for those there are."),
	approvals.CodeConflict:         say("The cloud says that the instance is in the middle of something else (409). Wait until it is done, then ask again."),
	approvals.CodeThrottled:        say("The cloud gets too many requests at the moment (429). Nothing was scheduled; ask again in a few minutes."),
	approvals.CodeNoProject:        say("The bot's configuration has no such cloud project any more. Tell whoever runs the bot."),
	approvals.CodeUnreached:        say("The cloud has a fault of its own at the moment (5xx)."),
	approvals.CodeUnreadable:       say("The cloud answered something that I cannot read."),
	approvals.CodeBusy:             say("The instance is not active and idle, so it cannot be upgraded at the moment. Wait until it is, then ask again."),
	approvals.CodeNotOffered:       say("The cloud offers no upgrade of this instance at the moment, only the way back from its last cross-version upgrade. It may offer one when the 7 days for that are over."),
	approvals.CodeDiffers:          say("The instance is not what was approved any more: its version, its server id or the upgrade that the cloud offers has changed since. Ask again, so that people approve what will be done."),
	approvals.CodeUnsupported:      say("The region of this instance does not support upgrades through the cloud's API. Use the cloud console, or ask the cloud's support."),
	approvals.CodeOther:            say("The cloud already holds an upgrade of this instance, which was not made by this request. Cancel that one first: `/cbh cancel`."),
	approvals.CodeNothing:          say("The cloud holds no upgrade of this instance that could be cancelled."),
	approvals.CodeStarted:          say("The upgrade has started, and a started upgrade cannot be cancelled."),
	approvals.CodeNoReturn:         say("The cloud offers no rollback for this instance: it is possible only within 7 days of a cross-version upgrade."),
	approvals.CodeLapsed:           say("The approvals do not stand any more: somebody who gave one may not approve this now, or the policy has changed. Nothing more was sent to the cloud."),
	approvals.CodeHeld:             say("Another request for this instance was made between the two steps. Type `/cbh status` to see it."),
	approvals.CodeTooLate:          say("By the time it was clear that the first attempt had not taken effect, it was too late for a second. Pick a new time."),
}

// actionSentences are for codes that mean something of their own for an action.
var actionSentences = map[approvals.Action]map[approvals.Code]mrkdwn.Text{
	reading: {
		approvals.CodeNoPermission: say("The bot's cloud account may not list the bastions (403). Tell whoever runs the bot to give it the permission to read CBH instances."),
	},
	approvals.Cancel: {
		approvals.CodeTooSoon:   say("The cloud does not take an upgrade back this close to its time (400). Cancel it in the cloud console, or open a ticket with the cloud."),
		approvals.CodeOther:     say("The cloud holds an upgrade of this instance at another time than the one to cancel: somebody has moved it outside the bot."),
		approvals.CodeConflict:  say("The cloud says that the instance is in the middle of something else (409), so the upgrade stands as it was. Look at it in the cloud console."),
		approvals.CodeThrottled: say("The cloud gets too many requests at the moment (429). Nothing was cancelled; ask again in a few minutes."),
	},
	approvals.Rollback: {
		approvals.CodeBusy:      say("The instance is not active and idle, so it cannot be rolled back at the moment. Wait until it is, then ask again."),
		approvals.CodeThrottled: say("The cloud gets too many requests at the moment (429). Nothing was rolled back; ask again in a few minutes."),
	},
}

// unreadWords says why a list of instances is not whole.
func unreadWords(err error) mrkdwn.Text {
	if text, ok := explain(err); ok {
		return text
	}
	return say("A project of the cloud did not answer in time.")
}
