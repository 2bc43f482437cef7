package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
)

// Whoever may not begin an act is refused on the ground that the act itself would be,
// once in the audit; whoever may leaves no trace.
func TestAdmitRefusesWhomTheActWouldRefuse(t *testing.T) {
	b := newBench(t)
	b.policy, b.people.known = tablePolicy(), tablePeople().known
	b.people.groups = tablePeople().groups
	made := b.asks(b.upgrade("ask", "s"))
	for user, c := range map[string]struct{ reads, moves, asks policy.Ground }{
		"guest": {policy.IsGuest, policy.IsGuest, policy.IsGuest}, "external": {policy.IsExternal, policy.IsExternal, policy.IsExternal},
		"bot": {policy.IsBot, policy.IsBot, policy.IsBot}, "gone": {policy.Deactivated, policy.Deactivated, policy.Deactivated},
		"nobody": {policy.UnknownPerson, policy.UnknownPerson, policy.UnknownPerson},
		"C":      {"", policy.NotInvolved, policy.NotRequester}, "A": {"", "", policy.NotRequester}, "R": {},
	} {
		ask := b.upgrade("form "+user, "s1")
		ask.By = user
		for what, try := range map[string]struct {
			do   func() error
			want policy.Ground
		}{
			"read": {func() error {
				_, err := b.engine.Admit(context.Background(), Act{Event: "e", By: user, Verb: approvals.VerbRead})
				return err
			}, c.reads},
			"move": {func() error {
				_, err := b.engine.Admit(context.Background(), Act{Event: "e", By: user, Verb: approvals.VerbReschedule, Request: approvals.Marker{ID: made.ID}})
				return err
			}, c.moves},
			"a form": {func() error { return b.engine.MayAsk(context.Background(), ask) }, c.asks},
		} {
			before := len(b.entries())
			err := try.do()
			var refusal *policy.Refusal
			got := policy.Ground("")
			if errors.As(err, &refusal) {
				got = refusal.Ground
			}
			entries := b.entries()[before:]
			noted := len(entries) == 1 && entries[0].Actor.ID == user && entries[0].Refused == string(got)
			if got != try.want || (try.want == "") != (err == nil) || noted != (try.want != "") || !noted && len(entries) > 0 {
				t.Errorf("%s, %s: %v; the audit says %+v", user, what, err, entries)
			}
		}
	}
	if r := b.load(made.ID); r.Counter != made.Counter {
		t.Errorf("the request was changed: %+v", r)
	}
}

// Where nobody but the asker reads, nothing is made that needs others.
func TestNothingIsAskedForWhereNobodySeesIt(t *testing.T) {
	b := newBench(t)
	ask := b.upgrade("ask", "s")
	ask.Private = true
	var refusal *policy.Refusal
	if _, err := b.engine.Ask(context.Background(), ask); !errors.As(err, &refusal) || refusal.Ground != policy.NobodySees {
		t.Errorf("%v", err)
	}
	if err := b.engine.MayAsk(context.Background(), ask); !errors.As(err, &refusal) || refusal.Ground != policy.NobodySees {
		t.Errorf("%v", err)
	}
	b.upgradeRule().Channel = "C2"
	if r := b.asks(ask); r.Channel != "C2" {
		t.Errorf("the card goes to %s", r.Channel)
	}
}

// A form for a time outside the calendar is for those whom the policy lets.
func TestAFormForAClosedTimeIsForThoseThePolicyNames(t *testing.T) {
	b := newBench(t)
	rule := b.upgradeRule()
	rule.Calendar.Freezes = []calendar.Freeze{{From: b.now(), To: b.now().Add(30 * 24 * time.Hour)}}
	rule.Override = approvals.Set{Users: []string{"A"}}
	for user, may := range map[string]bool{"A": true, "R": false} {
		ask := b.upgrade("form "+user, "s")
		ask.By, ask.Override, ask.At = user, true, b.now().Add(72*time.Hour)
		if err := b.engine.MayAsk(context.Background(), ask); (err == nil) != may {
			t.Errorf("%s: %v", user, err)
		}
	}
}

// upgradeRule is the rule for upgrades.
func (b *bench) upgradeRule() *policy.Rule { return b.policy.Rule(approvals.Upgrade, target("s")) }
