package engine

import (
	"errors"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/policy"
)

// entryOf is the audit's line for a change. before is zero for a creation.
func entryOf(verb approvals.Verb, before, after *approvals.Request) audit.Entry {
	entry := audit.Entry{
		At: after.ChangedAt, Verb: verb, Request: after.ID, Revision: after.Revision, Instance: after.InstanceNames(),
		From: before.State, To: after.State, Due: after.At, Outside: after.Override != nil,
	}
	if len(after.Items) > 0 { // else it is about no request
		first := after.Items[after.Kept()[0]]
		entry.ServerID = first.Target.ServerID
		if !after.At.IsZero() {
			entry.Due = after.At.Add(first.Offset)
		}
	}
	if len(before.Items) > 0 && !after.Batch() {
		entry.From, entry.To = before.Stage(0), after.Stage(0)
	}
	return entry
}

// entry is entryOf for what a person did.
func (act Act) entry(by approvals.Person, before, after *approvals.Request) audit.Entry {
	entry := entryOf(act.Verb, before, after)
	entry.Actor, entry.Event, entry.Reason, entry.Channel, entry.Message = by, act.Event, act.Reason, act.Channel, act.Message
	if act.Verb == approvals.VerbTakeOut && act.Item < len(after.Items) {
		ofItem(&entry, act.Item, after)
	}
	return entry
}

// entryOfEvent is entryOf for one of the program's events, which may be about one
// item.
func entryOfEvent(before, after *approvals.Request, event approvals.Event) audit.Entry {
	verb, i := event.About()
	entry := entryOf(verb, before, after)
	if i == approvals.Whole {
		return entry
	}
	ofItem(&entry, i, after)
	it := after.Items[i]
	entry.From, entry.To = before.Stage(i), after.Stage(i)
	switch event.(type) {
	case approvals.Claim, approvals.Unclaim:
		entry.Attempt = it.Call.Attempt
	case approvals.Finish, approvals.Conclude:
		entry.Cloud, entry.Attempt = it.Call.Outcome, it.Call.Attempt
	}
	return entry
}

// ofItem makes an entry one about an item.
func ofItem(entry *audit.Entry, i int, r *approvals.Request) {
	it := r.Items[i]
	entry.Item, entry.Instance, entry.ServerID, entry.Due = i, it.Target.Name, it.Target.ServerID, r.Time(i)
}

// whyRefused is why nothing was done, in the word for it where there is one: the entry has
// the verb already.
func whyRefused(why error) string {
	if refusal, is := errors.AsType[*policy.Refusal](why); is {
		return refusal.Why()
	}
	if impossible, is := errors.AsType[*approvals.EventError](why); is {
		return string(impossible.Obstacle)
	}
	return why.Error()
}
