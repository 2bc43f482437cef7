package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// fleet is three instances that can be upgraded.
func fleet() cbhemu.Options {
	one := cbhemu.New(cbhemu.Options{}).Instance("bastion-prod")
	var instances []cbhemu.Instance
	for _, name := range []string{"bastion-a", "bastion-b", "bastion-c"} {
		one.Name, one.ServerID, one.InstanceID = name, "id-"+name, "in-"+name
		instances = append(instances, one)
	}
	return cbhemu.Options{Instances: instances}
}

// newBatch is a world in which all three are asked for, an hour apart from a time on.
func newBatch(t *testing.T) (w *world, at time.Time, card *slackemu.Shown) {
	t.Helper()
	w, at = newWorld(t, fleet()), ritasTime(t, 10, 2)
	w.start()
	w.types(rita, "upgrade bastion-a, bastion-b,bastion-c "+at.Format("2006-01-02 15:04")+" stagger 1h -- security fixes")
	return w, at, w.sees(ana, "Upgrade 3 bastions")
}

func TestABatchIsOneCardAndOneDecision(t *testing.T) {
	t.Parallel()
	w, at, card := newBatch(t)
	w.presses(ana, card, "Approve")
	w.until("three states on the card", func() bool {
		return strings.Count(fmt.Sprint(w.shown(ana, card).Blocks), "scheduled") == 4 // in its head, and for each
	})
	for i, name := range []string{"bastion-a", "bastion-b", "bastion-c"} {
		if got := w.cloud.Instance(name).UpgradeTime; !got.Equal(at.Add(time.Duration(i) * time.Hour)) {
			t.Errorf("%s is at %s", name, got)
		}
		w.sees(rita, "• `"+name+"`, ")
	}
	if w.posts() != 3 {
		t.Errorf("%d POSTs", w.posts())
	}
}

// One approval moves a batch that the cloud holds, each with its distance. What cannot
// be moved is said of the one, and keeps none of the others back.
func TestAScheduledBatchIsMovedAsAWhole(t *testing.T) {
	t.Parallel()
	w, at, card := newBatch(t)
	w.presses(ana, card, "Approve")
	readBack := func(r *approvals.Request) bool {
		return !slices.ContainsFunc(r.Items, func(it approvals.Item) bool { return it.State != approvals.Failed && it.Progress.VerifiedAt.IsZero() })
	}
	w.untilRequest(1, "all to be read back", readBack)
	w.until("a card that can be moved", func() bool { return w.shown(rita, card).Action("Reschedule").Exists() })
	w.types(rita, "reschedule CBH-1 "+at.AddDate(0, 0, 1).Format("2006-01-02 15:04")+" -- the release slipped")
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultDocumented, Status: http.StatusForbidden, Message: "The agent is not started."})
	w.presses(ana, w.sees(ana, "Move the upgrades of 3 bastions"), "Approve")
	told := w.sees(rita, "*Not moved* (`bastion-").Text
	if !strings.Contains(told, "*nothing is scheduled any more*") {
		t.Errorf("told is %s", told)
	}
	w.untilRequest(2, "the others to be read back", readBack)
	for i, name := range []string{"bastion-a", "bastion-b", "bastion-c"} {
		want := at.AddDate(0, 0, 1).Add(time.Duration(i) * time.Hour)
		if strings.Contains(told, name) {
			want = time.Time{}
		}
		if got := w.cloud.Instance(name).UpgradeTime; !got.Equal(want) {
			t.Errorf("%s is at %s", name, got)
		}
	}
	w.sees(rita, "*All 3 have ended.*") // of the one that was moved
}

func TestAFailureInABatchTakesTheOthersBack(t *testing.T) {
	t.Parallel()
	w, _, card := newBatch(t)
	w.cloud.SetBehaviour(cbhemu.Behaviour{Lag: cbhemu.Duration(2 * time.Second)}) // what it has accepted it does not show at once
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(300 * time.Millisecond), Kind: cbhemu.FaultDocumented, Status: http.StatusForbidden, Message: "The agent is not started."})
	w.presses(ana, card, "Approve")
	w.sees(rita, "agent on the instance is not running")
	w.sees(rita, "*Stopped.* An upgrade of this batch failed")
	w.until("the cloud to hold none", func() bool {
		for _, name := range []string{"bastion-a", "bastion-b", "bastion-c"} {
			if !w.cloud.Instance(name).UpgradeTime.IsZero() {
				return false
			}
		}
		return true
	})
}

func TestABatchWithAMistakeAsksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fleet())
	w.start()
	for text, words := range map[string]string{
		"upgrade bastion-a, bastion-x in 3 days at 2am":                          "Nobody was asked about the batch",
		"upgrade bastion-a, BASTION-A in 3 days at 2am":                          "You name `bastion-a` twice",
		"cancel bastion-a, bastion-b":                                            "Only upgrades can be asked for several at a time",
		"upgrade bastion-a, bastion-b, bastion-c in 10 days at 2am stagger 999h": "too far ahead: the latest is",
	} {
		w.types(rita, text)
		w.sees(rita, words)
	}
	if open := len(w.slack.Messages("C0OPS")); open != 0 {
		t.Errorf("%d messages for all to read:\n%s", open, w.transcript())
	}
}
