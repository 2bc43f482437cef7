package handlers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// ana and bo are who may approve.
var anaAndBo = approvals.Set{Users: []string{"U0ANA", "U0BO"}}

func needed(count int) approvals.Quorum { return approvals.Quorum{{Count: count, From: anaAndBo}} }

func request() approvals.Request {
	at := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	return approvals.Request{
		Version: approvals.RecordVersion, ID: 142, Key: "KEY", Revision: 1, Action: approvals.Upgrade, State: approvals.Pending,
		Items: []approvals.Item{{State: approvals.Waiting, Target: approvals.Target{
			Project: "default", ServerID: "c7277d87", Name: "bastion-prod", Version: "3.3.49.0", Offer: approvals.OfferMinor,
		}}},
		At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Lead: 24 * time.Hour, Zone: "Asia/Shanghai", Reason: "security fixes",
		Requester: approvals.Person{ID: "U0RITA"}, Channel: "C0OPS", CreatedAt: now, ChangedAt: now, Needs: needed(1), Missing: needed(1),
	}
}

func approved(r approvals.Request) approvals.Request {
	r.State, r.Missing = approvals.Approved, nil
	r.Decisions = []approvals.Decision{{By: approvals.Person{ID: "U0ANA"}, At: now, Verdict: approvals.Yes, Revision: 1}}
	return r
}

// changed is an approved request whose item is in a state, and what else differs.
func changed(state approvals.State, change func(r *approvals.Request, it *approvals.Item)) approvals.Request {
	r := approved(request())
	r.Items = slices.Clone(r.Items)
	r.Items[0].State = state
	if change != nil {
		change(&r, &r.Items[0])
	}
	return r
}

// undecided is a pending request, and what differs.
func undecided(change func(r *approvals.Request, it *approvals.Item)) approvals.Request {
	return changed(approvals.Waiting, func(r *approvals.Request, it *approvals.Item) {
		r.State, r.Decisions = approvals.Pending, nil
		change(r, it)
	})
}

// stages are the pictures of a request's life.
func stages() map[string]approvals.Request {
	bo := approvals.Person{ID: "U0BO"}
	return map[string]approvals.Request{
		"pending": request(), "approved": approved(request()),
		"stuck": changed(approvals.Running, func(r *approvals.Request, it *approvals.Item) {
			it.Progress = approvals.Progress{StartedAt: r.At, StuckAt: r.At.Add(4 * time.Hour), Phase: "UPGRADING, updating"}
		}),
		"stuck, closed": changed(approvals.Failed, ended(approvals.EndStuck)),
		"moved outside": changed(approvals.Changed, func(r *approvals.Request, it *approvals.Item) {
			it.Progress.FoundTime, it.Watched = r.At.Add(24*time.Hour), true
		}),
		"move":            undecided(moving(approvals.StepCancel)),
		"move, half done": changed(approvals.Waiting, moving(approvals.StepTakeOver)),
		"move, failed":    changed(approvals.Failed, moving("")),
		"shut out":        changed(approvals.Waiting, shutOut),
		"executing":       changed(approvals.Executing, nil), "unknown": changed(approvals.Unknown, nil), "accepted": changed(approvals.Scheduled, nil),
		"scheduled": changed(approvals.Scheduled, func(_ *approvals.Request, it *approvals.Item) { it.Progress.VerifiedAt = now }),
		"running": changed(approvals.Running, func(r *approvals.Request, it *approvals.Item) {
			it.Progress = approvals.Progress{StartedAt: r.At, Phase: "UPGRADING, updating"}
		}),
		"cross-version": undecided(func(_ *approvals.Request, it *approvals.Item) {
			it.Target.Project, it.Target.Offer = "prod", approvals.OfferCrossVersion
		}),
		"denied": changed(approvals.Waiting, func(r *approvals.Request, _ *approvals.Item) {
			r.State, r.Closing = approvals.Denied, approvals.Closing{At: now, By: bo, Reason: "the release is frozen"}
		}),
		"expired": undecided(func(r *approvals.Request, _ *approvals.Item) {
			r.State, r.Closing = approvals.Expired, approvals.Closing{At: now}
		}),
		"one of two": changed(approvals.Waiting, func(r *approvals.Request, _ *approvals.Item) {
			r.State, r.Needs, r.Missing = approvals.Pending, needed(2), needed(1)
		}),
		"override": changed(approvals.Waiting, func(r *approvals.Request, _ *approvals.Item) {
			r.State, r.Missing = approvals.Pending, needed(1)
			r.Override = &approvals.Decision{By: r.Requester, At: now, Reason: "the fix cannot wait"}
		}),
		"finished": changed(approvals.Succeeded, func(r *approvals.Request, it *approvals.Item) {
			it.Progress = approvals.Progress{StartedAt: r.At, EndedAt: r.At.Add(time.Hour), Version: "3.3.52.1", Offer: approvals.OfferNone}
		}),
		"refused for good": changed(approvals.Failed, func(_ *approvals.Request, it *approvals.Item) {
			it.End, it.Call.Outcome.Code = approvals.EndRefused, approvals.CodeUnsupported
		}),
		"batch":           undecided(batch),
		"batch under way": changed(approvals.Running, batch),
		"emergency": changed(approvals.Waiting, func(r *approvals.Request, _ *approvals.Item) {
			r.Decisions, r.Emergency = nil, &approvals.Decision{By: bo, At: now, Reason: "attackers are in"}
		}),
		"cancel": undecided(func(r *approvals.Request, _ *approvals.Item) {
			r.Action, r.Of = approvals.Cancel, approvals.Ref{Request: 141}
		}),
		"rollback": undecided(func(r *approvals.Request, _ *approvals.Item) { r.Action, r.At = approvals.Rollback, time.Time{} }),
	}
}

