package handlers

import (
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
)

// This file words the rows of the facts' table "say / when": what became of a
// call that the cloud accepted. Each says what happened, what the state is, and
// what to do; those that need somebody name the people once.

// guide is what to look at before and after an upgrade, and why one may fail.
var guide = mrkdwn.Link("https://support.huaweicloud.com/intl/en-us/usermanual-cbh/cbh_02_1005.html", say("the guide's checklist"))

// involved are the people to turn to: who asked, and who approved.
func involved(r approvals.Request) mrkdwn.Text {
	ids := []string{r.Requester.ID}
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.ID)
	}
	if r.Emergency != nil {
		ids = append(ids, r.Emergency.By.ID)
	}
	var names []mrkdwn.Text
	for n, id := range ids {
		if !slices.Contains(ids[:n], id) {
			names = append(names, mention(id))
		}
	}
	return mrkdwn.Join(names, " ")
}

// followText is empty for a notice that is not about what the cloud does.
func followText(v view, kind approvals.NoticeKind, now time.Time) mrkdwn.Text {
	switch kind {
	case approvals.NoticeBlind:
		return say(":warning: *I cannot see.* The cloud has not let me read its instances since %s, so I do not know what becomes of %s. The cloud goes on by itself; look at it in the cloud console. I keep trying, and write here what I find.", dated(v.it.Progress.BlindSince, v.zone()), v.name())
	case approvals.NoticeRunning:
		return startedText(v)
	case approvals.NoticeReplaced:
		return say(":information_source: *Same bastion, another server id.* %s came back as %s, as cross-version upgrades make it. I follow that one.", v.name(), code(v.it.Target.ServerID))
	case approvals.NoticeSwitched:
		return say(":arrows_counterclockwise: *Roles changed.* The standby of %s has become its primary (%s). It is the same pair, and nothing else has changed by that; I follow both parts.", v.name(), code(v.it.Target.ServerID))
	case approvals.NoticeStuck:
		return stuckText(v)
	case approvals.NoticeClosed:
		return say(":black_square_for_stop: *Closed* by %s: I do not follow %s any more. The cloud goes on by itself; look at it in the cloud console.", mention(v.r.Closing.By.ID), v.name())
	case approvals.NoticeRestored:
		return say(":calendar: *Changed back.* The cloud holds the upgrade of %s at the approved time again, %s.", v.name(), momentLine(v.at, v.zone(), now))
	case approvals.NoticeUnwatched:
		return unwatchedText(v)
	case approvals.NoticeSucceeded:
		return succeededText(v)
	case approvals.NoticeFailed:
		return failedText(v)
	case approvals.NoticeMissed:
		return missedText(v)
	case approvals.NoticeChanged:
		return changedText(v, now)
	case approvals.NoticeCancelled:
		return say(":no_entry_sign: *Cancelled.* CBH-%d took this upgrade back: the cloud holds none of %s at %s any more; I read it back.", v.it.TakenBack, v.name(), v.dated())
	}
	return mrkdwn.Text{}
}

func scheduledText(v view, now time.Time) mrkdwn.Text {
	held, compared := v.r.HeldAt(v.i), say("it is the one that was %s", chosen(v.r))
	if !held.Equal(v.at) {
		compared = say("the cloud has made %s of the approved %s", toTheSecond(held), toTheSecond(v.at))
	}
	text := say(":calendar: *Scheduled.* The cloud will upgrade %s at %s. I read the time back and %s. Before then, back up its data and see that its agent runs: %s.",
		v.name(), momentLine(held, v.zone(), now), compared, guide)
	if v.it.Target.Offer == approvals.OfferCrossVersion {
		text = text.Then(" %s", crossed)
	}
	return text
}

