package messages

import (
	"slices"

	"cbhbot/approvals"
)

// This file holds who has to do with a request.

// mentions are the members and groups of a set.
func mentions(s approvals.Set) listed {
	return slices.Concat(
		each(s.Users, func(id string) any { return user(id) }),
		each(s.Groups, func(id string) any { return group(id) }),
	)
}

// someMentions are the first of mentions.
func someMentions(s approvals.Set) listed { return atAGlance(mentions(s), MorePeople) }

// quorum says who has to approve: "2 of @sre and 1 of @security". Whom of a set it names, of
// says.
func quorum(q approvals.Quorum, of func(approvals.Set) listed) Saying {
	if len(q) == 0 {
		return Say(NoneNamed)
	}
	return just(listed(each(q, func(need approvals.Need) any { return Say(OneNeed, "n", need.Count, "of", commas(of(need.From))) })))
}

// stillNeeded is whose approval is missing. Who has given one is not asked again, unless
// it does not count and nobody else is left.
func stillNeeded(r *approvals.Request) approvals.Quorum {
	given := r.Approvals()
	if len(given) == 0 {
		return r.Needs
	}
	gave := func(id string) bool {
		return slices.ContainsFunc(given, func(d approvals.Decision) bool { return d.By.ID == id })
	}
	missing := slices.Clone(r.Missing)
	for i := range missing {
		left := missing[i].From
		left.Users = slices.DeleteFunc(slices.Clone(left.Users), gave)
		if !left.Empty() {
			missing[i].From = left
		}
	}
	return missing
}

// approvers are those whose approval stands, and when each gave it.
func approvers(r *approvals.Request) listed {
	return each(r.Approvals(), func(d approvals.Decision) any { return Say(PersonAt, "person", d.By, "time", d.At) })
}

// approvedBy are those whose approval stands.
func approvedBy(r *approvals.Request) listed {
	return each(r.Approvals(), func(d approvals.Decision) any { return d.By })
}

// involved are the people to turn to: who asked, and who approved.
func involved(r *approvals.Request) listed {
	ids := []string{r.Requester.ID}
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.ID)
	}
	if r.Emergency != nil {
		ids = append(ids, r.Emergency.By.ID)
	}
	var all listed
	for n, id := range ids {
		if !slices.Contains(ids[:n], id) {
			all = append(all, user(id))
		}
	}
	return all
}

// namesOf are those who decided.
func namesOf(decisions []approvals.Decision) listed {
	return each(decisions, func(d approvals.Decision) any { return named(d.By) })
}
