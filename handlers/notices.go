package handlers

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// Notice words what people are told. It is drawn from the stored record only.
func Notice(r approvals.Request, n approvals.Notice, now time.Time) bot.Message {
	if n.Kind == approvals.NoticeReminder {
		r.Reminders = r.Reminders[:min(n.N, len(r.Reminders))]
	}
	v := viewOf(r, min(n.Item, len(r.Items)-1))
	m := answer(noticeText(v, n.Kind, now), noticeButtons(v, n.Kind)...)
	if reason := noticeReason(r, n.Kind); reason != "" {
		m.Blocks = append(m.Blocks, words("Reason", reason))
	}
	m.Metadata = marked(r, n.Key())
	m.Broadcast = n.Kind == approvals.NoticeEmergency && n.To == ""
	return m
}

func noticeText(v view, kind approvals.NoticeKind, now time.Time) mrkdwn.Text {
	r := v.r
	switch kind {
	case approvals.NoticeCalled:
		return calledTexts(v, now)
	case approvals.NoticeCancelAccepted:
		return say(":no_entry_sign: *Cancel accepted.* The cloud said yes to taking back the upgrade of %s at %s. I read that back before I call it cancelled.", v.name(), acceptedFor(v))
	case approvals.NoticeFreed:
		return freedText(v, now)
	case approvals.NoticeRollbackAccepted:
		return say(":rewind: *Rollback accepted.* The cloud said yes to rolling back %s, and begins at once. %s", v.name(), lost)
	case approvals.NoticeRefused:
		return say(":x: *%s* %s%s %s", refusalTitle(r), outcomeWords(v), halfMoved(v), mention(r.Requester.ID))
	case approvals.NoticeUnclear:
		return say(":grey_question: *Unclear.* I asked the cloud to %s, and %s So I do not know whether it took effect. I look at the instance until it is clear, and do not ask twice blindly.", v.asks(), unclearWords(v.it.Call.Outcome))
	case approvals.NoticeNotSent:
		return say(":hourglass: The cloud cannot be reached (%s). Nothing was sent; I keep trying until %s.", code(rawOr(v.it.Call.Outcome)), mrkdwn.Date(r.CallBy(v.i), v.zone()))
	case approvals.NoticeThrottled:
		return say(":hourglass: *Waiting.* The cloud gets too many requests at the moment and has not taken this one, so nothing has happened there. The approvals stand; I call again by myself until %s.",
			mrkdwn.Date(r.CallBy(v.i), v.zone()))
	case approvals.NoticeShutOut:
		return shutOutText(v)
	case approvals.NoticeGivenUp:
		return say(":x: *Failed.* I asked the cloud %d times to %s, and it shows no trace of that.%s %s: look at the instance in the cloud console before you ask again.", v.it.Call.Tries, v.asks(), leftOpen(v), involved(r))
	}
	if text := followText(v, kind, now); !text.Empty() {
		return text
	}
	return peopleText(v, kind, now)
}

// shutOutText is for a cloud that does not let the bot in: whom to tell, and what
// the approvals wait for.
func shutOutText(v view) mrkdwn.Text {
	return say(":lock: *Waiting.* %s Nothing has happened there, and the approvals stand until %s. %s: when it is put right, press *Try again*; I also try by myself every 10 minutes.",
		outcomeWords(v), mrkdwn.Date(shutOutUntil(v), v.zone()), mention(v.r.Requester.ID))
}

func shutOutUntil(v view) time.Time { return v.it.Call.ShutOutAt.Add(approvals.ShutOutFor) }

// calledTexts is the one message about the calls of a request, a line for each that
// the cloud has accepted.
func calledTexts(of view, now time.Time) mrkdwn.Text {
	var lines []mrkdwn.Text
	for _, v := range views(of.r) {
		if v.it.Call.Outcome.Kind == approvals.Accepted {
			lines = append(lines, calledText(v, now))
		}
	}
	if len(lines) == 0 {
		return calledText(of, now)
	}
	return mrkdwn.Join(lines, "\n")
}

