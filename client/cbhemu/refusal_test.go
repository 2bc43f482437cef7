package cbhemu_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// TestTheOrderOfRefusals gives each request everything wrong that comes after
// the refusal it is to get.
func TestTheOrderOfRefusals(t *testing.T) {
	c := newCaller(t, "prod")
	good := c.IssueToken()
	soon, late := start.Add(time.Hour).UnixMilli(), start.Add(25*time.Hour).UnixMilli()
	id := func(name string) string { return c.Instance(name).ServerID }
	down := c.Instance("bastion-lab")
	down.Name, down.ServerID, down.AgentDown = "bastion-down-and-latest", "", true
	c.Put(down)
	busy := c.Instance("bastion-staging")
	busy.Status = "SHUTOFF"
	c.Put(busy)
	order := func(id string, at int64) string { return fmt.Sprintf(`{"server_id":%q,"upgrade_time":%d}`, id, at) }

	tests := []struct {
		name, token, body string
		status            int
		says              string
	}{
		{"no token", "", `{`, 401, "APIG.0301"},
		{"unknown token", "unknown", `{`, 401, "APIG.0301"},
		{"no JSON", good, `{`, 400, "CBH.10020009"},
		{"server_id missing", good, `{"upgrade_time":1}`, 400, "CBH.10020011"},
		{"server_id a number", good, `{"server_id":1,"upgrade_time":1}`, 400, "CBH.10020010"},
		{"upgrade_time missing", good, `{"server_id":"x"}`, 400, "CBH.10020010"},
		{"upgrade_time missing when cancelling", good, `{"server_id":"x","cancel":true}`, 400, "CBH.10020010"},
		{"upgrade_time a string", good, `{"server_id":"x","upgrade_time":"1702974655000"}`, 400, "CBH.10020010"},
		{"upgrade_time with a fraction", good, `{"server_id":"x","upgrade_time":1702974655000.5}`, 400, "CBH.10020010"},
		{"cancel a string", good, `{"server_id":"x","upgrade_time":1,"cancel":"true"}`, 400, "CBH.10020010"},
		{"no such instance", good, order("x", soon), 404, "Not CBH instances found."},
		{"agent", good, order(id("bastion-down-and-latest"), soon), 403, "The agent is not started."},
		{"latest", good, order(id("bastion-lab"), soon), 403, "The current version is the latest. There is no need to upgrade."},
		{"exactly 24 h", good, order(id("bastion-prod"), start.Add(24*time.Hour).UnixMilli()), 400, "24 hours"},
		{"24 h", good, order(id("bastion-staging"), soon), 400, "24 hours"},
		{"seconds for milliseconds", good, order(id("bastion-prod"), late/1000), 400, "24 hours"},
		{"not active", good, order(id("bastion-staging"), late), 409, "another task"},
		{"nothing wrong", good, order(id("bastion-prod"), late), 200, ""},
		{"scheduled already", good, order(id("bastion-prod"), late), 409, "already been scheduled"},
	}
	for _, test := range tests {
		c.token = test.token
		if a := c.post("upgrade", "%s", test.body); a.status != test.status || !strings.Contains(a.text, test.says) {
			t.Errorf("%s: %d %s", test.name, a.status, a.text)
		}
	}
}

func TestTokensAndProjects(t *testing.T) {
	c := newCaller(t, "prod")
	if a := c.do("GET", "/v2/another/cbs/instance/list", ""); a.status != 403 || a.body["error_code"] != "CBH.10020002" {
		t.Errorf("another project: %d %s", a.status, a.text)
	}
	old := c.token
	c.skip(24 * time.Hour)
	c.token = old
	if a := c.do("GET", "instance/list", ""); a.status != 401 || a.body["error_code"] != "APIG.0307" {
		t.Errorf("an old token: %d %s", a.status, a.text)
	}
	c.token = c.IssueToken()
	if a := c.do("GET", "/v2/"+cbhemu.DefaultProject+"/cbs/nothing", ""); a.status != 404 || a.body["error_code"] != "APIG.0101" {
		t.Errorf("an unknown path: %d %s", a.status, a.text)
	}
}

func login(password, project string) string {
	return fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":%q}}}},"scope":{"project":{"id":%q}}}}`,
		cbhemu.DefaultUser, password, cbhemu.DefaultDomain, project)
}

