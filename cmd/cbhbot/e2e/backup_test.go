package e2e

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/client/cbhemu"
)

// backup is what a Redis held: each key, as DUMP gives it.
type backup map[string]string

func (w *world) backup() backup {
	w.t.Helper()
	kept := backup{}
	rdb := w.redis.Client()
	for _, key := range rdb.Keys(w.t.Context(), "*").Val() {
		dumped, err := rdb.Dump(w.t.Context(), key).Result()
		if errors.Is(err, redis.Nil) {
			continue // it ended meanwhile
		}
		if err != nil {
			w.t.Fatal(err)
		}
		kept[key] = dumped
	}
	return kept
}

// putBack makes Redis what it was.
func (w *world) putBack(kept backup) {
	w.t.Helper()
	rdb := w.redis.Client()
	if err := rdb.FlushAll(w.t.Context()).Err(); err != nil {
		w.t.Fatal(err)
	}
	for key, dumped := range kept {
		if err := rdb.Restore(w.t.Context(), key, 0, dumped).Err(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestABackupPutBackCallsNothingAgain: what was approved and scheduled since the
// backup is pending again, and whoever approves it again schedules nothing twice.
func TestABackupPutBackCallsNothingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	card := w.card("in 3 days at 2am")
	kept := w.backup()
	w.presses(ana, card, "Approve")
	w.once()
	first.stop()
	w.putBack(kept)
	w.start()
	w.slack.As(bo).OpenHome("home")
	w.home(bo, "Waiting for you: 1", "CBH-1")
	w.clicks(bo, "Approve")
	w.home(bo, "not Waiting for you", "In the coming 30 days: 1")
	w.once()
}

// TestARedisLostWithScheduledUpgrades: the upgrades stand at the cloud, are found there, and can be cancelled.
func TestARedisLostWithScheduledUpgrades(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.once()
	first.stop()
	w.putBack(nil)
	w.start()
	w.types(rita, "status bastion-prod")
	w.reads(rita, "scheduled")
	w.types(rita, "cancel bastion-prod -- redis was lost")
	w.presses(ana, w.sees(ana, "Cancel the upgrade of bastion-prod"), "Approve")
	w.until("the cloud to have cancelled it", func() bool { return w.cloud.Instance("bastion-prod").UpgradeTime.IsZero() })
}

// TestACardOfARequestThatRedisLostActsOnNoOther: another request has its number by then.
func TestACardOfARequestThatRedisLostActsOnNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	lost := w.card("in 3 days at 2am")
	first.stop()
	w.putBack(nil)
	w.start()
	w.types(rita, "upgrade bastion-dev in 3 days at 2am")
	w.sees(ana, "Upgrade bastion-dev")
	before := w.asked()
	w.presses(rita, lost, "Reschedule")
	w.reads(rita, "There is no such request")
	w.slack.As(rita).Reload()
	w.presses(rita, lost, "Withdraw")
	w.reads(rita, "There is no such request")
	w.presses(ana, lost, "Approve")
	w.reads(ana, "There is no such request")
	if after := w.request(1); w.slack.As(rita).Modal() != nil || !after.SameFacts(before) {
		t.Errorf("a form: %v, the request: %+v", w.slack.As(rita).Modal(), after)
	}
}

// TestARequestDeletedInABackupIsNotCalled, where it was approved then and cancelled since; its bastion is free.
func TestARequestDeletedInABackupIsNotCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	card := w.card("in 3 days at 2am")
	w.untilReadsAreOlderThan(2 * time.Second)
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Times: -1})
	w.presses(ana, card, "Approve")
	w.sees(rita, "does not answer, or not as it should")
	kept := w.backup()
	first.stop()
	w.cloud.ClearFaults()
	w.putBack(kept)
	w.redis.Client().Del(t.Context(), store.DefaultPrefix+"request:1")
	w.start()
	w.types(rita, "cancel bastion-prod")
	w.reads(rita, "holds no upgrade")
	w.types(rita, "upgrade bastion-prod in 5 days at 2am")
	w.sees(ana, "CBH-2 waiting for approval")
	if n := w.posts(); n != 0 {
		t.Errorf("%d POSTs\n%s", n, w.transcript())
	}
}