// batch adds two more instances, an hour apart.
func batch(r *approvals.Request, it *approvals.Item) {
	second, third := *it, *it
	second.Target.Name, second.Offset = "bastion-dr", time.Hour
	third.Target.Name, third.Offset, third.State = "bastion-dev", 2*time.Hour, approvals.Waiting
	it.Progress.StartedAt, it.Progress.Phase = r.At, "UPGRADING, updating"
	if second.State == approvals.Running {
		second.State, second.Progress.VerifiedAt = approvals.Scheduled, now
		third.State, third.Progress.VerifiedAt = approvals.Scheduled, now
	}
	r.Items = append(r.Items, second, third)
}

// later is when a picture is looked at: what runs, a while after its start.
func later(r approvals.Request) time.Time {
	if r.Stage(0) == approvals.Running {
		return r.Items[0].Progress.StartedAt.Add(17 * time.Minute)
	}
	return now
}

func TestCards(t *testing.T) {
	for name, r := range stages() {
		golden(t, "card "+name, readable(Card(r, later(r))))
	}
}

// told is a request of which everything that can be told is so.
func told(change func(r *approvals.Request, it *approvals.Item)) approvals.Request {
	return changed(approvals.Scheduled, func(r *approvals.Request, it *approvals.Item) {
		bo := approvals.Person{ID: "U0BO"}
		it.Progress = approvals.Progress{
			StartedAt: r.At, EndedAt: r.At.Add(34 * time.Minute), Version: "3.3.52.1", Phase: "ERROR", VerifiedAt: now, BlindSince: now,
		}
		it.Call = approvals.Call{Tries: 3, FinishedAt: now, Outcome: approvals.Outcome{
			Kind: approvals.Unclear, Code: approvals.CodeUnreached, Raw: "connection reset by peer",
		}}
		it.TakenBack = 143
		r.Closing = approvals.Closing{At: now, By: bo, Reason: "the release is frozen"}
		r.Emergency = &approvals.Decision{By: bo, Reason: "attackers are in"}
		r.Reminders = []approvals.Reminder{{Whom: []string{"U0ANA", "U0BO"}}, {Whom: []string{"U0ANA"}}}
		r.Missing = needed(1)
		r.Previous = r.At.Add(-time.Hour)
		if change != nil {
			change(r, it)
		}
	})
}

