package approvals_test

import (
	"fmt"
	"time"

	"cbhbot/approvals"
)

// One upgrade, from the ask to its end. The records in between are what a store
// keeps; the agenda is what a reconciler asks it for.
func Example() {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	target := approvals.Target{Project: "p", ServerID: "s1", Name: "bastion-prod", Version: "3.3.49.0"}
	r := &approvals.Request{
		Version: approvals.RecordVersion, ID: 142, Key: "6ab1f09c", Revision: 1, Action: approvals.Upgrade, State: approvals.Pending,
		Items:  []approvals.Item{{Target: target, State: approvals.Waiting}},
		Timing: approvals.Timing{At: now.AddDate(0, 0, 4), Deadline: now.AddDate(0, 0, 3), Lead: 24 * time.Hour}, CreatedAt: now, ChangedAt: now,
	}
	quorum := approvals.Quorum{{Count: 1, From: approvals.Set{Users: []string{"U1"}}, Of: []string{"U1"}}}
	running := approvals.Observation{ServerID: "s1", Name: "bastion-prod", Version: "3.3.49.0", Running: true}
	upgraded := approvals.Observation{ServerID: "s1", Name: "bastion-prod", Version: "3.3.52.1", Idle: true}
	for _, event := range []approvals.Event{
		approvals.Approve{By: approvals.Person{ID: "U1"}, Quorum: quorum},
		approvals.Claim{}, // and then the call
		approvals.Finish{Attempt: 1, Outcome: approvals.Outcome{Kind: approvals.Accepted}},
		approvals.Look{Observation: running},
		approvals.Look{Observation: upgraded},
		approvals.Look{Observation: upgraded}, // seen twice: it was not in the middle of a restart
	} {
		next := r.Agenda(approvals.Pace{})[0]
		fmt.Printf("%s is %s, next: %s\n", r.Name(), r.Stage(0), next.Kind)
		if _, isLook := event.(approvals.Look); isLook {
			now = now.AddDate(0, 0, 2)
		}
		var err error
		if r, err = r.Apply(now, approvals.Origin{}, event); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(r.Name(), "is", r.Stage(0), "with", r.Items[0].Progress.Version)
	// Output:
	// CBH-142 is pending, next: expire
	// CBH-142 is approved, next: call
	// CBH-142 is executing, next: inquire
	// CBH-142 is scheduled, next: look
	// CBH-142 is running, next: look
	// CBH-142 is running, next: look
	// CBH-142 is succeeded with 3.3.52.1
}
