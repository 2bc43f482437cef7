package handlers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

var update = flag.Bool("update", false, "write the goldens anew")

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// golden compares text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test ./handlers -update to write it)", err)
	}
	if got != string(want) {
		t.Errorf("%s reads:\n%s\nand not:\n%s", name, got, want)
	}
}

// readable writes a message the way a person meets it.
func readable(m bot.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "notification: %s\n", m.Text)
	for _, block := range m.Blocks {
		switch v := block.(type) {
		case *slack.HeaderBlock:
			fmt.Fprintf(&b, "# %s\n", v.Text.Text)
		case *slack.SectionBlock:
			for _, text := range append([]*slack.TextBlockObject{v.Text}, v.Fields...) {
				if text != nil {
					fmt.Fprintf(&b, "%s: %s\n", text.Type, text.Text)
				}
			}
		case *slack.ContextBlock:
			for _, e := range v.ContextElements.Elements {
				fmt.Fprintf(&b, "small: %s\n", e.(*slack.TextBlockObject).Text)
			}
		case *slack.ActionBlock:
			for _, e := range v.Elements.ElementSet {
				button := e.(*slack.ButtonBlockElement)
				fmt.Fprintf(&b, "[%s] %s %s", button.Text.Text, button.ActionID, button.Style)
				if button.Confirm != nil {
					fmt.Fprintf(&b, " (asks: %s)", button.Confirm.Text.Text)
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String() + "\n"
}

func request() approvals.Request {
	at := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	return approvals.Request{
		Version: 1, ID: 142, Key: "KEY", Revision: 1, Action: approvals.Upgrade, State: approvals.Pending,
		Target: approvals.Target{Project: "default", ServerID: "c7277d87", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW"},
		At:     at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Zone: "Asia/Shanghai", Reason: "security fixes",
		Requester: approvals.Person{ID: "U0RITA"}, Channel: "C0OPS", CreatedAt: now, ChangedAt: now, Quorum: "1 of <@U0ANA>, <@U0BO>",
	}
}

func approved(r approvals.Request) approvals.Request {
	r.State = approvals.Approved
	r.Decisions = []approvals.Decision{{By: approvals.Person{ID: "U0ANA"}, At: now, Verdict: approvals.Yes, Revision: 1}}
	return r
}

// stages are the pictures of a request's life.
func stages() map[string]approvals.Request {
	all := map[string]approvals.Request{"pending": request(), "approved": approved(request())}
	set := func(name string, state approvals.State, change func(*approvals.Request)) {
		r := approved(request())
		r.State = state
		if change != nil {
			change(&r)
		}
		all[name] = r
	}
	set("executing", approvals.Executing, nil)
	set("unknown", approvals.Unknown, nil)
	set("accepted", approvals.Scheduled, nil)
	set("scheduled", approvals.Scheduled, func(r *approvals.Request) { r.Progress.VerifiedAt = now })
	set("cross-version", approvals.Pending, func(r *approvals.Request) {
		r.Target.Project, r.Target.Next, r.Decisions = "prod", "CROSS_OS", nil
	})
	set("running", approvals.Running, func(r *approvals.Request) {
		r.Progress = approvals.Progress{StartedAt: r.At, Phase: "UPGRADING, updating"}
	})
	set("denied", approvals.Denied, func(r *approvals.Request) {
		r.Closing = approvals.Closing{At: now, By: approvals.Person{ID: "U0BO"}, Reason: "the release is frozen"}
	})
	set("expired", approvals.Expired, func(r *approvals.Request) { r.Closing = approvals.Closing{At: now}; r.Decisions = nil })
	set("one of two", approvals.Pending, func(r *approvals.Request) { r.Quorum = "2 of <@U0ANA>, <@U0BO>" })
	set("override", approvals.Pending, func(r *approvals.Request) {
		r.Override = &approvals.Decision{By: r.Requester, At: now, Reason: "the fix cannot wait"}
	})
	set("batch", approvals.Pending, func(r *approvals.Request) {
		second, third := *r, *r
		second.ID, second.Target.Name, second.At, second.State = 143, "bastion-dr", r.At.Add(time.Hour), approvals.Scheduled
		third.ID, third.Target.Name, third.At = 144, "bastion-dev", r.At.Add(2*time.Hour)
		r.Batch, r.Decisions = []approvals.Request{second, third}, nil
	})
	set("emergency", approvals.Approved, func(r *approvals.Request) {
		r.Decisions, r.Emergency = nil, &approvals.Decision{By: approvals.Person{ID: "U0BO"}, At: now, Reason: "attackers are in"}
	})
	set("cancel", approvals.Pending, func(r *approvals.Request) { r.Action, r.Of, r.Decisions = approvals.Cancel, 141, nil })
	set("rollback", approvals.Pending, func(r *approvals.Request) { r.Action, r.At, r.Decisions = approvals.Rollback, time.Time{}, nil })
	return all
}

// later is when a picture is looked at: what runs, a while after its start.
func later(r approvals.Request) time.Time {
	if r.State == approvals.Running {
		return r.Progress.StartedAt.Add(17 * time.Minute)
	}
	return now
}

func TestCards(t *testing.T) {
	for name, r := range stages() {
		golden(t, "card "+name, readable(Card(r, later(r))))
	}
}

func TestNotices(t *testing.T) {
	r := approved(request())
	r.Progress = approvals.Progress{StartedAt: r.At, EndedAt: r.At.Add(34 * time.Minute), Version: "3.3.52.1", Phase: "ERROR"}
	r.Closing = approvals.Closing{At: now, By: approvals.Person{ID: "U0BO"}, Reason: "the release is frozen"}
	r.Emergency = &approvals.Decision{By: approvals.Person{ID: "U0BO"}, Reason: "attackers are in"}
	r.Call.Outcome = approvals.Outcome{Kind: approvals.Unclear, Code: "unavailable", Raw: "connection reset by peer"}
	r.Reminders = []approvals.Reminder{{Whom: []string{"U0ANA", "U0BO"}}, {Whom: []string{"U0ANA"}}}
	r.Progress.BlindSince = now
	r.Previous, r.Of, r.Call.Attempt = r.At.Add(-time.Hour), 141, 3
	for _, key := range []string{
		"scheduled", "accepted", "running", "succeeded", "failed", "missed", "changed", "cancelled", "cancel accepted", "replaced",
		"denied", "withdrawn", "expired", "rescheduled 2", "lapsed 1", "emergency", "reminder 1", "direct", "stopped", "clock", "unpostable", "unclear 1", "not sent", "given up", "blind",
	} {
		golden(t, "notice "+key, readable(Notice(r, key, now)))
	}
	hop := r
	hop.Progress.Next = "CROSS_OS"
	golden(t, "notice second hop", readable(Notice(hop, "succeeded", now)))
	for _, reason := range []string{"stuck", "broken", "same version"} {
		failed := r
		failed.Closing.Reason = reason
		golden(t, "notice failed "+reason, readable(Notice(failed, "failed", now)))
	}
	for _, reason := range []string{"started", "still there", "gone"} {
		cancel := r
		cancel.Action, cancel.Closing.Reason = approvals.Cancel, reason
		golden(t, "notice cancel failed "+reason, readable(Notice(cancel, "failed", now)))
	}
	for _, key := range []string{"rollback accepted", "running", "succeeded", "failed", "missed", "expired"} {
		back := r
		back.Action, back.At, back.Closing.Reason = approvals.Rollback, back.Progress.StartedAt, "same version"
		golden(t, "notice rollback "+key, readable(Notice(back, key, now)))
	}
	back := r
	back.Progress.Next, back.Closing.Reason = "ROLLBACK", "stuck"
	golden(t, "notice failed with a way back", readable(Notice(back, "failed", now)))
	cross := r
	cross.Target.Next, cross.Progress.Next = "CROSS_OS", "ROLLBACK"
	golden(t, "notice scheduled cross-version", readable(Notice(cross, "scheduled", now)))
	golden(t, "notice succeeded cross-version", readable(Notice(cross, "succeeded", now)))
	early := r
	early.Progress.StartedAt, early.TakenBack = r.At.Add(-3*time.Hour), 143
	golden(t, "notice running early", readable(Notice(early, "running", now)))
	moved, gone := r, r
	moved.Progress.FoundTime, gone.Closing.Reason = r.At.Add(24*time.Hour), "gone"
	golden(t, "notice changed moved", readable(Notice(moved, "changed", now)))
	golden(t, "notice changed gone", readable(Notice(gone, "changed", now)))
	upgraded := r
	upgraded.Closing.Reason = "upgraded"
	golden(t, "notice changed upgraded", readable(Notice(upgraded, "changed", now)))
}

// TestEachRefusalReadsDifferently also keeps the wording of every refusal of the
// cloud in one file.
func TestEachRefusalReadsDifferently(t *testing.T) {
	seen := map[string]string{}
	var all strings.Builder
	for _, c := range []struct{ code, raw string }{
		{"bad_request", "Invalid parameter."}, {"too_soon", "The upgrade time must be more than 24 hours later."},
		{"not_authenticated", "Incorrect IAM authentication information"}, {"latest_version", "The current version is the latest. There is no need to upgrade."},
		{"agent_not_started", "The agent is not started."}, {"no_permission", "Policy doesn't allow cbh:instance:upgrade"}, {"not_found", ""},
		{"not_offered", ""}, {"differs", ""}, {"unsupported", ""},
		{"conflict", ""}, {"throttled", "The throttling threshold has been reached"}, {"unavailable", ""}, {"unreadable", "<html>Bad Gateway</html>"},
		{"busy", ""}, {"scheduled_otherwise", ""}, {"nothing_scheduled", ""}, {"started", ""}, {"no_rollback", ""}, {"too_late", ""},
	} {
		r := approved(request())
		r.State, r.Call.Outcome = approvals.Failed, approvals.Outcome{Kind: approvals.Refused, Code: c.code, Raw: c.raw, RequestID: "req-1"}
		text := readable(Notice(r, "refused", now))
		sentence := cloudWords(approvals.Upgrade, c.code)
		if other, ok := seen[sentence]; ok || strings.HasPrefix(sentence, "The cloud refused (") {
			t.Errorf("%s reads like %q: %s", c.code, other, sentence)
		}
		seen[sentence] = c.code
		all.WriteString("## " + c.code + "\n" + text)
	}
	golden(t, "refusals", all.String())
}
