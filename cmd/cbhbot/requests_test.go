package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

// Whatever the cloud and people call things, a terminal that shows them does nothing else.
func TestARequestThatIsPrintedMovesNoTerminal(t *testing.T) {
	const evil = "x\x1b]0;y\a\u009b2J\u202e\x7f\U000e0041"
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
	if err := writeJSON(&out, recordOf(r)); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"csv", "jsonl"} {
		write, flush, err := auditWriter(format, &out)
		if err := errors.Join(err, write(audit.Entry{Actor: who, Reason: evil}), flush()); err != nil {
			t.Fatal(err)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\a\u009b\u202e\x7f\U000e0041") {
		t.Errorf("%q", out.String())
	}
	_, line, _ := strings.Cut(out.String(), "{\"at\"")
	var back audit.Entry
	if err := json.Unmarshal([]byte("{\"at\""+line), &back); err != nil || back.Reason != evil {
		t.Errorf("%q is read back, %v", back.Reason, err)
	}
}
