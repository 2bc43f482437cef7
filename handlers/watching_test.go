package handlers

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/queue"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// TestFactsWhatTheListSays maps the cloud's words to what a look knows.
func TestFactsWhatTheListSays(t *testing.T) {
	for name, c := range map[string]struct {
		status, task, health string
		update               client.Update
		want                 approvals.Observation
	}{
		"UPGRADING":                 {"UPGRADING", "NO_TASK", "ok", client.Minor, approvals.Observation{Running: true}},
		"updating":                  {"ACTIVE", "updating", "ok", client.Minor, approvals.Observation{Running: true}},
		"data-migrating":            {"ACTIVE", "data-migrating", "ok", client.CrossVersion, approvals.Observation{Running: true}},
		"traffic-switchover":        {"ACTIVE", "traffic-switchover", "ok", client.CrossVersion, approvals.Observation{Running: true}},
		"instance_status upgrading": {"ACTIVE", "NO_TASK", "upgrading", client.Minor, approvals.Observation{Running: true}},
		"rollback":                  {"ACTIVE", "rollback", "ok", client.CanRollback, approvals.Observation{Running: true, CanRollback: true}},
		"rebooting":                 {"ACTIVE", "rebooting", "ok", client.Minor, approvals.Observation{}},
		"ERROR":                     {"ERROR", "NO_TASK", "ok", client.Minor, approvals.Observation{Broken: true}},
		"abnormal":                  {"ACTIVE", "NO_TASK", "abnormal", client.Minor, approvals.Observation{Broken: true}},
		"OLD":                       {"ACTIVE", "NO_TASK", "ok", client.Latest, approvals.Observation{Idle: true, Latest: true}},
		"NEW":                       {"ACTIVE", "NO_TASK", "ok", client.Minor, approvals.Observation{Idle: true}},
		"ROLLBACK":                  {"ACTIVE", "NO_TASK", "ok", client.CanRollback, approvals.Observation{Idle: true, CanRollback: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got := observe(client.Instance{Status: c.status, TaskStatus: c.task, InstanceStatus: c.health, Update: c.update})
			got.Phase, got.Next = "", ""
			if got != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// quiet is a chat that nobody looks at.
type quiet struct{}

func (quiet) Post(context.Context, approvals.Request) (string, error) { return "1.0", nil }
func (quiet) Update(context.Context, approvals.Request, string) error { return nil }
func (quiet) Say(context.Context, approvals.Request, string, string) (string, error) {
	return "2.0", nil
}
func (quiet) Direct(context.Context, approvals.Request, string, string) (string, error) {
	return "3.0", nil
}
func (quiet) Announce(context.Context, approvals.Request, string, string) (string, error) {
	return "4.0", nil
}
func (quiet) Tell(context.Context, approvals.Request, string) error          { return nil }
func (quiet) Find(context.Context, approvals.Request, string, string) string { return "" }

// runner carries the desk's effects out against its clouds.
func (d *desk) runner() *approvals.Runner {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return &approvals.Runner{
		Store: d.Store, Authority: d.Service.Authority, Executor: d.Cloud, Presenter: quiet{}, Now: d.Now, Log: log,
	}
}

// settle carries out what waits in the effects stream.
func (d *desk) settle(r *approvals.Runner) {
	d.t.Helper()
	ctx := context.Background()
	for {
		entries, err := d.redis.XRange(ctx, r.Stream(), "-", "+").Result()
		if err != nil {
			d.t.Fatal(err)
		}
		if len(entries) == 0 {
			return
		}
		for _, entry := range entries {
			if err := r.Handle(ctx, entry.ID, entry.Values); err != nil && !queue.IsLater(err) {
				d.t.Fatal(err)
			}
			d.redis.XDel(ctx, r.Stream(), entry.ID)
		}
	}
}

// TestWatchingAThousandInstances counts the calls of one interval, with 50
// upgrades to watch.
func TestWatchingAThousandInstances(t *testing.T) {
	const watched = 50
	d := newDesk(t, DefaultProject)
	all := bastions(1000)
	d.clouds[DefaultProject].Replace(all[:watched])
	d.openRequestsFor(watched)
	for id := int64(1); id <= watched; id++ {
		act := approvals.Act{Event: fmt.Sprint("yes-", id), By: slackemu.UserAna, Request: id, Verb: "approve"}
		if _, err := d.Service.Act(context.Background(), act); err != nil {
			t.Fatal(err)
		}
	}
	r := d.runner()
	d.settle(r)
	for _, i := range all[watched:] {
		d.clouds[DefaultProject].Put(i)
	}
	before, start := d.listCalls(DefaultProject), time.Now()
	effect := map[string]any{"effect": `{"kind":"watch","key":"` + DefaultProject + `"}`}
	if err := r.Handle(context.Background(), "1-0", effect); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start).Round(time.Millisecond)
	if n := d.listCalls(DefaultProject) - before; n != 1 {
		t.Errorf("%d list calls", n)
	}
	if first, err := d.Store.Load(context.Background(), 1); err != nil || first.Progress.VerifiedAt.IsZero() {
		t.Errorf("%s is not read back: %v", first.Name(), err)
	}
	if n := len(d.clouds[DefaultProject].Requests(cbhemu.OpUpgrade)); n != watched {
		t.Errorf("%d upgrade calls", n)
	}
	t.Logf("watching %d of 1,000 instances: one list call and %s for each interval", watched, took)
}
