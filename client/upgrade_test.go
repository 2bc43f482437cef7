package client_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

func TestASuccessThatTellsAnErrorIsUnclear(t *testing.T) {
	for _, body := range []string{html, `{"error_code":"CBH.10020009","error_description":"The agent is not started."}`, `{"error_code":403}`, `{"error":{"code":500,"message":"x"}}`, `{"error":"The agent is not started."}`, mark + `{"error_code":403}`} {
		_, err := answering(t, 200, nil, body).Upgrade(t.Context(), "id", time.Now())
		if !client.Unclear(err) || client.KindOf(err) != client.Unreadable {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, body := range []string{`{"error_code":null}`, `{"error_code":"0"}`, `{"error":null}`, `{"error":false}`, `{"error":{}}`, `{"error":""}`} {
		if _, err := answering(t, 200, nil, body).Upgrade(t.Context(), "id", time.Now()); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestFactsA200IsAcceptedWhateverTheCloudsBody: the reference documents none.
func TestFactsA200IsAcceptedWhateverTheCloudsBody(t *testing.T) {
	for _, kind := range []string{cbhemu.FaultNone, cbhemu.FaultEmpty, cbhemu.FaultObject, cbhemu.FaultText, cbhemu.FaultCut} {
		t.Run(kind, func(t *testing.T) {
			c := newCloud(t, "prod")
			c.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: kind})
			at := c.clock.now().Add(25 * time.Hour)
			receipt, err := c.Upgrade(t.Context(), c.prod(t).ServerID, at)
			if err != nil || receipt.Status != 200 || kind != cbhemu.FaultCut && receipt.RequestID == "" {
				t.Errorf("got %+v, %v", receipt, err)
			}
			if got := c.prod(t).UpgradeTime; !got.Equal(at) {
				t.Errorf("scheduled for %v", got)
			}
		})
	}
}

func TestFactsTheCallOfThisProject(t *testing.T) {
	c := newCloud(t, "prod")
	id := c.prod(t).ServerID
	at := c.clock.now().Add(48*time.Hour + 123456789*time.Nanosecond)
	if _, err := c.Upgrade(t.Context(), id, at); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CancelUpgrade(t.Context(), id, at); err != nil {
		t.Fatal(err)
	}
	calls := c.Requests(cbhemu.OpUpgrade, cbhemu.OpCancel)
	for i, cancel := range []string{"false", "true"} {
		r := calls[i]
		if want := `{"server_id":"` + id + `","upgrade_time":1772614800123,"cancel":` + cancel + `}`; r.Body != want {
			t.Errorf("\nsent %s\nnot  %s", r.Body, want)
		}
		if r.Method != http.MethodPost || r.Path != "/v2/"+cbhemu.DefaultProject+"/cbs/instance/upgrade" || len(r.Query) != 0 {
			t.Errorf("sent %s %s %v", r.Method, r.Path, r.Query)
		}
		if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Auth-Token") == "" {
			t.Errorf("headers %v", r.Header)
		}
	}
	if got := c.prod(t).UpgradeTime; !got.IsZero() {
		t.Errorf("after cancelling it is scheduled for %v", got)
	}
}

// awakened is the context of a process that was stopped past its end: no timer has
// gone off yet.
type awakened struct {
	context.Context
	end time.Time
}

func (a awakened) Deadline() (time.Time, bool) { return a.end, true }

// connecting takes its time for a connection.
type connecting struct{ wait time.Duration }

func (c connecting) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(c.wait)
	return http.DefaultTransport.RoundTrip(r)
}

// TestAProcessThatWakesUpPastItsEndSendsNoWrite has a process stopped before it has a
// connection, and while it gets one. A write without its body does nothing, but may be
// taken for one by who counts.
func TestAProcessThatWakesUpPastItsEndSendsNoWrite(t *testing.T) {
	for name, test := range map[string]struct{ end, connecting time.Duration }{
		"before it has a connection": {end: -time.Second},
		"while it gets a connection": {end: 50 * time.Millisecond, connecting: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			var begun, whole atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				begun.Add(1)
				if _, err := io.ReadAll(r.Body); err == nil {
					whole.Add(1)
				}
			}))
			defer server.Close()
			c, err := client.New(client.Config{
				Endpoint: server.URL, ProjectID: cbhemu.DefaultProject, Auth: client.StaticToken("t"),
				HTTP: &http.Client{Transport: connecting{test.connecting}},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Upgrade(awakened{t.Context(), time.Now().Add(test.end)}, "7f3d", time.Now().Add(25*time.Hour))
			server.Close() // waits for what was begun
			if err == nil || whole.Load() > 0 || test.connecting == 0 && begun.Load() > 0 {
				t.Errorf("%v; %d writes were begun, %d of them whole", err, begun.Load(), whole.Load())
			}
		})
	}
}

