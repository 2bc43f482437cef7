package cbhemu_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// moment is the state of bastion-prod so long after its upgrade time.
type moment struct {
	after time.Duration
	state string // status, task, health, version, update, whether upgrade_time is there
}

func TestLivesOfAnUpgrade(t *testing.T) {
	lives := map[string]struct {
		seed      string
		behaviour cbhemu.Behaviour
		moments   []moment
	}{
		"minor": {"prod", cbhemu.Behaviour{}, []moment{
			{-time.Second, "ACTIVE NO_TASK ok 3.3.49.0 NEW true"},
			{0, "UPGRADING updating upgrading 3.3.49.0 NEW true"},
			{33 * time.Minute, "ACTIVE rebooting ok 3.3.49.0 NEW true"},
			{34 * time.Minute, "ACTIVE NO_TASK ok 3.3.52.1 OLD false"},
			{90 * 24 * time.Hour, "ACTIVE NO_TASK ok 3.3.52.1 OLD false"},
		}},
		"cross-version": {"changes ids", cbhemu.Behaviour{}, []moment{
			{0, "UPGRADING updating upgrading 3.3.49.0 CROSS_OS true"},
			{40 * time.Minute, "UPGRADING data-migrating upgrading 3.3.49.0 CROSS_OS true"},
			{70 * time.Minute, "UPGRADING traffic-switchover upgrading 3.3.49.0 CROSS_OS true"},
			{80 * time.Minute, "ACTIVE NO_TASK ok 3.3.62.0 ROLLBACK false"},
			{80*time.Minute + 7*24*time.Hour, "ACTIVE NO_TASK ok 3.3.62.0 OLD false"},
		}},
		"two hops": {"old two-hop", cbhemu.Behaviour{}, []moment{
			{0, "UPGRADING updating upgrading 3.3.37.0 NEW true"},
			{34 * time.Minute, "ACTIVE NO_TASK ok 3.3.50.0 CROSS_OS false"},
		}},
		"version unchanged": {"will fail", cbhemu.Behaviour{}, []moment{
			{time.Minute, "UPGRADING updating upgrading 3.3.49.0 NEW true"},
			{34 * time.Minute, "ACTIVE NO_TASK ok 3.3.49.0 NEW false"},
		}},
		"error": {"ends in error", cbhemu.Behaviour{}, []moment{
			{time.Minute, "UPGRADING updating upgrading 3.3.49.0 NEW true"},
			{17 * time.Minute, "ERROR NO_TASK abnormal 3.3.49.0 NEW false"},
			{48 * time.Hour, "ERROR NO_TASK abnormal 3.3.49.0 NEW false"},
		}},
		"stuck": {"gets stuck", cbhemu.Behaviour{}, []moment{
			{time.Minute, "UPGRADING updating upgrading 3.3.49.0 NEW true"},
			{48 * time.Hour, "UPGRADING updating upgrading 3.3.49.0 NEW true"},
		}},
		"never starts": {"never starts", cbhemu.Behaviour{}, []moment{
			{48 * time.Hour, "ACTIVE NO_TASK ok 3.3.49.0 NEW true"},
		}},
		"active in the middle of the restart": {"prod", cbhemu.Behaviour{ActiveMidRestart: true}, []moment{
			{30 * time.Minute, "ACTIVE NO_TASK ok 3.3.49.0 NEW true"},
			{33 * time.Minute, "ACTIVE rebooting ok 3.3.49.0 NEW true"},
		}},
		"upgrade_time kept": {"old two-hop", cbhemu.Behaviour{KeepUpgradeTime: true}, []moment{
			{34 * time.Minute, "ACTIVE NO_TASK ok 3.3.50.0 CROSS_OS true"},
			{48 * time.Hour, "ACTIVE NO_TASK ok 3.3.50.0 CROSS_OS true"},
		}},
		"upgrade_time hidden": {"prod", cbhemu.Behaviour{HideUpgradeTime: true}, []moment{
			{-time.Second, "ACTIVE NO_TASK ok 3.3.49.0 NEW true"},
			{0, "UPGRADING updating upgrading 3.3.49.0 NEW false"},
		}},
		"quicker": {"prod", cbhemu.Behaviour{Minor: cbhemu.Duration(time.Minute)}, []moment{
			{time.Minute, "ACTIVE NO_TASK ok 3.3.52.1 OLD false"},
		}},
	}
	for name, life := range lives {
		t.Run(name, func(t *testing.T) {
			c := newCaller(t, life.seed)
			c.SetBehaviour(life.behaviour)
			at := c.schedule()
			for _, m := range life.moments {
				c.skip(at.Add(m.after).Sub(c.now()))
				c.expect(m.state)
			}
		})
	}
}

// TestAClockThatJumps skips everything between scheduling and long after the end.
func TestAClockThatJumps(t *testing.T) {
	c := newCaller(t, "changes ids")
	before := c.prod()
	at := c.schedule()
	c.skip(30 * 24 * time.Hour)
	c.expect("ACTIVE NO_TASK ok 3.3.62.0 OLD false")
	after := c.prod()
	if after.ServerID == before.ServerID || after.InstanceID == before.InstanceID || after.ResourceID != before.ResourceID {
		t.Errorf("ids: %+v", after)
	}
	if !after.CreatedAt.Equal(at.Add(80 * time.Minute)) {
		t.Errorf("created %v", after.CreatedAt)
	}
}