// calledText is what is said about an upgrade's call: what is known of it, in
// the words of the moment it became known, so that it changes no more with time.
func calledText(v view, now time.Time) mrkdwn.Text {
	switch {
	case !v.it.Progress.VerifiedAt.IsZero():
		return scheduledText(v, v.it.Progress.VerifiedAt)
	case now.Sub(v.it.Call.FinishedAt) < approvals.InvisibleAfter:
		return say(":calendar: *Accepted, reading it back.* The cloud said yes to the upgrade of %s at %s. I call it scheduled when its list shows the time.", v.name(), momentLine(v.at, v.zone(), v.it.Call.FinishedAt))
	}
	return say(":calendar: *Accepted, not yet visible.* The cloud said yes to the upgrade of %s at %s, but its list does not show the time yet. I keep looking, and say so when it does.", v.name(), momentLine(v.at, v.zone(), v.it.Call.FinishedAt))
}

// peopleText is for what people decided, or left undecided.
func peopleText(v view, kind approvals.NoticeKind, now time.Time) mrkdwn.Text {
	r, zone := v.r, v.zone()
	switch kind {
	case approvals.NoticeDenied:
		return say(":x: *Denied* by %s. Nothing was sent to the cloud.%s", mention(r.Closing.By.ID), standsAsItWas(r))
	case approvals.NoticeWithdrawn:
		return say(":leftwards_arrow_with_hook: *Withdrawn* by %s. Nothing was sent to the cloud.%s", mention(r.Closing.By.ID), standsAsItWas(r))
	case approvals.NoticeExpired:
		return expiredText(r)
	case approvals.NoticeRescheduled:
		return say(":twisted_rightwards_arrows: *Moved* from %s to %s. Approvals start again.", dated(r.Previous, zone), momentLine(r.At, zone, now))
	case approvals.NoticeLapsed:
		return say(":warning: An approval no longer counts: its giver may not approve this any more, or the policy has changed. Still needed: %s. Nothing was sent to the cloud.", stillNeeded(r))
	case approvals.NoticeEmergency:
		text := say(":rotating_light: *Break-glass.* %s skipped the approvals of %s: %s at %s.",
			mention(r.Emergency.By.ID), r.Name(), describe(r), momentLine(r.At, zone, now))
		if !r.Announced.To.Empty() {
			text = text.Then(" %s", mentions(r.Announced.To))
		}
		return text
	case approvals.NoticeReminder:
		return say(":bell: %s: your answer is missing. %s wants to %s%s. It can be approved until %s.", reminded(r), mention(r.Requester.ID), describe(r), atTime(r, now), mrkdwn.Date(r.Deadline, zone))
	case approvals.NoticeDirect:
		return say("%s waits for you: %s asked to %s%s. It needs %s, until %s.", r.Name(), mention(r.Requester.ID), describe(r), atTime(r, now), stillNeeded(r), mrkdwn.Date(r.Deadline, zone))
	case approvals.NoticeClock:
		return say(":warning: *Waiting.* The clock of the bot's machine is wrong by minutes, so I call nothing: the time might be misjudged. Whoever runs the bot has to set it; I go on by myself until the approval deadline, %s.", mrkdwn.Date(r.Deadline, zone))
	case approvals.NoticeStopped:
		return say(":octagonal_sign: *Stopped.* An upgrade of this batch failed, so those that had not started are taken back. What runs goes on. %s", involved(r))
	case approvals.NoticeUnpostable:
		return say("I could not post %s in %s, so nobody can approve it and I withdrew it. %s", r.Name(), mrkdwn.Channel(r.Channel), unpostableWay(r))
	}
	return say("%s: %s", r.Name(), stateWords(r))
}

// reminded are those of the latest reminder.
func reminded(r approvals.Request) mrkdwn.Text {
	var names []mrkdwn.Text
	if n := len(r.Reminders); n > 0 {
		for _, id := range r.Reminders[n-1].Whom {
			names = append(names, mention(id))
		}
	}
	return mrkdwn.Join(names, " ")
}

// atTime is when a request is for; a rollback begins at once.
func atTime(r approvals.Request, now time.Time) mrkdwn.Text {
	if r.Action == approvals.Rollback {
		return mrkdwn.Text{}
	}
	return say(" at %s", momentLine(r.At, zoneOf(r.Zone), now))
}

func expiredText(r approvals.Request) mrkdwn.Text {
	text := say(":alarm_clock: *Expired.* %s was not approved in time", r.Name())
	if r.Action != approvals.Upgrade {
		return text.Then(". Nothing was sent to the cloud. %s, ask again if it is still needed.", mention(r.Requester.ID))
	}
	if why := becauseOfNotice(r); why != "" {
		text = text.Then(": %s", why)
	}
	return text.Then(". Nothing was sent to the cloud.%s %s, pick a new time if it is still needed.", standsAsItWas(r), mention(r.Requester.ID))
}