func TestNotices(t *testing.T) {
	type change = func(r *approvals.Request, it *approvals.Item)
	number := map[approvals.NoticeKind]int{
		approvals.NoticeRescheduled: 2, approvals.NoticeLapsed: 1, approvals.NoticeReminder: 1, approvals.NoticeUnclear: 1,
	}
	for _, kind := range approvals.NoticeKinds {
		n := approvals.Notice{Kind: kind, N: number[kind]}
		if kind == approvals.NoticeThrottled || kind == approvals.NoticeShutOut || kind == approvals.NoticeUnwatched || kind == approvals.NoticeFreed {
			continue // below, with an outcome of their own
		}
		golden(t, "notice "+string(kind), readable(Notice(told(nil), n, now)))
	}
	for name, c := range map[string]struct {
		kind   approvals.NoticeKind
		change change
	}{
		"second hop":          {approvals.NoticeSucceeded, func(_ *approvals.Request, it *approvals.Item) { it.Progress.Offer = approvals.OfferCrossVersion }},
		"failed broken":       {approvals.NoticeFailed, ended(approvals.EndBroken)},
		"failed same version": {approvals.NoticeFailed, ended(approvals.EndSameVersion)},
		"failed with a way back": {approvals.NoticeFailed, func(_ *approvals.Request, it *approvals.Item) {
			it.Progress.Offer, it.End = approvals.OfferRollback, approvals.EndBroken
		}},
		"cancel failed started":     {approvals.NoticeFailed, cancelEnded(approvals.EndStarted)},
		"cancel failed still there": {approvals.NoticeFailed, cancelEnded(approvals.EndStillThere)},
		"cancel failed gone":        {approvals.NoticeFailed, cancelEnded(approvals.EndGone)},
		"cancel succeeded":          {approvals.NoticeSucceeded, cancelEnded("")},
		"throttled": {approvals.NoticeThrottled, func(_ *approvals.Request, it *approvals.Item) {
			it.Call.Outcome = approvals.Outcome{Kind: approvals.Deferred, Code: approvals.CodeThrottled, Status: 429}
		}},
		"shut_out": {approvals.NoticeShutOut, shutOut},
		"called, not yet visible": {approvals.NoticeCalled, func(_ *approvals.Request, it *approvals.Item) {
			it.Progress.VerifiedAt, it.Call.FinishedAt = time.Time{}, now.Add(-approvals.InvisibleAfter)
		}},
		"called, reading it back": {approvals.NoticeCalled, func(_ *approvals.Request, it *approvals.Item) { it.Progress.VerifiedAt = time.Time{} }},
		"called, rounded by the cloud": {approvals.NoticeCalled, func(r *approvals.Request, it *approvals.Item) {
			r.At = r.At.Add(40 * time.Second)
			it.Progress.HeldAt = r.At.Truncate(time.Minute)
		}},
		"called, cross-version":   {approvals.NoticeCalled, crossVersion},
		"called, approved":        {approvals.NoticeCalled, func(r *approvals.Request, _ *approvals.Item) { r.Emergency = nil }},
		"succeeded cross-version": {approvals.NoticeSucceeded, crossVersion},
		"running early": {approvals.NoticeRunning, func(r *approvals.Request, it *approvals.Item) {
			it.Progress.StartedAt = r.At.Add(-3 * time.Hour)
		}},
		"changed moved": {approvals.NoticeChanged, func(r *approvals.Request, it *approvals.Item) {
			it.Progress.FoundTime, it.Watched = r.At.Add(24*time.Hour), true
		}},
		"freed":                 {approvals.NoticeFreed, moving(approvals.StepTakeOver)},
		"move, cancel accepted": {approvals.NoticeCancelAccepted, moving(approvals.StepCancel)},
		"move not begun":        {approvals.NoticeRefused, refusedMove(approvals.StepCancel, approvals.CodeConflict)},
		"move half done":        {approvals.NoticeRefused, refusedMove("", approvals.CodeLatest)},
		"move too late":         {approvals.NoticeRefused, refusedMove("", approvals.CodeTooLate)},
		"move given up":         {approvals.NoticeGivenUp, refusedMove("", "")},
		"move expired":          {approvals.NoticeExpired, moving(approvals.StepCancel)},
		"move denied":           {approvals.NoticeDenied, moving(approvals.StepCancel)},
		"unwatched taken back":  {approvals.NoticeUnwatched, instead(approvals.EndTakenBack)},
		"unwatched never ran":   {approvals.NoticeUnwatched, instead(approvals.EndNeverRan)},
		"unwatched upgraded":    {approvals.NoticeUnwatched, instead(approvals.EndUpgraded)},
		"unwatched gone":        {approvals.NoticeUnwatched, instead(approvals.EndGone)},
		"running elsewhere":     {approvals.NoticeRunning, instead("")},
		"changed gone":          {approvals.NoticeChanged, ended(approvals.EndGone)},
		"changed upgraded":      {approvals.NoticeChanged, ended(approvals.EndUpgraded)},
		"rollback running":      {approvals.NoticeRunning, back},
		"rollback succeeded":    {approvals.NoticeSucceeded, back},
		"rollback failed":       {approvals.NoticeFailed, back},
		"rollback missed":       {approvals.NoticeMissed, back},
		"expired with another notice": {approvals.NoticeExpired, func(r *approvals.Request, _ *approvals.Item) {
			r.Lead, r.Deadline = 90*time.Minute, r.At.Add(-95*time.Minute)
		}},
		"expired by the policy": {approvals.NoticeExpired, func(r *approvals.Request, _ *approvals.Item) { r.Deadline = r.Deadline.Add(-time.Hour) }},
		"refused as too late": {approvals.NoticeRefused, func(r *approvals.Request, it *approvals.Item) {
			r.Lead, it.Call = time.Hour, approvals.Call{Outcome: approvals.Outcome{Code: approvals.CodeTooLate}}
		}},
		"rollback expired": {approvals.NoticeExpired, back},
	} {
		golden(t, "notice "+name, readable(Notice(told(c.change), approvals.Notice{Kind: c.kind}, now)))
	}
}