// TestFactsRefusals has each refusal of the emulated cloud, in both languages.
func TestFactsRefusals(t *testing.T) {
	tests := []struct {
		name string
		kind client.Kind
		call func(*testing.T, *cloud) error
	}{
		{"400 under 24 h", client.TooSoon, upgradeOf("bastion-prod", 23*time.Hour)},
		{"403 latest", client.LatestVersion, upgradeOf("bastion-lab", 25*time.Hour)},
		{"403 agent", client.AgentNotStarted, upgradeOf("bastion-dr", 25*time.Hour)},
		{"404 no such instance", client.NotFound, upgradeOf("nobody", 25*time.Hour)},
		{"403 nothing to roll back", client.NoPermission, func(t *testing.T, c *cloud) error {
			_, err := c.Rollback(t.Context(), c.prod(t).ServerID)
			return err
		}},
		{"409 scheduled already", client.Conflict, func(t *testing.T, c *cloud) error {
			c.schedule(t)
			return upgradeOf("bastion-prod", 26*time.Hour)(t, c)
		}},
		{"409 started", client.Conflict, func(t *testing.T, c *cloud) error {
			at := c.schedule(t)
			c.clock.skip(25 * time.Hour)
			_, err := c.CancelUpgrade(t.Context(), c.prod(t).ServerID, at)
			return err
		}},
		{"400 nothing to cancel", client.BadRequest, func(t *testing.T, c *cloud) error {
			_, err := c.CancelUpgrade(t.Context(), c.prod(t).ServerID, c.clock.now().Add(25*time.Hour))
			return err
		}},
	}
	for _, test := range tests {
		for _, chinese := range []bool{false, true} {
			c := newCloud(t, "prod")
			c.SetBehaviour(cbhemu.Behaviour{ChineseErrors: chinese})
			if err := test.call(t, c); client.KindOf(err) != test.kind || client.Unclear(err) {
				t.Errorf("%s, Chinese %v: got %v", test.name, chinese, err)
			}
		}
	}
}

// upgradeOf schedules an instance by name; an unknown one has an id of nobody.
func upgradeOf(name string, ahead time.Duration) func(*testing.T, *cloud) error {
	return func(t *testing.T, c *cloud) error {
		id := c.Server.Instance(name).ServerID
		if id == "" {
			id = "00000000-0000-4000-a000-000000000000"
		}
		_, err := c.Upgrade(t.Context(), id, c.clock.now().Add(ahead))
		return err
	}
}

func TestFacts403WrongProject(t *testing.T) {
	c := newCloud(t, "prod")
	other, err := client.New(client.Config{Endpoint: c.url, ProjectID: "another project", Auth: client.StaticToken(c.IssueToken())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Instances(t.Context()); client.KindOf(err) != client.NoPermission {
		t.Errorf("got %v", err)
	}
}

// TestUnclear tells after which failures a write may have taken effect.
func TestUnclear(t *testing.T) {
	for kind, want := range map[string]struct {
		unclear, scheduled bool
		kind               client.Kind
	}{
		cbhemu.FaultResetBefore: {true, false, client.Unavailable},
		cbhemu.FaultResetAfter:  {true, true, client.Unavailable},
		cbhemu.FaultLateError:   {true, true, client.Unavailable},
		cbhemu.FaultHTML:        {true, false, client.Unreadable},
		cbhemu.FaultThrottled:   {false, false, client.Throttled},
		cbhemu.FaultNumeric:     {false, false, client.NoPermission},
	} {
		t.Run(kind, func(t *testing.T) {
			c := newCloud(t, "prod")
			c.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: kind})
			_, err := c.Upgrade(t.Context(), c.prod(t).ServerID, c.clock.now().Add(25*time.Hour))
			if client.Unclear(err) != want.unclear || client.KindOf(err) != want.kind {
				t.Errorf("unclear %v, kind %v: %v", client.Unclear(err), client.KindOf(err), err)
			}
			if scheduled := !c.prod(t).UpgradeTime.IsZero(); scheduled != want.scheduled {
				t.Errorf("scheduled: %v", scheduled)
			}
		})
	}
}

func TestNobodyListeningMeansThatNothingWasSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	for _, endpoint := range []string{"http://" + address, "https://no-such-host.invalid"} {
		c, err := client.New(client.Config{Endpoint: endpoint, ProjectID: "p", Auth: client.StaticToken("t")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Upgrade(t.Context(), "id", time.Now())
		if client.KindOf(err) != client.Unavailable || client.Unclear(err) {
			t.Errorf("%s: unclear %v, %v", endpoint, client.Unclear(err), err)
		}
	}
}

func TestFactsCrossVersionChangesTheIDsAndCanBeRolledBack(t *testing.T) {
	c := newCloud(t, "changes ids")
	before := c.prod(t)
	c.schedule(t)
	c.clock.skip(25*time.Hour + 79*time.Minute)
	if i := c.prod(t); !i.Running || i.TaskStatus != "traffic-switchover" {
		t.Errorf("running: %+v", i)
	}
	c.clock.skip(time.Minute)
	after := c.prod(t)
	if after.ServerID == before.ServerID || after.Version == before.Version || after.Update != client.CanRollback || !after.Idle {
		t.Errorf("finished: %+v", after)
	}
	all, err := c.Client.Instances(t.Context())
	if err != nil || slices.ContainsFunc(all, func(i client.Instance) bool { return i.ServerID == before.ServerID }) {
		t.Errorf("the old id: %+v, %v", all, err)
	}
	if _, err := c.Rollback(t.Context(), after.ServerID); err != nil {
		t.Fatal(err)
	}
	if i := c.prod(t); i.TaskStatus != "rollback" || i.Idle {
		t.Errorf("rolling back: %+v", i)
	}
	c.clock.skip(20 * time.Minute)
	if i := c.prod(t); i.Version != before.Version || i.Update != client.CrossVersion || !i.Idle {
		t.Errorf("rolled back: %+v", i)
	}
}
