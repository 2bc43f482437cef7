package cbhemu_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

func TestControl(t *testing.T) {
	c := newCaller(t, "prod")
	steps := []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/state", "", 200, `"min_lead":"24h0m0s"`},
		{"GET", "/instances", "", 200, `"name":"bastion-staging"`},
		{"POST", "/seed", `{"seed":"agent down"}`, 200, ""},
		{"GET", "/instances", "", 200, `"agent_down":true`},
		{"POST", "/seed", `{"seed":"nonsense"}`, 400, `HA pair, agent down`},
		{"POST", "/instances", `{"name":"bastion-extra","version":"1","path":[{"update":"NEW","version":"2"}],"fate":"stuck","extra":{"update":false},"omit":["network"]}`, 200, ""},
		{"POST", "/instances", `{"version":"1"}`, 400, "needs a name"},
		{"POST", "/instances", `{"colour":"red"}`, 400, "colour"},
		{"DELETE", "/instances/bastion-dr", "", 200, ""},
		{"PUT", "/behaviour", `{"overwrite":true,"minor":"1m"}`, 200, ""},
		{"GET", "/behaviour", "", 200, `"minor":"1m0s"`},
		{"POST", "/faults", `{"op":"status","kind":"html","delay":"1ms"}`, 200, ""},
		{"GET", "/faults", "", 200, `"kind":"html"`},
		{"DELETE", "/faults", "", 200, ""},
		{"GET", "/faults", "", 200, "[]"},
		{"POST", "/advance", `{"by":"1h"}`, 400, "not this server's own"},
		{"POST", "/tokens/expire", "", 200, ""},
	}
	for _, step := range steps {
		if a := c.do(step.method, "/_control"+step.path, step.body); a.status != step.status || !strings.Contains(a.text, step.says) {
			t.Errorf("%s %s: %d %s", step.method, step.path, a.status, a.text)
		}
	}
	if a := c.do("GET", "instance/list", ""); a.body["error_code"] != "APIG.0307" {
		t.Errorf("after expiring the tokens: %s", a.text)
	}
	if a := c.do("GET", "/_control/requests?op=list", ""); !strings.Contains(a.text, `"op":"list"`) || strings.Contains(a.text, c.token) {
		t.Errorf("the log: %s", a.text)
	}
	c.token = c.IssueToken()
	if e := c.entry("bastion-extra"); e["update"] != false || e["network"] != nil {
		t.Errorf("the odd entry: %v", e)
	}
	if c.Instance("bastion-dr").Name != "" {
		t.Error("the deleted instance is there")
	}
}

func TestAClockOfItsOwn(t *testing.T) {
	s := cbhemu.New(cbhemu.Options{})
	before := s.Now()
	if !s.Advance(25*time.Hour) || s.Now().Sub(before) < 25*time.Hour {
		t.Errorf("from %v to %v", before, s.Now())
	}
}

func TestSeeds(t *testing.T) {
	for _, name := range []string{"prod", "old two-hop", "HA pair", "agent down", "will fail", "gets stuck", "never starts", "changes ids"} {
		if !slices.Contains(cbhemu.Seeds(), name) {
			t.Errorf("there is no %q", name)
		}
		s := cbhemu.New(cbhemu.Options{Seed: name})
		if s.Instance("bastion-prod").ServerID == "" {
			t.Errorf("%q has no bastion-prod", name)
		}
	}
	c := newCaller(t, "")
	offers := map[string]int{}
	for _, e := range c.do("GET", "instance/list", "").body["instance"].([]any) {
		offers[e.(map[string]any)["update"].(string)]++
	}
	if offers["NEW"] < 3 || offers["OLD"] == 0 || offers["CROSS_OS"] == 0 {
		t.Errorf("prod offers %v", offers)
	}
	ids := map[string]bool{}
	for _, i := range c.Instances() {
		ids[i.ServerID] = true
		if len(i.ServerID) != 36 {
			t.Errorf("%q is no UUID", i.ServerID)
		}
	}
	if len(ids) != len(c.Instances()) {
		t.Error("two instances share a server_id")
	}
}

// TestContradictorySpec: the types of the example on the list's reference page.
func TestContradictorySpec(t *testing.T) {
	c := newCaller(t, "prod")
	c.SetBehaviour(cbhemu.Behaviour{ContradictorySpec: true})
	e := c.entry("bastion-lab")
	if _, isNumber := e["start_time"].(float64); !isNumber || e["update"] != false || e["period_num"] != 1.0 {
		t.Errorf("got %v", e)
	}
	if e := c.entry("bastion-prod"); e["update"] != "NEW" {
		t.Errorf("an upgrade on offer is %v", e["update"])
	}
}

func TestListOfOne(t *testing.T) {
	c := newCaller(t, "prod")
	a := c.do("GET", "instance/list?instance_id="+c.prod().InstanceID, "")
	if all := a.body["instance"].([]any); len(all) != 1 || a.body["total"] != 1.0 {
		t.Errorf("got %s", a.text)
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "offset=-1"} {
		if a := c.do("GET", "instance/list?"+query, ""); a.status != 400 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	if all := c.do("GET", "instance/list?limit=2&offset=5", "").body["instance"].([]any); len(all) != 1 {
		t.Errorf("the last page has %d", len(all))
	}
}
