package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestPreflightBeforeTheCard has a test for everything that is looked at before
// people are asked, and for the sentence it is answered with.
func TestPreflightBeforeTheCard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*cbhemu.Server, *cbhemu.Instance)
		says   string
	}{
		"it exists":                    {nil, "There is no instance called `bastion-prod`"},
		"it is ACTIVE":                 {func(_ *cbhemu.Server, i *cbhemu.Instance) { i.Status = "SHUTOFF" }, "not active and idle, so it cannot be upgraded at the moment. Wait until it is, then ask again. It shows `SHUTOFF, NO_TASK`."},
		"it has NO_TASK":               {func(_ *cbhemu.Server, i *cbhemu.Instance) { i.TaskStatus = "rebooting" }, "It shows `ACTIVE, rebooting`."},
		"it is upgradable":             {func(_ *cbhemu.Server, i *cbhemu.Instance) { i.Path = nil }, "already has the latest version"},
		"it waits for no rollback":     {func(_ *cbhemu.Server, i *cbhemu.Instance) { i.RollbackUntil = now.Add(time.Hour) }, "offers no upgrade of this instance at the moment"},
		"nothing is scheduled outside": {func(_ *cbhemu.Server, i *cbhemu.Instance) { i.UpgradeTime = now.Add(72 * time.Hour) }, "Sat 28 Nov 2026 20:00 Asia/Shanghai>. It was scheduled outside the bot"},
		"the region supports it":       {func(s *cbhemu.Server, _ *cbhemu.Instance) { s.SetBehaviour(cbhemu.Behaviour{NoUpgradeFeature: true}) }, "does not support upgrades through the cloud's API"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, approvals.DefaultProject)
			cloud := d.clouds[approvals.DefaultProject]
			if c.change == nil {
				cloud.Remove("bastion-prod")
			} else {
				i := cloud.Instance("bastion-prod")
				c.change(cloud, &i)
				cloud.Put(i)
			}
			got := content(d.types("upgrade bastion-prod sunday 2am"))
			if !strings.Contains(got, c.says) || c.change != nil && !strings.Contains(got, "Nobody was asked.") {
				t.Error(got)
			}
			if open, err := d.Store.Open(context.Background()); len(open) != 0 || err != nil {
				t.Errorf("%d requests, %v", len(open), err)
			}
		})
	}
}

func TestAnInstanceIsTakenAsItIsAtThisMoment(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	i := d.clouds[approvals.DefaultProject].Instance("bastion-prod")
	i.ServerID, i.Version = "22222222-3333", "3.3.50.3"
	d.clouds[approvals.DefaultProject].Put(i)
	d.types("upgrade bastion-prod sunday 2am")
	if target := d.load(1).Items[0].Target; target.ServerID != i.ServerID || target.Version != i.Version {
		t.Errorf("%+v", target)
	}
}

// TestNothingIsRefusedByAnOldList: what is asked for became possible a moment ago, as right
// after an upgrade was scheduled through another copy.
func TestNothingIsRefusedByAnOldList(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	changes := func(name string, change func(*cbhemu.Instance)) {
		if err := d.clouds[approvals.DefaultProject].Change(name, change); err != nil {
			t.Fatal(err)
		}
	}
	changes("bastion-staging", func(i *cbhemu.Instance) { i.Status = "SHUTOFF" })
	d.types("instances")
	changes("bastion-staging", func(i *cbhemu.Instance) { i.Status = "ACTIVE" })
	changes("bastion-prod", func(i *cbhemu.Instance) { i.UpgradeTime = now.Add(72 * time.Hour) })
	for _, text := range []string{"cancel bastion-prod", "upgrade bastion-staging sunday 2am"} {
		if got := content(d.types(text)); !strings.Contains(got, "is recorded") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestWhatIsScheduledByUsIsSaidWithAButtonToCancel(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-prod sunday 2am")
	d.run()
	d.approves(1)
	d.until("it is scheduled", func() bool { return d.load(1).Stage(0) == approvals.Scheduled })
	m := d.types("upgrade bastion-prod monday 3am")
	if got := content(m); !strings.Contains(got, "CBH-1 for <!date^1795888800^") && !strings.Contains(got, "|CBH-1> for <!date^1795888800^") || !strings.Contains(got, "asked by <@"+slackemu.UserRita+">") {
		t.Error(got)
	}
	if b := buttonsOf(m); len(b) != 1 || b[0].label != "Cancel the upgrade" {
		t.Errorf("%+v", b)
	}
}

// TestWhatTheCloudDoesNotShowYetIsWaitedFor: it has accepted the upgrade, and whoever reads that
// there is none takes it for settled.
func TestWhatTheCloudDoesNotShowYetIsWaitedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].SetBehaviour(cbhemu.Behaviour{Lag: cbhemu.Duration(time.Hour)})
	d.types("upgrade bastion-prod sunday 2am")
	d.run()
	d.approves(1)
	d.until("the cloud has accepted it", func() bool { return d.load(1).Stage(0) == approvals.Scheduled })
	for _, text := range []string{"cancel bastion-prod", "cancel CBH-1", "reschedule bastion-prod monday 3am"} {
		if got := content(d.types(text)); !strings.Contains(got, "CBH-1: accepted by the cloud, not yet read back. Wait until that is clear") {
			t.Errorf("/cbh %s: %s", text, got)
		}
	}
}