// TestTurnsLieAhead follows an upgrade from its schedule to its end, and one that is
// made to get stuck on the way.
func TestTurnsLieAhead(t *testing.T) {
	c := newCaller(t, "prod")
	expect := func(want ...cbhemu.Turn) {
		t.Helper()
		if got := c.Turns(); !slices.Equal(got, want) {
			t.Errorf("%v lies ahead instead of %v", got, want)
		}
	}
	expect()
	at := c.schedule()
	expect(cbhemu.Turn{Name: "bastion-prod", At: at})
	c.skip(at.Sub(c.now()))
	expect(cbhemu.Turn{Name: "bastion-prod", At: at.Add(34 * time.Minute), Ends: true})
	if err := c.Change("bastion-prod", func(i *cbhemu.Instance) { i.Fate = cbhemu.Stuck }); err != nil {
		t.Fatal(err)
	}
	c.skip(34 * time.Minute)
	c.expect("ACTIVE NO_TASK ok 3.3.52.1 OLD false") // what runs goes on as it began
	if c.Change("bastion-none", func(*cbhemu.Instance) {}) == nil {
		t.Error("an instance that is not there was changed")
	}
}

func TestAPairIsUpgradedTogether(t *testing.T) {
	c := newCaller(t, "HA pair")
	c.schedule()
	c.skip(26 * time.Hour)
	var roles []string
	for _, i := range c.Instances() {
		if i.Name == "bastion-prod" {
			roles = append(roles, i.HARole+" "+i.Version)
		}
	}
	if len(roles) != 2 || roles[0] != "master 3.3.52.1" || roles[1] != "slave 3.3.52.1" {
		t.Errorf("got %v", roles)
	}
	if ha := c.entry("bastion-prod")["ha_info"]; ha == nil {
		t.Error("the list has no ha_info")
	}
}

// TestAPairIsUpgradedInTurn: the standby first, which then becomes the primary.
func TestAPairIsUpgradedInTurn(t *testing.T) {
	c := newCaller(t, "HA pair")
	c.SetBehaviour(cbhemu.Behaviour{PairInTurn: true})
	parts := func() string {
		var all []string
		for _, i := range c.Instances() {
			if i.Name == "bastion-prod" {
				all = append(all, i.HARole+" "+i.Version+" "+i.Status)
			}
		}
		return strings.Join(all, ", ")
	}
	c.schedule()
	for _, step := range []struct {
		skip time.Duration
		want string
	}{
		{25*time.Hour + 10*time.Minute, "master 3.3.49.0 ACTIVE, slave 3.3.49.0 UPGRADING"},
		{30 * time.Minute, "slave 3.3.49.0 UPGRADING, master 3.3.52.1 ACTIVE"},
		{30 * time.Minute, "slave 3.3.52.1 ACTIVE, master 3.3.52.1 ACTIVE"},
	} {
		if c.skip(step.skip); parts() != step.want {
			t.Errorf("%s, and not %s", parts(), step.want)
		}
	}
}

func TestTheStandbyOfAPairTakesNoCall(t *testing.T) {
	c := newCaller(t, "HA pair")
	body := fmt.Sprintf(`{"server_id":%q,"upgrade_time":%d}`, c.prod().ServerID, c.Now().Add(25*time.Hour).UnixMilli())
	c.SwitchRoles("bastion-prod")
	for _, op := range []string{"upgrade", "rollback"} {
		if a := c.post(op, "%s", body); a.status != 400 {
			t.Errorf("%s: %d %s", op, a.status, a.text)
		}
	}
	c.SwitchRoles("bastion-prod")
	if a := c.post("upgrade", "%s", body); a.status != 200 {
		t.Errorf("as the primary again: %d %s", a.status, a.text)
	}
}

func TestRollback(t *testing.T) {
	for _, oldIDs := range []bool{false, true} {
		c := newCaller(t, "changes ids")
		c.SetBehaviour(cbhemu.Behaviour{RollbackOldIDs: oldIDs})
		before := c.prod()
		c.schedule()
		c.skip(27 * time.Hour)
		after := c.prod()
		if a := c.post("rollback", `{"server_id":%q}`, after.ServerID); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.text)
		}
		c.expect("UPGRADING rollback upgrading 3.3.62.0 ROLLBACK false")
		if a := c.post("rollback", `{"server_id":%q}`, after.ServerID); a.status != 409 {
			t.Errorf("a second time: %d %s", a.status, a.text)
		}
		c.skip(20 * time.Minute)
		c.expect("ACTIVE NO_TASK ok 3.3.49.0 CROSS_OS false")
		if got := c.prod().ServerID == before.ServerID; got != oldIDs {
			t.Errorf("the old id is back: %v", got)
		}
	}
}

func TestRollbackAfterAWeekIsRefused(t *testing.T) {
	c := newCaller(t, "changes ids")
	c.schedule()
	c.skip(9 * 24 * time.Hour)
	if a := c.post("rollback", `{"server_id":%q}`, c.prod().ServerID); a.status != 403 {
		t.Errorf("%d %s", a.status, a.text)
	}
}
