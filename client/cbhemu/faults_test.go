package cbhemu_test

import (
	"strings"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// TestFaults tells what each does to the answer, and whether the call took effect.
func TestFaults(t *testing.T) {
	tests := map[string]struct {
		fault  cbhemu.Fault
		status int // 0: no answer
		says   string
		effect bool
	}{
		"none":         {cbhemu.Fault{}, 200, "", true},
		"documented":   {cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: 403, Code: "C", Message: "M"}, 403, `{"error_code":"C","error_description":"M"}`, false},
		"numeric":      {cbhemu.Fault{Kind: cbhemu.FaultNumeric, Message: "中"}, 403, `{"description":"中","error_code":403}`, false},
		"gateway":      {cbhemu.Fault{Kind: cbhemu.FaultGateway, Status: 401, Code: "APIG.0307", Message: "M"}, 401, `"error_msg":"M","request_id":`, false},
		"IAM":          {cbhemu.Fault{Kind: cbhemu.FaultIAM, Message: "M"}, 401, `{"error":{"code":401,"message":"M","title":"Unauthorized"}}`, false},
		"HTML":         {cbhemu.Fault{Kind: cbhemu.FaultHTML}, 502, "<html>", false},
		"plain":        {cbhemu.Fault{Kind: cbhemu.FaultPlain, Message: "M"}, 500, "M", false},
		"bare":         {cbhemu.Fault{Kind: cbhemu.FaultBare, Status: 503}, 503, "", false},
		"throttled":    {cbhemu.Fault{Kind: cbhemu.FaultThrottled}, 429, "APIG.0308", false},
		"reset before": {cbhemu.Fault{Kind: cbhemu.FaultResetBefore}, 0, "reset", false},
		"late error":   {cbhemu.Fault{Kind: cbhemu.FaultLateError}, 500, "CBH.10020000", true},
		"reset after":  {cbhemu.Fault{Kind: cbhemu.FaultResetAfter}, 0, "reset", true},
		"empty":        {cbhemu.Fault{Kind: cbhemu.FaultEmpty}, 200, "", true},
		"object":       {cbhemu.Fault{Kind: cbhemu.FaultObject}, 200, "{}", true},
		"text":         {cbhemu.Fault{Kind: cbhemu.FaultText}, 200, "Success", true},
		"page":         {cbhemu.Fault{Kind: cbhemu.FaultPage}, 200, "<html>", true},
		"cut":          {cbhemu.Fault{Kind: cbhemu.FaultCut}, 200, "EOF", true},
		"delay":        {cbhemu.Fault{Delay: cbhemu.Duration(time.Millisecond)}, 200, "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCaller(t, "prod")
			test.fault.Op = cbhemu.OpUpgrade
			c.Fault(test.fault)
			a := c.order(start.Add(25*time.Hour), false)
			if a.status != test.status || !strings.Contains(a.text, test.says) {
				t.Errorf("%d %s", a.status, a.text)
			}
			if effect := !c.prod().UpgradeTime.IsZero(); effect != test.effect {
				t.Errorf("it took effect: %v", effect)
			}
			if r := c.Requests(cbhemu.OpUpgrade); len(r) != 1 || r[0].Fault != test.fault.Kind {
				t.Errorf("the log has %+v", r)
			}
		})
	}
}

func TestAFaultMeetsOnlyWhatFits(t *testing.T) {
	c := newCaller(t, "prod")
	c.Fault(
		cbhemu.Fault{Method: "GET", Path: "/status", Kind: cbhemu.FaultBare, Status: 501},
		cbhemu.Fault{Op: cbhemu.OpList, After: 1, Times: 2, Kind: cbhemu.FaultThrottled, RetryAfter: "3"},
	)
	for i, want := range []int{200, 429, 429, 200} {
		a := c.do("GET", "instance/list", "")
		if a.status != want || want == 429 && a.header.Get("Retry-After") != "3" {
			t.Errorf("list %d: %d %v", i+1, a.status, a.header)
		}
	}
	if left := c.Faults(); len(left) != 1 {
		t.Errorf("%d faults are left, not one", len(left))
	}
	if a := c.do("GET", "instance/x/status", ""); a.status != 501 {
		t.Errorf("status: %d", a.status)
	}
	if a := c.do("GET", "instance/x/status", ""); a.status != 404 {
		t.Errorf("status, again: %d", a.status)
	}
}

func TestAFaultForEver(t *testing.T) {
	c := newCaller(t, "prod")
	c.Fault(cbhemu.Fault{Kind: cbhemu.FaultBare, Times: -1})
	for range 20 {
		if a := c.do("GET", "instance/list", ""); a.status != 500 {
			t.Fatalf("%d", a.status)
		}
	}
	c.ClearFaults()
	if a := c.do("GET", "instance/list", ""); a.status != 200 {
		t.Errorf("%d", a.status)
	}
}