func toTheSecond(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// chosen says how a request's time came to hold.
func chosen(r approvals.Request) string {
	if r.Emergency != nil {
		return "asked for"
	}
	return "approved"
}

// early is how far ahead of its time an upgrade can start by clocks that differ.
const early = 5 * time.Minute

func startedText(v view) mrkdwn.Text {
	if v.r.Action == approvals.Rollback {
		return say(":hourglass_flowing_sand: *Rollback started.* %s is being rolled back and is unavailable meanwhile. I write here when it has ended.", v.name())
	}
	text := say(":hourglass_flowing_sand: *Started.* %s is being upgraded and is unavailable until it has restarted; the hosts behind it go on running. This usually takes %s, and I write here when it has ended.", v.name(), usually)
	switch ahead := v.at.Sub(v.it.Progress.StartedAt); {
	case !v.it.Progress.FoundTime.IsZero():
		text = text.Then(" Approved was %s: somebody moved it outside the bot.", v.dated())
	case ahead > early:
		text = text.Then(" It started %s ahead of the approved time: somebody started it outside the bot.", span(ahead))
	}
	if v.it.TakenBack != 0 {
		text = text.Then(" Its cancel, CBH-%d, came too late.", v.it.TakenBack)
	}
	return text
}

func succeededText(v view) mrkdwn.Text {
	switch v.r.Action {
	case approvals.Cancel:
		return say(":white_check_mark: *Cancelled.* The cloud holds no upgrade of %s at %s any more; I read it back.", v.name(), v.dated())
	case approvals.Rollback:
		return say(":white_check_mark: *Rolled back:* %s went from %s back to %s%s. It is active again.", v.name(), code(v.it.Target.Version), code(v.it.Progress.Version), v.took())
	}
	text := say(":white_check_mark: *Finished:* %s went from %s to %s%s. It is active again.", v.name(), code(v.it.Target.Version), code(v.it.Progress.Version), v.took())
	switch {
	case secondHop(v.it):
		text = text.Then(" The cloud offers one more upgrade: old versions need two steps.")
	case v.it.Progress.Offer == approvals.OfferRollback:
		text = text.Then(" Check now that people can log in: within 7 days it can be rolled back with `/cbh rollback %s`.", v.typed())
	}
	if v.it.Target.Offer == approvals.OfferCrossVersion {
		text = text.Then(" Import its certificates and manual routes again, and close the ports 80, 8080, 443 and 2222 where you do not need them.")
	}
	return text
}

// lasted is how long an item ran; zero when it was never seen running.
func (v view) lasted() time.Duration {
	if v.it.Progress.StartedAt.IsZero() {
		return 0
	}
	return v.it.Progress.EndedAt.Sub(v.it.Progress.StartedAt)
}

func (v view) took() string {
	if v.it.Progress.StartedAt.IsZero() {
		return ""
	}
	return ", took " + span(v.lasted())
}

func secondHop(it approvals.Item) bool {
	return it.Progress.Offer == approvals.OfferMinor || it.Progress.Offer == approvals.OfferCrossVersion
}

func failedText(v view) mrkdwn.Text {
	name, noun := v.name(), actionNouns[v.r.Action]
	switch v.it.End {
	case approvals.EndBroken:
		return say(":x: *Failed.* During its %s %s went into an error state (%s), so expect nobody to get in through it. Its version is %s. %s: look at it in the cloud console, and open a ticket with the cloud. See %s.",
			noun, name, code(v.phase()), code(v.it.Progress.Version), involved(v.r), guide)
	case approvals.EndStarted, approvals.EndStillThere, approvals.EndGone:
		return cancelFailedText(v)
	}
	text := say(":x: *Failed.* The %s of %s ended%s, and its version is still %s: it changed nothing. The bastion is active again. %s: ",
		noun, name, v.after(), code(v.it.Progress.Version), involved(v.r))
	if v.r.Action == approvals.Rollback {
		return text.Then("look at it in the cloud console, and open a ticket with the cloud if it should go back.")
	}
	return text.Then("check its agent and its data backup against %s, then pick a new time. If it fails again, open a ticket with the cloud.", guide)
}

func stuckText(v view) mrkdwn.Text {
	return say(":x: *Stuck.* The %s of %s has been running for more than 4 hours (%s), and the bastion is unavailable. %s: open a ticket with the cloud, and do not restart the instance meanwhile. I look every 15 minutes, and write here when it ends or somebody presses *Stop following*. See %s.",
		actionNouns[v.r.Action], v.name(), code(v.phase()), involved(v.r), guide)
}

func (v view) after() string {
	if v.it.Progress.StartedAt.IsZero() {
		return ""
	}
	return " after " + span(v.lasted())
}

func cancelFailedText(v view) mrkdwn.Text {
	switch v.it.End {
	case approvals.EndStarted:
		return say(":x: *Not cancelled.* The upgrade of %s has started meanwhile, and a started upgrade cannot be cancelled. %s: it is unavailable until it has ended.", v.name(), involved(v.r))
	case approvals.EndGone:
		return say(":warning: *Cannot be read back.* %s is not in the cloud's list any more, so I cannot see whether its upgrade was cancelled. %s: look at it in the cloud console.", v.name(), involved(v.r))
	}
	return say(":x: *Not cancelled.* The cloud accepted the cancel of the upgrade of %s 15 minutes ago and still shows it at %s, so expect it to take place. %s: type `/cbh cancel %s` again, or cancel it in the cloud console.", v.name(), v.whenDone(), involved(v.r), v.typed())
}

func missedText(v view) mrkdwn.Text {
	version, phase := code(v.it.Progress.Version), code(v.phase())
	if v.r.Action == approvals.Rollback {
		return say(":warning: *Not started.* The cloud accepted the rollback of %s half an hour ago, and I never saw it run: its version is still %s (%s). %s: look at it in the cloud console.",
			v.name(), version, phase, involved(v.r))
	}
	return say(":warning: *Missed.* The upgrade of %s was due at %s, more than half an hour ago, and I never saw it run: its version is still %s (%s). %s: look at it in the cloud console and check it against %s, then pick a new time.",
		v.name(), v.dated(), version, phase, involved(v.r), guide)
}

// whoDidIt is where the answer is: the API does not tell.
const whoDidIt = "The cloud's trace service (CTS) in the console says who did it: ask them."

func changedText(v view, now time.Time) mrkdwn.Text {
	name, found := v.name(), v.it.Progress.FoundTime
	text := say(":warning: *Changed outside.* ")
	switch {
	case v.it.End == approvals.EndGone:
		text = text.Then("%s is not in the cloud's list any more, so its upgrade will not take place.", name)
	case v.it.End == approvals.EndUpgraded:
		text = text.Then("%s went from %s to %s ahead of the approved time, and not through me.", name, code(v.it.Target.Version), code(v.it.Progress.Version))
	case found.IsZero():
		text = text.Then("The cloud holds no upgrade of %s any more, and it was not cancelled through me. It will not take place.", name)
	default:
		text = text.Then("Approved was %s, but the cloud holds the upgrade of %s for %s. It will take place then, though nobody approved that, unless you cancel it: press *Cancel that upgrade*, or type `/cbh cancel %s`.",
			v.dated(), name, momentLine(found, v.zone(), now), v.typed())
		return text.Then(" %s %s: I keep an eye on it, and write here what becomes of it.", whoDidIt, involved(v.r))
	}
	return text.Then(" %s %s: I stop following it here.", whoDidIt, involved(v.r))
}

// unwatchedText says how it ended with what somebody had scheduled in place of what
// was approved.
func unwatchedText(v view) mrkdwn.Text {
	name, found := v.name(), exact(v.it.Progress.FoundTime, v.zone())
	switch v.it.End {
	case approvals.EndTakenBack:
		return say(":no_entry_sign: *Taken back.* The cloud no longer holds the upgrade of %s that somebody had moved to %s, so nothing is scheduled. %s: pick a new time if it is still needed.", name, found, involved(v.r))
	case approvals.EndNeverRan:
		return say(":warning: *Missed.* The upgrade of %s that somebody had moved to %s never ran: its version is still %s (%s). %s: look at it in the cloud console.", name, found, code(v.it.Progress.Version), code(v.phase()), involved(v.r))
	case approvals.EndUpgraded:
		return say(":information_source: *Upgraded outside.* %s went from %s to %s, and not through me. %s: check that people can log in.", name, code(v.it.Target.Version), code(v.it.Progress.Version), involved(v.r))
	}
	return say(":warning: *Gone.* %s is not in the cloud's list any more, so the upgrade that somebody had moved to %s will not take place. %s", name, found, involved(v.r))
}
