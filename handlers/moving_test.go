package handlers

import (
	"context"
	"testing"

	"cbhbot/approvals"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// TestOneOfABatchIsMovedByItsName, and none for the name of a bastion that is not of it.
func TestOneOfABatchIsMovedByItsName(t *testing.T) {
	t.Parallel()
	d := newDesk(t, cloud.DefaultProject)
	d.clouds[cloud.DefaultProject].Replace(bastions(3))
	batch := &approvals.Request{ID: 7, Action: approvals.Upgrade, State: approvals.Approved}
	all, err := d.Cloud.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all[:2] {
		batch.Items = append(batch.Items, approvals.Item{State: approvals.Scheduled, Target: i.Target()})
	}
	named := func(name string) ([]messages.View, error) {
		return d.moved(context.Background(), batch, messages.Draft{Verb: "reschedule", Request: batch.ID, Instance: name})
	}
	if views, err := named(all[1].Name); err != nil || len(views) != 1 || views[0].I != 1 {
		t.Errorf("the second is moved as %v, %v", views, err)
	}
	if views, err := named(all[2].Name); err == nil {
		t.Errorf("a third bastion moves item %d", views[0].I)
	}
}