// TestWhatIsInARollbacksWayIsEndedAndNotMoved: at another time it is in the way as well.
func TestWhatIsInARollbacksWayIsEndedAndNotMoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-prod sunday 2am")
	offered := d.clouds[approvals.DefaultProject].Instance("bastion-prod")
	offered.RollbackUntil = now.Add(time.Hour)
	d.clouds[approvals.DefaultProject].Put(offered)
	got := content(d.types("rollback bastion-prod -- nobody can log in"))
	if !strings.Contains(got, "asked by <@"+slackemu.UserRita+">: waiting for approval. Use `/cbh withdraw CBH-1` to end it first.") || strings.Contains(got, "reschedule") {
		t.Error(got)
	}
}

func TestARollbackIsAskedForOnlyWhereTheCloudOffersIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	if got := content(d.types("rollback bastion-prod")); !strings.Contains(got, "offers no rollback") {
		t.Error(got)
	}
	d = newDesk(t, approvals.DefaultProject)
	i := d.clouds[approvals.DefaultProject].Instance("bastion-prod")
	i.RollbackUntil = now.Add(time.Hour)
	d.clouds[approvals.DefaultProject].Put(i)
	if got := content(d.types("rollback bastion-prod -- nobody can log in")); !strings.Contains(got, "It needs 1 of <@"+slackemu.UserAna+">. What was written on the bastion") {
		t.Error(got)
	}
	if r := d.load(1); r.State != approvals.Pending || r.Action != approvals.Rollback {
		t.Errorf("%s %s", r.Action, r.State)
	}
}

func TestACancelSendsTheScheduledTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	i := d.clouds[approvals.DefaultProject].Instance("bastion-prod")
	i.UpgradeTime = now.Add(72 * time.Hour)
	d.clouds[approvals.DefaultProject].Put(i)
	d.types("cancel bastion-prod -- not ours")
	d.run()
	d.approves(1)
	d.until("it is cancelled", func() bool { return d.load(1).Stage(0) == approvals.Succeeded })
	sent := d.clouds[approvals.DefaultProject].Requests(cbhemu.OpCancel)
	want := `{"server_id":"` + i.ServerID + `","upgrade_time":1795867200000,"cancel":true}`
	if len(sent) != 1 || strings.TrimSpace(sent[0].Body) != want {
		t.Errorf("%+v", sent)
	}
}

// TestThePrimaryOfTheMomentIsCalled changes the roles of a pair between the approval
// and the call, and takes the upgrade back when they have changed again.
func TestThePrimaryOfTheMomentIsCalled(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	server := d.clouds[approvals.DefaultProject]
	if err := server.Load("HA pair"); err != nil {
		t.Fatal(err)
	}
	first := server.Instance("bastion-prod").ServerID
	d.types("upgrade bastion-prod sunday 2am")
	server.SwitchRoles("bastion-prod")
	d.Cloud.Forget()
	d.run()
	d.approves(1)
	d.until("it is scheduled", func() bool { return d.load(1).Stage(0) == approvals.Scheduled })
	target := d.load(1).Items[0].Target
	sent := server.Requests(cbhemu.OpUpgrade)
	if target.ServerID == first || len(sent) != 1 || !strings.Contains(sent[0].Body, target.ServerID) {
		t.Fatalf("called is %+v, with %+v", target, sent)
	}
	if got := content(d.types("upgrade bastion-prod monday 2am")); !strings.Contains(got, "There is an open request") {
		t.Errorf("%s", got)
	}
	server.SwitchRoles("bastion-prod")
	d.Cloud.Forget()
	d.types("cancel bastion-prod")
	d.approves(2)
	d.until("it is cancelled", func() bool { return d.load(1).Stage(0) == approvals.Cancelled })
	if sent := server.Requests(cbhemu.OpCancel); len(sent) != 1 || !strings.Contains(sent[0].Body, first) {
		t.Errorf("%+v", sent)
	}
}

// TestAProjectThatIsConfiguredNoMoreIsSaid in the thread of what waits for its call, and to whoever types
// a command about what is scheduled there.
func TestAProjectThatIsConfiguredNoMoreIsSaid(t *testing.T) {
	d := newDesk(t, approvals.DefaultProject)
	for i, name := range []string{"bastion-a", "bastion-b"} {
		at := now.Add(72 * time.Hour)
		if _, err := d.Engine.Ask(t.Context(), engine.Ask{
			Event: name, By: slackemu.UserRita, Action: approvals.Upgrade, Channel: slackemu.ChannelOps,
			Items:  approvals.NewItems(0, approvals.Target{Project: "gone", ServerID: fmt.Sprint("s", i), Name: name}),
			Timing: approvals.Timing{At: at, Deadline: at.Add(-25 * time.Hour), Lead: 24 * time.Hour, Zone: "UTC"},
		}); err != nil {
			t.Fatal(err)
		}
	}
	before := d.load(1)
	scheduled := *before
	scheduled.State, scheduled.Items = approvals.Approved, slices.Clone(before.Items)
	scheduled.Items[0].State, scheduled.ChangedAt = approvals.Scheduled, d.Store.Now()
	if _, err := d.Store.Commit(t.Context(), &store.Change{Before: before, After: &scheduled}); err != nil {
		t.Fatal(err)
	}
	const says = "configuration has no such cloud project any more"
	if m := d.types("cancel CBH-1"); !strings.Contains(content(m), says) {
		t.Error(content(m))
	}
	d.run()
	d.approves(2)
	d.until("the thread to be told", func() bool {
		return slices.ContainsFunc(d.slack.Messages(slackemu.ChannelOps), func(m slackemu.Message) bool { return strings.Contains(m.Text, says) })
	})
}