// unpostableWay is what to do about a channel that takes no card.
func unpostableWay(r approvals.Request) mrkdwn.Text {
	switch r.Closing.Code {
	case "is_archived":
		return say("The channel is archived: ask in another one, or have the person who runs the bot choose another for the cards.")
	case "", "channel_not_found", "not_in_channel":
		return say("Invite me with `/invite @cbhbot`, then type your command again.")
	}
	return say("Slack said %s: tell the person who runs the bot, then type your command again.", code(r.Closing.Code))
}

// unclearWords says what came instead of a yes or a no.
func unclearWords(o approvals.Outcome) mrkdwn.Text {
	text := say("it answered with a fault of its own (%d).", o.Status)
	switch {
	case o.Status == 0:
		return say("the connection broke, or no answer came in time.")
	case o.Code == approvals.CodeUnreadable || o.Raw == "":
		text = say("something answered for it with status %d that I cannot read, such as a proxy's page.", o.Status)
	}
	if o.Raw != "" {
		text = text.Then(" It said: %s.", code(o.Raw))
	}
	return text
}

func rawOr(o approvals.Outcome) string {
	if o.Raw == "" {
		return string(o.Code)
	}
	return o.Raw
}

func refusalTitle(r approvals.Request) string {
	switch r.Action {
	case approvals.Cancel:
		return "Not cancelled."
	case approvals.Rollback:
		return "Not rolled back."
	}
	if r.Moves() {
		return "Not moved."
	}
	return "Not scheduled."
}

func noticeReason(r approvals.Request, kind approvals.NoticeKind) string {
	switch kind {
	case approvals.NoticeDenied, approvals.NoticeWithdrawn:
		return r.Closing.Reason
	case approvals.NoticeEmergency:
		return r.Emergency.Reason
	}
	return ""
}

func noticeButtons(v view, kind approvals.NoticeKind) []slack.BlockElement {
	if kind == approvals.NoticeUnclear {
		return []slack.BlockElement{button(actCheck, "Check again", v.r.Marker().String())}
	}
	if kind == approvals.NoticeShutOut {
		return []slack.BlockElement{button(actTryAgain, "Try again", v.r.Marker().String())}
	}
	if kind == approvals.NoticeStuck {
		return []slack.BlockElement{stopFollowing(v.r)}
	}
	if v.r.Action != approvals.Upgrade {
		return nil
	}
	again := v.again()
	unmoved := v.it.End == "" && v.it.Progress.FoundTime.IsZero()
	switch {
	case kind == approvals.NoticeSucceeded && secondHop(v.it):
		return []slack.BlockElement{button(actPickTime, "Schedule the second upgrade", again.value())}
	case kind == approvals.NoticeChanged && v.it.Watched:
		return watchedActions(v)
	case kind == approvals.NoticeUnwatched && v.it.End == approvals.EndTakenBack:
		return []slack.BlockElement{button(actPickTime, "Pick a new time", again.value())}
	case kind == approvals.NoticeFailed, kind == approvals.NoticeMissed:
		return endingButtons(v)
	case (kind == approvals.NoticeRefused || kind == approvals.NoticeGivenUp) && !v.it.FreedAt.IsZero():
		return afterHalfMoved(v)
	case kind == approvals.NoticeExpired && !v.r.Batch(), kind == approvals.NoticeRefused && slices.Contains(timely, v.it.Call.Outcome.Code), kind == approvals.NoticeChanged && unmoved:
		return []slack.BlockElement{button(actPickTime, "Pick a new time", again.value())}
	}
	return nil
}

// endingButtons are the ways on from an upgrade that came to nothing.
func endingButtons(v view) []slack.BlockElement {
	var ways []slack.BlockElement
	again := v.again()
	if v.it.Progress.Offer == approvals.OfferRollback {
		back := Draft{Verb: "rollback", Instance: again.Instance, Channel: again.Channel}
		ways = append(ways, button(actContinue, "Ask for a rollback", back.value()))
	}
	if v.atRest() {
		ways = append(ways, button(actPickTime, "Pick a new time", again.value()))
	}
	return ways
}
