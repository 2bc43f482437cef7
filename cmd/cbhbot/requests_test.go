package main

import (
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
)

// Whatever the cloud and people call things, a terminal that shows them does nothing else.
func TestARequestThatIsPrintedMovesNoTerminal(t *testing.T) {
	const evil = "x\x1b]0;y\a\u009b2J\u202e"
	who := approvals.Person{ID: "U0RITA", Name: evil}
	r := &approvals.Request{
		ID: 7, Revision: 1, Action: approvals.Upgrade, State: approvals.Approved, Requester: who, Channel: evil, Reason: evil, Timing: approvals.Timing{Zone: evil},
		Decisions: []approvals.Decision{{By: who, Verdict: approvals.Yes, Reason: evil}},
		Items: []approvals.Item{{
			Target: approvals.Target{Project: evil, ServerID: evil, Name: evil, Version: evil}, State: approvals.Failed,
			Call:     approvals.Call{Attempt: 1, Outcome: approvals.Outcome{Raw: evil, RequestID: evil}},
			Progress: approvals.Progress{SeenAt: time.Now(), Version: evil},
		}},
	}
	var out strings.Builder
	if err := (whole{record: recordOf(r), Shown: map[string]string{"card": evil}}).print(&out); err != nil {
		t.Fatal(err)
	}
	if err := printRequests(&out, []*approvals.Request{r}, 1); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\a\u009b\u202e") {
		t.Errorf("%q", out.String())
	}
}
