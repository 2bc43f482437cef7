package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// Notice words what a thread is told under a key, e.g. "scheduled" or
// "refused". A key may carry a number behind a space, which keeps repeated
// notices apart. It is drawn from the stored record only.
func Notice(r approvals.Request, key string, now time.Time) bot.Message {
	kind := key
	if words, number, found := strings.Cut(key, " "); found && isNumber(number) {
		kind = words
		if n, _ := strconv.Atoi(number); kind == "reminder" {
			r.Reminders = r.Reminders[:min(n, len(r.Reminders))]
		}
	}
	m := answer(noticeText(r, kind, now), noticeButtons(r, kind)...)
	if reason := noticeReason(r, kind); reason != "" {
		m.Blocks = append(m.Blocks, words("Reason", reason))
	}
	m.Metadata = marked(r, key)
	m.Broadcast = kind == "emergency"
	return m
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func noticeText(r approvals.Request, kind string, now time.Time) string {
	name, zone := nameOf(r), zoneOf(r.Zone)
	switch kind {
	case "scheduled":
		return scheduledText(r, now)
	case "accepted":
		return fmt.Sprintf(":calendar: *Accepted, not yet visible.* The cloud said yes to the upgrade of %s at %s, but its list does not show the time yet. I keep looking, and say so when it does.", name, momentLine(r.At, zone, now))
	case "cancel accepted":
		return fmt.Sprintf(":no_entry_sign: *Cancel accepted.* The cloud said yes to taking back the upgrade of %s at %s. I read that back before I call it cancelled.", name, exact(r.At, zone))
	case "rollback accepted":
		return fmt.Sprintf(":rewind: *Rollback accepted.* The cloud said yes to rolling back %s, and begins at once. %s", name, lost)
	case "blind", "running", "replaced", "succeeded", "failed", "missed", "changed", "cancelled":
		return followText(r, kind, now)
	case "refused":
		return ":x: *" + refusalTitle(r) + "* " + outcomeWords(r) + " " + mention(r.Requester.ID)
	case "unclear":
		return fmt.Sprintf(":grey_question: *Unclear.* I asked the cloud to %s, and %s So I do not know whether it took effect. I look at the instance until it is clear, and do not ask twice blindly.", describe(r), unclearWords(r.Call.Outcome))
	case "not sent":
		return fmt.Sprintf(":hourglass: The cloud cannot be reached (%s). Nothing was sent; I keep trying until the approval deadline, %s.", code(rawOr(r.Call.Outcome)), bot.Date(r.Deadline, zone))
	case "given up":
		return fmt.Sprintf(":x: *Failed.* I asked the cloud %d times to %s, and it shows no trace of that. %s: look at the instance in the cloud console before you ask again.", r.Call.Attempt, describe(r), involved(r))
	}
	return peopleText(r, kind, now)
}

// peopleText is for what people decided, or left undecided.
func peopleText(r approvals.Request, kind string, now time.Time) string {
	zone := zoneOf(r.Zone)
	switch kind {
	case "denied":
		return fmt.Sprintf(":x: *Denied* by %s. Nothing was sent to the cloud.", mention(r.Closing.By.ID))
	case "withdrawn":
		return fmt.Sprintf(":leftwards_arrow_with_hook: *Withdrawn* by %s. Nothing was sent to the cloud.", mention(r.Closing.By.ID))
	case "expired":
		return expiredText(r)
	case "rescheduled":
		return fmt.Sprintf(":twisted_rightwards_arrows: *Moved* from %s to %s. Approvals start again.", exact(r.Previous, zone), momentLine(r.At, zone, now))
	case "lapsed":
		return ":warning: An approval no longer counts: its giver may not approve this any more, or the policy has changed. It now needs " + r.Quorum + ". Nothing was sent to the cloud."
	case "emergency":
		return strings.TrimSpace(fmt.Sprintf(":rotating_light: *Break-glass.* %s skipped the approvals of %s: %s at %s. %s",
			mention(r.Emergency.By.ID), r.Name(), describe(r), momentLine(r.At, zone, now), r.Announced))
	case "reminder":
		return fmt.Sprintf(":bell: %s: your answer is missing. %s wants to %s%s. It can be approved until %s.", reminded(r), mention(r.Requester.ID), describe(r), atTime(r, now), bot.Date(r.Deadline, zone))
	case "direct":
		return fmt.Sprintf("%s waits for you: %s asked to %s%s. It needs %s, until %s.", r.Name(), mention(r.Requester.ID), describe(r), atTime(r, now), stillNeeded(r), bot.Date(r.Deadline, zone))
	case "clock":
		return fmt.Sprintf(":warning: *Waiting.* The clock of the bot's machine is wrong by minutes, so I call nothing: the time might be misjudged. Whoever runs the bot has to set it; I go on by myself until the approval deadline, %s.", bot.Date(r.Deadline, zone))
	case "stopped":
		return fmt.Sprintf(":octagonal_sign: *Stopped.* An upgrade of this batch failed, so those that had not started are taken back. What runs goes on. %s", involved(r))
	case "unpostable":
		return fmt.Sprintf("I could not post %s in <#%s>, so nobody can approve it and I withdrew it. %s", r.Name(), r.Channel, unpostableWay(r))
	}
	return r.Name() + ": " + stateWords(r)
}

// reminded are those of the latest reminder.
func reminded(r approvals.Request) string {
	var names []string
	if n := len(r.Reminders); n > 0 {
		for _, id := range r.Reminders[n-1].Whom {
			names = append(names, mention(id))
		}
	}
	return strings.Join(names, " ")
}

// atTime is when a request is for; a rollback begins at once.
func atTime(r approvals.Request, now time.Time) string {
	if r.Action == approvals.Rollback {
		return ""
	}
	return " at " + momentLine(r.At, zoneOf(r.Zone), now)
}

func expiredText(r approvals.Request) string {
	text := fmt.Sprintf(":alarm_clock: *Expired.* %s was not approved in time", r.Name())
	if r.Action != approvals.Upgrade {
		return text + fmt.Sprintf(". Nothing was sent to the cloud. %s, ask again if it is still needed.", mention(r.Requester.ID))
	}
	return text + fmt.Sprintf(": the cloud wants to know 24 hours ahead. Nothing was sent to it. %s, pick a new time if it is still needed.", mention(r.Requester.ID))
}

// unpostableWay is what to do about a channel that takes no card.
func unpostableWay(r approvals.Request) string {
	said := r.Closing.Reason[strings.LastIndex(r.Closing.Reason, " ")+1:]
	switch said {
	case "is_archived":
		return "The channel is archived: ask in another one, or have the person who runs the bot choose another for the cards."
	case "", "channel_not_found", "not_in_channel":
		return "Invite me with `/invite @cbhbot`, then type your command again."
	}
	return "Slack said " + code(said) + ": tell the person who runs the bot, then type your command again."
}

// unclearWords says what came instead of a yes or a no.
func unclearWords(o approvals.Outcome) string {
	text := "it answered with a fault of its own (" + strconv.Itoa(o.Status) + ")."
	switch {
	case o.Status == 0:
		return "the connection broke, or no answer came in time."
	case o.Code == "unreadable" || o.Raw == "":
		text = "something answered for it with status " + strconv.Itoa(o.Status) + " that I cannot read, such as a proxy's page."
	}
	if o.Raw != "" {
		text += " It said: " + code(o.Raw) + "."
	}
	return text
}

func describe(r approvals.Request) string {
	if len(r.Batch) > 0 {
		return "upgrade " + batchTitle(r)
	}
	return strings.ToLower(actionTitles[r.Action][:1]) + actionTitles[r.Action][1:] + " " + nameOf(r)
}

func rawOr(o approvals.Outcome) string {
	if o.Raw == "" {
		return o.Code
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
	return "Not scheduled."
}

func noticeReason(r approvals.Request, kind string) string {
	switch kind {
	case "denied", "withdrawn":
		return r.Closing.Reason
	case "emergency":
		return r.Emergency.Reason
	}
	return ""
}

func noticeButtons(r approvals.Request, kind string) []slack.BlockElement {
	if kind == "unclear" {
		return []slack.BlockElement{button(actCheck, "Check again", r.Marker().String())}
	}
	if r.Action != approvals.Upgrade {
		return nil
	}
	again := draftOf(r)
	switch {
	case kind == "succeeded" && secondHop(r):
		return []slack.BlockElement{button(actPickTime, "Schedule the second upgrade", again.value())}
	case kind == "failed", kind == "missed":
		return endingButtons(r, again)
	case kind == "expired", kind == "refused", kind == "changed" && r.Closing.Reason == "" && r.Progress.FoundTime.IsZero():
		return []slack.BlockElement{button(actPickTime, "Pick a new time", again.value())}
	}
	return nil
}

// endingButtons are the ways on from an upgrade that came to nothing.
func endingButtons(r approvals.Request, again Draft) []slack.BlockElement {
	var ways []slack.BlockElement
	if r.Progress.Next == "ROLLBACK" {
		back := Draft{Verb: "rollback", Instance: again.Instance, Channel: again.Channel}
		ways = append(ways, button(actContinue, "Ask for a rollback", back.value()))
	}
	if atRest(r) {
		ways = append(ways, button(actPickTime, "Pick a new time", again.value()))
	}
	return ways
}
