package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
)

// This file words the rows of the facts' table "say / when": what became of a
// call that the cloud accepted. Each says what happened, what the state is, and
// what to do; those that need somebody name the people once.

// guide is what to look at before and after an upgrade, and why one may fail.
const guide = "<https://support.huaweicloud.com/intl/en-us/usermanual-cbh/cbh_02_1005.html|the guide's checklist>"

// involved are the people to turn to: who asked, and who approved.
func involved(r approvals.Request) string {
	ids := []string{r.Requester.ID}
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.ID)
	}
	if r.Emergency != nil {
		ids = append(ids, r.Emergency.By.ID)
	}
	var names []string
	for n, id := range ids {
		if !slices.Contains(ids[:n], id) {
			names = append(names, mention(id))
		}
	}
	return strings.Join(names, " ")
}

func followText(r approvals.Request, kind string, now time.Time) string {
	switch kind {
	case "blind":
		return fmt.Sprintf(":warning: *I cannot see.* The cloud has not let me read its instances since %s, so I do not know what becomes of %s. The cloud goes on by itself; look at it in the cloud console. I keep trying, and write here what I find.", exact(r.Progress.BlindSince, zoneOf(r.Zone)), nameOf(r))
	case "running":
		return startedText(r)
	case "replaced":
		return fmt.Sprintf(":information_source: *Same bastion, another server id.* %s came back as %s, as cross-version upgrades make it. I follow that one.", nameOf(r), code(r.Target.ServerID))
	case "succeeded":
		return succeededText(r)
	case "failed":
		return failedText(r)
	case "missed":
		return missedText(r)
	case "changed":
		return changedText(r, now)
	}
	return fmt.Sprintf(":no_entry_sign: *Cancelled.* CBH-%d took this upgrade back: the cloud holds none of %s at %s any more; I read it back.", r.TakenBack, nameOf(r), exact(r.At, zoneOf(r.Zone)))
}

func scheduledText(r approvals.Request, now time.Time) string {
	text := fmt.Sprintf(":calendar: *Scheduled.* The cloud will upgrade %s at %s. I read the time back and it is the one that was approved. Before then, back up its data and see that its agent runs: %s.",
		nameOf(r), momentLine(r.At, zoneOf(r.Zone), now), guide)
	if r.Target.Next == "CROSS_OS" {
		text += " " + crossed
	}
	return text
}

// early is how far ahead of its time an upgrade can start by clocks that differ.
const early = 5 * time.Minute

func startedText(r approvals.Request) string {
	if r.Action == approvals.Rollback {
		return fmt.Sprintf(":hourglass_flowing_sand: *Rollback started.* %s is being rolled back and is unavailable meanwhile. I write here when it has ended.", nameOf(r))
	}
	text := fmt.Sprintf(":hourglass_flowing_sand: *Started.* %s is being upgraded and is unavailable until it has restarted; the hosts behind it go on running. This usually takes %s, and I write here when it has ended.", nameOf(r), usually)
	if ahead := r.At.Sub(r.Progress.StartedAt); ahead > early {
		text += fmt.Sprintf(" It started %s ahead of the approved time: somebody started it outside the bot.", span(ahead))
	}
	if r.TakenBack != 0 {
		text += fmt.Sprintf(" Its cancel, CBH-%d, came too late.", r.TakenBack)
	}
	return text
}

func succeededText(r approvals.Request) string {
	switch r.Action {
	case approvals.Cancel:
		return fmt.Sprintf(":white_check_mark: *Cancelled.* The cloud holds no upgrade of %s at %s any more; I read it back.", nameOf(r), exact(r.At, zoneOf(r.Zone)))
	case approvals.Rollback:
		return fmt.Sprintf(":white_check_mark: *Rolled back:* %s went from %s back to %s%s. It is active again.", nameOf(r), code(r.Target.Version), code(r.Progress.Version), took(r))
	}
	text := fmt.Sprintf(":white_check_mark: *Finished:* %s went from %s to %s%s. It is active again.", nameOf(r), code(r.Target.Version), code(r.Progress.Version), took(r))
	switch {
	case secondHop(r):
		text += " The cloud offers one more upgrade: old versions need two steps."
	case r.Progress.Next == "ROLLBACK":
		text += fmt.Sprintf(" Check now that people can log in: within 7 days it can be rolled back with `/cbh rollback %s`.", plainName(r))
	}
	if r.Target.Next == "CROSS_OS" {
		text += " Import its certificates and manual routes again, and close the ports 80, 8080, 443 and 2222 where you do not need them."
	}
	return text
}

func plainName(r approvals.Request) string {
	return strings.Trim(nameOf(r), "`")
}

func took(r approvals.Request) string {
	if r.Progress.StartedAt.IsZero() {
		return ""
	}
	return ", took " + span(r.Progress.EndedAt.Sub(r.Progress.StartedAt))
}

