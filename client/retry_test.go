package client_test

import (
	"context"
	"net/http/httptrace"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// passing are the faults that a read survives.
var passing = map[string]cbhemu.Fault{
	"429":             {Kind: cbhemu.FaultThrottled},
	"500 documented":  {Kind: cbhemu.FaultDocumented, Code: "CBH.10020000"},
	"502 HTML":        {Kind: cbhemu.FaultHTML},
	"503 empty":       {Kind: cbhemu.FaultBare, Status: 503},
	"reset":           {Kind: cbhemu.FaultResetBefore},
	"a body cut off":  {Kind: cbhemu.FaultCut},
	"late error":      {Kind: cbhemu.FaultLateError},
	"reset too late":  {Kind: cbhemu.FaultResetAfter},
	"IAM is away too": {Op: cbhemu.OpToken, Kind: cbhemu.FaultHTML},
}

func TestAReadIsRepeated(t *testing.T) {
	for name, fault := range passing {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, "prod")
			fault.Times = 2
			c.Fault(fault)
			c.prod(t)
			if len(c.waits) == 0 {
				t.Error("it did not wait before it tried again")
			}
			for _, wait := range c.waits {
				if wait <= 0 || wait > 6*time.Second {
					t.Errorf("it waited %v", wait)
				}
			}
		})
	}
}

func TestAReadIsSentFourTimesAtMost(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultBare, Status: 503, Times: -1})
	if _, err := c.Client.Instances(t.Context()); client.KindOf(err) != client.Unavailable {
		t.Errorf("got %v", err)
	}
	if n := len(c.Requests(cbhemu.OpList)); n != 4 {
		t.Errorf("%d attempts, not four", n)
	}
	if a, b := c.waits[0], c.waits[2]; b < a {
		t.Errorf("the waits do not grow: %v", c.waits)
	}
}

func TestAReadThatWasRefusedIsNotRepeated(t *testing.T) {
	c := newCloud(t, "prod")
	for _, status := range []int{400, 403, 404} {
		c.ForgetRequests()
		c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultBare, Status: status})
		if _, err := c.Client.Instances(t.Context()); err == nil {
			t.Errorf("%d is no error", status)
		}
		if n := len(c.Requests(cbhemu.OpList)); n != 1 {
			t.Errorf("%d: %d attempts, not one", status, n)
		}
	}
}

// TestFactsAWriteIsNeverRepeated: not even where nothing can have happened.
func TestFactsAWriteIsNeverRepeated(t *testing.T) {
	for name, fault := range passing {
		if fault.Op != "" || fault.Kind == cbhemu.FaultCut {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, "prod")
			id := c.prod(t).ServerID
			fault.Op = cbhemu.OpUpgrade
			c.Fault(fault)
			if _, err := c.Upgrade(t.Context(), id, c.clock.now().Add(25*time.Hour)); err == nil {
				t.Error("no error")
			}
			if n := len(c.Requests(cbhemu.OpUpgrade)); n != 1 {
				t.Errorf("%d attempts, not one", n)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultThrottled, RetryAfter: "7"})
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultThrottled})
	c.prod(t)
	if len(c.waits) != 2 || c.waits[0] < 7*time.Second || c.waits[0] > 8*time.Second {
		t.Errorf("waited %v, not 7 s first", c.waits)
	}
	if c.waits[1] < 2*time.Second || c.waits[1] > 5*time.Second {
		t.Errorf("waited %v after being throttled, not 2 to 5 s", c.waits[1])
	}
}

func TestALongRetryAfterIsLeftToTheCaller(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultThrottled, RetryAfter: "600"})
	_, err := c.Client.Instances(t.Context())
	if client.KindOf(err) != client.Throttled || len(c.waits) != 0 {
		t.Errorf("got %v after waiting %v", err, c.waits)
	}
}

func TestAReadDoesNotOutliveItsContext(t *testing.T) {
	c := newCloud(t, "prod")
	c.prod(t)
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultThrottled, Times: -1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := c.Client.Instances(ctx)
	if client.KindOf(err) != client.Throttled || len(c.waits) != 0 {
		t.Errorf("it waited %v for what could not come in time, and got %v", c.waits, err)
	}
}

func TestAnAnswerThatTakesTooLongIsGivenUp(t *testing.T) {
	c := newCloud(t, "prod")
	id := c.prod(t).ServerID
	c.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Minute)})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
	_, err := c.Upgrade(ctx, id, c.clock.now().Add(25*time.Hour))
	if client.KindOf(err) != client.Unavailable || !client.Unclear(err) {
		t.Errorf("got %v", err)
	}
}
