package messages

import (
	"slices"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// Status says on one line where a request stands, and on another one who did what about
// it, or is waited for.
func Status(r *approvals.Request, link any) []Saying {
	return []Saying{standingOf(r, link), peopleOf(r)}
}

// StatusInFull is [Status] with each item of a batch, or with what became of the only one.
func StatusInFull(r *approvals.Request, link any) []Saying {
	all := Status(r, link)
	switch v := Whole(r); {
	case r.Batch():
		all = append(all, batchTable(r).lines()...)
	case v.It.End != "":
		all = append(all, cardWhat(v))
	}
	return all
}

func standingOf(r *approvals.Request, link any) Saying {
	return Say(StatusOf, "link", link, Whole(r))
}

func peopleOf(r *approvals.Request) Saying {
	v := Whole(r)
	switch {
	case r.Auto:
		return Say(StatusOwn, v)
	case r.State == approvals.Pending:
		return Say(StatusNeeds, v)
	case r.State == approvals.Denied:
		return Say(StatusDenied, "reason", r.Closing.Reason, v)
	case r.Emergency != nil:
		return Say(StatusEmergency, "by", r.Emergency.By, v)
	case len(r.Approvals()) > 0:
		return Say(StatusApproved, v)
	}
	return Say(StatusAsked, v)
}

// AskedFor confirms a request to whoever made it. Whom it needs its card tells in full. One
// that was decided before this could be told needs nobody.
func AskedFor(r *approvals.Request) Saying {
	v, needs := Whole(r), quorum(stillNeeded(r), someMentions)
	switch {
	case r.Alone:
		return Say(AskedAlone, v)
	case r.State != approvals.Pending:
		return just(lines(factsOf(Status(r, r.Name()))))
	case r.Action != approvals.Upgrade:
		return Say(AskedNow, "needs", needs, v)
	}
	said := Say(Asked, "ahead", ahead(r.At), "needs", needs, v)
	if staggered(r) {
		said = Together(said, Say(AskedStaggered, "lastexact", exact(lastOf(r))))
	}
	return said
}

var actionKeys = map[approvals.Action]Key{
	approvals.Upgrade: ActionUpgrade, approvals.Cancel: ActionCancel, approvals.Rollback: ActionRollback,
}

// PolicyOf says who has to approve an action by a rule; nil where none is for it.
func PolicyOf(action approvals.Action, rule *policy.Rule) []Saying {
	name := Say(actionKeys[action])
	switch {
	case rule == nil:
		return []Saying{Say(PolicyNoRule, "action", name)}
	case len(rule.Quorum) == 0:
		return []Saying{Say(PolicyNobody, "action", name)}
	}
	key := PolicyNeeds
	if rule.SelfApprove {
		key = PolicyNeedsSelf
	}
	all := []Saying{Say(key, "action", name, "needs", rule.Quorum)}
	if action == approvals.Upgrade { // what is taken back is so at any time
		all = append(all, hours(rule)...)
	}
	if action == approvals.Cancel && rule.CancelAlone {
		all = append(all, Say(PolicyAlone))
	}
	if !rule.BreakGlass.Empty() {
		all = append(all, Say(PolicyBreakGlass, "who", mentions(rule.BreakGlass)))
	}
	return all
}

// PolicyApartFor says which bastions have rules of their own.
func PolicyApartFor(rules []policy.Rule) Saying {
	var which listed
	add := func(fact any) {
		if !slices.Contains(which, fact) {
			which = append(which, fact)
		}
	}
	for _, rule := range rules {
		for _, pattern := range rule.Instances {
			add(code(pattern))
		}
		if len(rule.Instances) == 0 {
			for _, project := range rule.Projects {
				add(code(project + "/*"))
			}
		}
	}
	return Say(PolicyApart, "which", which)
}

// hours say when upgrades may run, and who may ask for another time.
func hours(rule *policy.Rule) []Saying {
	var all []Saying
	if windows := factsOf(rule.Calendar.Windows); len(windows) > 0 {
		all = append(all, Say(PolicyWindow, "windows", listed(windows)))
	}
	if freezes := factsOf(rule.Calendar.Freezes); len(freezes) > 0 {
		all = append(all, Say(PolicyFreeze, "freezes", listed(freezes)))
	}
	if !rule.Override.Empty() {
		all = append(all, Say(PolicyOverride, "who", mentions(rule.Override)))
	}
	return all
}

// HelpWith says what one command is for.
func HelpWith(command string) Saying {
	return Say(HelpOne, "form", Form(command), "help", Say(HelpKey(command)), "try", Say(TryKey(command)))
}

// Help says what people need first, with a button to the rest.
func Help() *Answer {
	answer := Tell(Say(HelpHead))
	answer.Lines = append(each([]string{"upgrade", "status", "reschedule", "cancel"}, func(command string) Saying {
		return Say(HelpFirst, "try", Say(TryKey(command)), "help", Say(HelpKey(command)))
	}), Say(HelpMore))
	answer.Buttons = []Button{{Action: ActContinue, Label: Say(LabelMore), Value: Draft{Verb: "help", Instance: "all"}.Value()}}
	return answer
}

// HelpAll says all that can be typed.
func HelpAll() *Answer {
	answer := Tell(Say(HelpAllHead))
	answer.Lines = each(Commands, func(command string) Saying {
		return Say(HelpLine, "form", Form(command), "help", Say(HelpKey(command)))
	})
	return answer
}