func secondHop(r approvals.Request) bool {
	return r.Progress.Next == "NEW" || r.Progress.Next == "CROSS_OS"
}

var actionNouns = map[approvals.Action]string{
	approvals.Upgrade: "upgrade", approvals.Cancel: "cancel", approvals.Rollback: "rollback",
}

func failedText(r approvals.Request) string {
	name, noun := nameOf(r), actionNouns[r.Action]
	switch r.Closing.Reason {
	case "stuck":
		return fmt.Sprintf(":x: *Stuck.* The %s of %s has been running for more than 4 hours (%s), and the bastion is unavailable. %s: open a ticket with the cloud, and do not restart the instance meanwhile. I stop following it. See %s.",
			noun, name, code(phaseOf(r)), involved(r), guide)
	case "broken":
		return fmt.Sprintf(":x: *Failed.* During its %s %s went into an error state (%s), so expect nobody to get in through it. Its version is %s. %s: look at it in the cloud console, and open a ticket with the cloud. See %s.",
			noun, name, code(phaseOf(r)), code(r.Progress.Version), involved(r), guide)
	case "started", "still there", "gone":
		return cancelFailedText(r)
	}
	text := fmt.Sprintf(":x: *Failed.* The %s of %s ended%s, and its version is still %s: it changed nothing. The bastion is active again. %s: ",
		noun, name, after(r), code(r.Progress.Version), involved(r))
	if r.Action == approvals.Rollback {
		return text + "look at it in the cloud console, and open a ticket with the cloud if it should go back."
	}
	return text + "check its agent and its data backup against " + guide + ", then pick a new time. If it fails again, open a ticket with the cloud."
}

func after(r approvals.Request) string {
	if r.Progress.StartedAt.IsZero() {
		return ""
	}
	return " after " + span(r.Progress.EndedAt.Sub(r.Progress.StartedAt))
}

func cancelFailedText(r approvals.Request) string {
	name, at := nameOf(r), exact(r.At, zoneOf(r.Zone))
	switch r.Closing.Reason {
	case "started":
		return fmt.Sprintf(":x: *Not cancelled.* The upgrade of %s has started meanwhile, and a started upgrade cannot be cancelled. %s: it is unavailable until it has ended.", name, involved(r))
	case "gone":
		return fmt.Sprintf(":warning: *Cannot be read back.* %s is not in the cloud's list any more, so I cannot see whether its upgrade was cancelled. %s: look at it in the cloud console.", name, involved(r))
	}
	return fmt.Sprintf(":x: *Not cancelled.* The cloud accepted the cancel of the upgrade of %s 15 minutes ago and still shows it at %s, so expect it to take place. %s: type `/cbh cancel %s` again, or cancel it in the cloud console.", name, at, involved(r), plainName(r))
}

func missedText(r approvals.Request) string {
	if r.Action == approvals.Rollback {
		return fmt.Sprintf(":warning: *Not started.* The cloud accepted the rollback of %s half an hour ago, and I never saw it run: its version is still %s (%s). %s: look at it in the cloud console.",
			nameOf(r), code(r.Progress.Version), code(phaseOf(r)), involved(r))
	}
	return fmt.Sprintf(":warning: *Missed.* The upgrade of %s was due at %s, more than half an hour ago, and I never saw it run: its version is still %s (%s). %s: look at it in the cloud console and check it against %s, then pick a new time.",
		nameOf(r), exact(r.At, zoneOf(r.Zone)), code(r.Progress.Version), code(phaseOf(r)), involved(r), guide)
}

// whoDidIt is where the answer is: the API does not tell.
const whoDidIt = "The cloud's trace service (CTS) in the console says who did it: ask them."

func changedText(r approvals.Request, now time.Time) string {
	name, zone := nameOf(r), zoneOf(r.Zone)
	text := ":warning: *Changed outside.* "
	switch {
	case r.Closing.Reason == "gone":
		text += fmt.Sprintf("%s is not in the cloud's list any more, so its upgrade will not take place.", name)
	case r.Closing.Reason == "upgraded":
		text += fmt.Sprintf("%s went from %s to %s ahead of the approved time, and not through me.", name, code(r.Target.Version), code(r.Progress.Version))
	case r.Progress.FoundTime.IsZero():
		text += fmt.Sprintf("The cloud holds no upgrade of %s any more, and it was not cancelled through me. It will not take place.", name)
	default:
		text += fmt.Sprintf("Approved was %s, but the cloud holds the upgrade of %s for %s. It will take place then, though nobody approved that, unless you cancel it: `/cbh cancel %s`.",
			exact(r.At, zone), name, momentLine(r.Progress.FoundTime, zone, now), plainName(r))
	}
	return text + " " + whoDidIt + " " + involved(r) + ": I stop following it here."
}