func TestIAM(t *testing.T) {
	c := newCaller(t, "prod")
	const path = "/v3/auth/tokens?nocatalog=true"
	a := c.do("POST", path, login(cbhemu.DefaultPassword, cbhemu.DefaultProject))
	expires := a.body["token"].(map[string]any)["expires_at"]
	if a.status != 201 || a.header.Get("X-Subject-Token") == "" || expires != "2026-03-03T09:00:00.000000Z" {
		t.Errorf("%d %v %s", a.status, a.header, a.text)
	}
	c.token = a.header.Get("X-Subject-Token")
	if a := c.do("GET", "instance/list", ""); a.status != 200 {
		t.Errorf("with the token: %d %s", a.status, a.text)
	}
	if a := c.do("POST", path, login(cbhemu.DefaultPassword, "another")); a.status != 403 {
		t.Errorf("another project: %d %s", a.status, a.text)
	}
	if a := c.do("POST", path, `{}`); a.status != 400 {
		t.Errorf("an empty body: %d %s", a.status, a.text)
	}
}

func TestFiveWrongPasswordsLockTheUserFor15Minutes(t *testing.T) {
	c := newCaller(t, "prod")
	right := func() int {
		return c.do("POST", "/v3/auth/tokens", login(cbhemu.DefaultPassword, cbhemu.DefaultProject)).status
	}
	for range 5 {
		if a := c.do("POST", "/v3/auth/tokens", login("wrong", cbhemu.DefaultProject)); a.status != 401 || !strings.Contains(a.text, `"title":"Unauthorized"`) {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	if status := right(); status != 401 {
		t.Errorf("locked: %d", status)
	}
	c.skip(15 * time.Minute)
	if status := right(); status != 201 {
		t.Errorf("after the lock: %d", status)
	}
	if r := c.Requests(cbhemu.OpToken); len(r) != 7 || strings.Contains(fmt.Sprint(r), cbhemu.DefaultPassword) || !strings.Contains(r[0].Body, `"password":"…"`) {
		t.Errorf("the log holds passwords: %+v", r)
	}
}

// TestSwitches has both sides of what is not documented.
func TestSwitches(t *testing.T) {
	later := start.Add(30 * time.Hour)
	tests := []struct {
		name        string
		on          cbhemu.Behaviour
		do          func(*caller) answer
		off, whenOn int
	}{
		{"overwrite", cbhemu.Behaviour{Overwrite: true}, func(c *caller) answer { c.schedule(); return c.order(later, false) }, 409, 200},
		{"cancel nothing", cbhemu.Behaviour{CancelNothing: true}, func(c *caller) answer { return c.order(later, true) }, 400, 200},
		{"cancel needs time", cbhemu.Behaviour{CancelNeedsTime: true}, func(c *caller) answer { c.schedule(); return c.order(later, true) }, 200, 400},
		{"cancel needs lead", cbhemu.Behaviour{CancelNeedsLead: true}, func(c *caller) answer {
			at := c.schedule()
			c.skip(2 * time.Hour)
			return c.order(at, true)
		}, 200, 400},
		{"shorter lead", cbhemu.Behaviour{MinLead: cbhemu.Duration(time.Hour)}, func(c *caller) answer { return c.order(start.Add(2*time.Hour), false) }, 400, 200},
	}
	for _, test := range tests {
		for _, on := range []bool{false, true} {
			c, want := newCaller(t, "prod"), test.off
			if on {
				c.SetBehaviour(test.on)
				want = test.whenOn
			}
			if a := test.do(c); a.status != want {
				t.Errorf("%s, %v: %d %s", test.name, on, a.status, a.text)
			}
		}
	}
}

func TestAStartedUpgradeCannotBeCancelled(t *testing.T) {
	c := newCaller(t, "prod")
	at := c.schedule()
	c.skip(25 * time.Hour)
	if a := c.order(at, true); a.status != 409 || !strings.Contains(a.text, "has started") {
		t.Errorf("%d %s", a.status, a.text)
	}
	c.skip(10 * time.Minute)
	c.expect("UPGRADING updating upgrading 3.3.49.0 NEW true")
}

func TestChineseRefusals(t *testing.T) {
	c := newCaller(t, "agent down")
	c.SetBehaviour(cbhemu.Behaviour{ChineseErrors: true})
	if a := c.order(start.Add(25*time.Hour), false); a.text != `{"description":"agent未启动","error_code":403}` {
		t.Errorf("got %s", a.text)
	}
}

func TestASeenScheduleMayLag(t *testing.T) {
	c := newCaller(t, "prod")
	c.SetBehaviour(cbhemu.Behaviour{Lag: cbhemu.Duration(time.Minute)})
	c.schedule()
	c.expect("ACTIVE NO_TASK ok 3.3.49.0 NEW false")
	c.skip(time.Minute)
	c.expect("ACTIVE NO_TASK ok 3.3.49.0 NEW true")
}