func ended(why approvals.End) func(*approvals.Request, *approvals.Item) {
	return func(_ *approvals.Request, it *approvals.Item) { it.End = why }
}

func cancelEnded(why approvals.End) func(*approvals.Request, *approvals.Item) {
	return func(r *approvals.Request, it *approvals.Item) {
		r.Action, r.Of, it.End = approvals.Cancel, approvals.Ref{Request: 141}, why
	}
}

// moving is a move that has come to a step.
func moving(step approvals.Step) func(*approvals.Request, *approvals.Item) {
	return func(r *approvals.Request, it *approvals.Item) {
		r.Of, it.Step, it.Old, it.Progress.VerifiedAt = approvals.Ref{Request: 141}, step, r.At.Add(-24*time.Hour), time.Time{}
		if step != approvals.StepCancel {
			it.FreedAt = now
		}
	}
}

func refusedMove(step approvals.Step, code approvals.Code) func(*approvals.Request, *approvals.Item) {
	return func(r *approvals.Request, it *approvals.Item) {
		moving(step)(r, it)
		tries := 3
		if code == approvals.CodeTooLate {
			tries = 0
		}
		it.Call = approvals.Call{Tries: tries, Outcome: approvals.Outcome{Kind: approvals.Refused, Code: code}}
	}
}

// instead is an upgrade that somebody had moved to another time.
func instead(why approvals.End) func(*approvals.Request, *approvals.Item) {
	return func(r *approvals.Request, it *approvals.Item) {
		it.End, it.Progress.FoundTime = why, r.At.Add(24*time.Hour)
	}
}

func shutOut(_ *approvals.Request, it *approvals.Item) {
	it.Call.ShutOutAt = now
	it.Call.Outcome = approvals.Outcome{
		Kind: approvals.Deferred, Code: approvals.CodeNoPermission, Status: 403, Raw: "No permission.", RequestID: "req-1",
	}
}

func crossVersion(_ *approvals.Request, it *approvals.Item) {
	it.Target.Offer, it.Progress.Offer = approvals.OfferCrossVersion, approvals.OfferRollback
}

func back(r *approvals.Request, it *approvals.Item) {
	r.Action, r.At, it.End = approvals.Rollback, time.Time{}, approvals.EndSameVersion
}

// TestEachRefusalReadsDifferently also keeps the wording of every refusal of the
// cloud in one file.
func TestEachRefusalReadsDifferently(t *testing.T) {
	raw := map[approvals.Code]string{
		approvals.CodeBadRequest: "Invalid parameter.", approvals.CodeTooSoon: "The upgrade time must be more than 24 hours later.",
		approvals.CodeNotAuthenticated: "Incorrect IAM authentication information", approvals.CodeAgentNotStarted: "The agent is not started.",
		approvals.CodeLatest: "The current version is the latest. There is no need to upgrade.", approvals.CodeUnreadable: "<html>Bad Gateway</html>",
		approvals.CodeNoPermission: "Policy doesn't allow cbh:instance:upgrade", approvals.CodeThrottled: "The throttling threshold has been reached",
	}
	seen := map[string]approvals.Code{}
	var all strings.Builder
	for _, code := range approvals.Codes {
		if code == approvals.CodeReadBack || code == approvals.CodeNoAnswer {
			continue // never a refusal
		}
		r := changed(approvals.Failed, func(_ *approvals.Request, it *approvals.Item) {
			it.Call.Tries = 1
			it.Call.Outcome = approvals.Outcome{Kind: approvals.Refused, Code: code, Raw: raw[code], RequestID: "req-1"}
		})
		text := readable(Notice(r, approvals.Notice{Kind: approvals.NoticeRefused}, now))
		sentence := cloudWords(approvals.Upgrade, code).String()
		if other, ok := seen[sentence]; ok || strings.HasPrefix(sentence, "The cloud refused (") {
			t.Errorf("%s reads like %q: %s", code, other, sentence)
		}
		seen[sentence] = code
		all.WriteString("## " + string(code) + "\n" + text)
	}
	golden(t, "refusals", all.String())
}
