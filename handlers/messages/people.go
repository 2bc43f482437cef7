package messages

import (
	"slices"

	"cbhbot/approvals"
)

// This file holds who has to do with a request.

// mentions are the members and groups of a set.
func mentions(s approvals.Set) listed {
	var all listed
	for _, id := range s.Users {
		all = append(all, user(id))
	}
	for _, id := range s.Groups {
		all = append(all, group(id))
	}
	return all
}

// someMentions are the first of mentions.
func someMentions(s approvals.Set) listed { return atAGlance(mentions(s), MorePeople) }

// quorum says who has to approve: "2 of @sre and 1 of @security". Whom of a set it names, of
// says.
func quorum(q approvals.Quorum, of func(approvals.Set) listed) Saying {
	var all listed
	for _, need := range q {
		all = append(all, Say(OneNeed, "n", need.Count, "of", commas(of(need.From))))
	}
	if len(all) == 0 {
		return Say(Nobody)
	}
	return Say(Several, "all", all)
}

// stillNeeded is whose approval is missing.
func stillNeeded(r *approvals.Request) approvals.Quorum {
	if len(r.Approvals()) > 0 {
		return r.Missing
	}
	return r.Needs
}

// approvers are those whose approval stands, and when each gave it.
func approvers(r *approvals.Request) listed {
	var all listed
	for _, d := range r.Approvals() {
		all = append(all, Say(PersonAt, "person", d.By, "time", d.At))
	}
	return all
}

// approvedBy are those whose approval stands.
func approvedBy(r *approvals.Request) listed {
	var all listed
	for _, d := range r.Approvals() {
		all = append(all, d.By)
	}
	return all
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
	var all listed
	for _, d := range decisions {
		all = append(all, named(d.By))
	}
	return all
}
