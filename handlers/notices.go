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
	kind, _, _ := strings.Cut(key, " ")
	if strings.HasPrefix(key, "cancel ") || strings.HasPrefix(key, "not ") || strings.HasPrefix(key, "given ") {
		kind = key
	}
	m := answer(noticeText(r, kind, now), noticeButtons(r, kind)...)
	if reason := noticeReason(r, kind); reason != "" {
		m.Blocks = append(m.Blocks, words("Reason", reason))
	}
	m.Metadata = marked(r, key)
	return m
}

func noticeText(r approvals.Request, kind string, now time.Time) string {
	name, zone := code(r.Target.Name), zoneOf(r.Zone)
	switch kind {
	case "scheduled":
		return fmt.Sprintf(":calendar: *Scheduled.* The cloud will upgrade %s at %s. I read the time back and it is the one that was approved.", name, momentLine(r.At, zone, now))
	case "accepted":
		return fmt.Sprintf(":calendar: *Accepted, not yet visible.* The cloud said yes to the upgrade of %s at %s, but its list does not show the time yet. I keep looking.", name, momentLine(r.At, zone, now))
	case "running":
		return fmt.Sprintf(":hourglass_flowing_sand: *Started.* %s is being upgraded and is unavailable; this usually takes %s.", name, usually)
	case "succeeded":
		return succeededText(r)
	case "failed":
		return failedText(r)
	case "missed":
		return fmt.Sprintf(":warning: *Missed.* The upgrade of %s was due at %s and did not start within 30 minutes; the version is unchanged. Look at the instance in the cloud console, then pick a new time.", name, exact(r.At, zone))
	case "changed":
		return changedText(r, now)
	case "cancelled":
		return fmt.Sprintf(":no_entry_sign: *Cancelled.* The cloud holds no upgrade of %s any more; I read it back.", name)
	case "cancel accepted":
		return fmt.Sprintf(":no_entry_sign: The cloud accepted the cancel of the upgrade of %s. The thread of CBH-%d will say when I have read it back.", name, r.Of)
	case "replaced":
		return fmt.Sprintf(":information_source: %s came back under another server id, %s, as cross-version upgrades do. I follow that one.", name, code(r.Target.ServerID))
	case "denied":
		return fmt.Sprintf(":x: *Denied* by %s. Nothing was sent to the cloud.", mention(r.Closing.By.ID))
	case "withdrawn":
		return fmt.Sprintf(":leftwards_arrow_with_hook: *Withdrawn* by %s. Nothing was sent to the cloud.", mention(r.Closing.By.ID))
	case "expired":
		return fmt.Sprintf(":alarm_clock: *Expired.* %s was not approved in time: the cloud wants to know 24 hours ahead. Nothing was sent to it. %s, pick a new time if it is still needed.", r.Name(), mention(r.Requester.ID))
	case "rescheduled":
		return fmt.Sprintf(":twisted_rightwards_arrows: *Moved* from %s to %s. Approvals start again.", exact(r.Previous, zone), momentLine(r.At, zone, now))
	case "lapsed":
		return ":warning: An approval no longer counts: its giver may not approve this any more, or the policy has changed. It now needs " + r.Quorum + ". Nothing was sent to the cloud."
	case "emergency":
		return fmt.Sprintf(":rotating_light: *Break-glass.* %s skipped the approvals for %s.", mention(r.Emergency.By.ID), name)
	case "unpostable":
		return fmt.Sprintf("I could not post %s in <#%s>, so nobody can approve it and I withdrew it. Invite me with `/invite @cbhbot`, then type your command again.", r.Name(), r.Channel)
	case "unclear":
		return fmt.Sprintf(":grey_question: *Unclear.* I asked the cloud to %s, and %s So I do not know whether it took effect. I look at the instance until it is clear, and do not ask twice blindly.", describe(r), unclearWords(r.Call.Outcome))
	case "not sent":
		return fmt.Sprintf(":hourglass: The cloud cannot be reached (%s). Nothing was sent; I keep trying until the approval deadline, %s.", code(rawOr(r.Call.Outcome)), bot.Date(r.Deadline, zone))
	case "given up":
		return fmt.Sprintf(":x: *Failed.* After %d attempts the cloud shows no trace of %s. Look at the instance in the cloud console before you ask again.", r.Call.Attempt, describe(r))
	case "refused":
		return ":x: *" + refusalTitle(r) + "* " + outcomeWords(r)
	}
	return r.Name() + ": " + stateWords(r)
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
	return strings.ToLower(actionTitles[r.Action][:1]) + actionTitles[r.Action][1:] + " " + code(r.Target.Name)
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

func succeededText(r approvals.Request) string {
	text := fmt.Sprintf(":white_check_mark: *Finished:* %s went from %s to %s", code(r.Target.Name), code(r.Target.Version), code(r.Progress.Version))
	if !r.Progress.StartedAt.IsZero() {
		text += ", took " + span(r.Progress.EndedAt.Sub(r.Progress.StartedAt))
	}
	text += "."
	if r.Action == approvals.Upgrade && secondHop(r) {
		text += " The cloud offers one more upgrade: old versions need two steps."
	}
	return text
}

func secondHop(r approvals.Request) bool {
	return r.Progress.Next == "NEW" || r.Progress.Next == "CROSS_OS"
}

func failedText(r approvals.Request) string {
	who := mention(r.Requester.ID)
	name := code(r.Target.Name)
	switch r.Closing.Reason {
	case "stuck":
		return fmt.Sprintf(":x: *Stuck.* %s has been upgrading for more than 4 hours (%s). %s: open a ticket with the cloud, and do not restart the instance meanwhile.", name, code(r.Progress.Phase), who)
	case "broken":
		return fmt.Sprintf(":x: *Failed.* %s is in an error state (%s). %s: look at it in the cloud console and open a ticket with the cloud.", name, code(r.Progress.Phase), who)
	}
	return fmt.Sprintf(":x: *Failed.* The upgrade of %s ended and its version is still %s. %s: check its agent and backup in the cloud console, then pick a new time.", name, code(r.Progress.Version), who)
}

func changedText(r approvals.Request, now time.Time) string {
	name := code(r.Target.Name)
	switch {
	case r.Closing.Reason == "gone":
		return fmt.Sprintf(":warning: *Changed outside.* %s is not in the cloud's list any more. I stop following it.", name)
	case r.Progress.FoundTime.IsZero():
		return fmt.Sprintf(":warning: *Changed outside.* The cloud holds no upgrade of %s any more, and it was not cancelled through me. Ask who works in the cloud console; I stop following it.", name)
	}
	return fmt.Sprintf(":warning: *Changed outside.* The upgrade of %s is at %s in the cloud, not at the approved %s. Ask who works in the cloud console; I stop following it.",
		name, momentLine(r.Progress.FoundTime, zoneOf(r.Zone), now), exact(r.At, zoneOf(r.Zone)))
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
	switch {
	case kind == "unclear":
		return []slack.BlockElement{button(actCheck, "Check again", r.Marker().String())}
	case kind == "succeeded" && r.Action == approvals.Upgrade && secondHop(r):
		return []slack.BlockElement{button(actPickTime, "Schedule the second upgrade", draftOf(r).value())}
	case kind == "expired", kind == "missed", kind == "refused" && r.Action == approvals.Upgrade:
		return []slack.BlockElement{button(actPickTime, "Pick a new time", draftOf(r).value())}
	}
	return nil
}
