package sdktest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	cbh "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbh/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbh/v2/model"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// pair is the same call made by both clients.
type pair struct {
	name string
	sdk  func(*cbh.CbhClient) error
	ours func(*client.Client) error
}

func pairs(t *testing.T, serverID string, at time.Time) []pair {
	limit, offset := "1000", "0"
	return []pair{
		{"list",
			func(s *cbh.CbhClient) error {
				_, err := s.ListInstances(&model.ListInstancesRequest{Limit: &limit, Offset: &offset})
				return err
			},
			func(c *client.Client) error { _, err := c.Instances(t.Context()); return err }},
		{"upgrade",
			func(s *cbh.CbhClient) error { return upgrade(s, serverID, at, false) },
			func(c *client.Client) error { _, err := c.Upgrade(t.Context(), serverID, at); return err }},
		{"cancel",
			func(s *cbh.CbhClient) error { return upgrade(s, serverID, at, true) },
			func(c *client.Client) error { _, err := c.CancelUpgrade(t.Context(), serverID, at); return err }},
		{"rollback",
			func(s *cbh.CbhClient) error {
				_, err := s.RollbackInstance(&model.RollbackInstanceRequest{Body: &model.RollbackInstanceRequestBody{ServerId: serverID}})
				return err
			},
			func(c *client.Client) error { _, err := c.Rollback(t.Context(), serverID); return err }},
		{"features",
			func(s *cbh.CbhClient) error {
				_, err := s.ListSwitchConfigInfo(&model.ListSwitchConfigInfoRequest{})
				return err
			},
			func(c *client.Client) error { _, err := c.Features(t.Context()); return err }},
	}
}

// TestBothClientsSendTheSame compares method, path, query, body and the headers
// that matter. What the calls come to is the same too.
func TestBothClientsSendTheSame(t *testing.T) {
	c := newCloud(t, "prod", cbhemu.AccessKey{AK: cbhemu.DefaultAK, SK: cbhemu.DefaultSK, SecurityToken: securityToken})
	sdk, own := c.sdk(t, securityToken), c.ours(t, securityToken)
	at := c.Now().Add(48 * time.Hour)
	for _, p := range pairs(t, c.Instance("bastion-prod").ServerID, at) {
		t.Run(p.name, func(t *testing.T) {
			c.prepare(t, p.name, at)
			theirs := c.only(t, func() error { return p.sdk(sdk) })
			c.prepare(t, p.name, at)
			ours := c.only(t, func() error { return p.ours(own) })
			if !reflect.DeepEqual(essence(t, theirs), essence(t, ours)) {
				t.Errorf("\nthe SDK sent %v\nours sent     %v", essence(t, theirs), essence(t, ours))
			}
		})
	}
}

// prepare puts bastion-prod into the state in which the call is accepted.
func (c cloud) prepare(t *testing.T, op string, at time.Time) {
	t.Helper()
	if err := c.Load("prod"); err != nil {
		t.Fatal(err)
	}
	i := c.Instance("bastion-prod")
	switch op {
	case "cancel":
		i.UpgradeTime = at
	case "rollback":
		i.RollbackUntil = at
	}
	c.Put(i)
}

// only returns the one request that a call made.
func (c cloud) only(t *testing.T, do func() error) cbhemu.Request {
	t.Helper()
	c.ForgetRequests()
	if err := do(); err != nil {
		t.Error(err)
	}
	return c.last(t)
}

// sent is only for a call that may be refused.
func (c cloud) sent(t *testing.T, do func() error) cbhemu.Request {
	t.Helper()
	c.ForgetRequests()
	_ = do()
	return c.last(t)
}

func (c cloud) last(t *testing.T) cbhemu.Request {
	t.Helper()
	requests := c.Requests()
	if len(requests) != 1 {
		t.Fatalf("%d requests, not one", len(requests))
	}
	return requests[0]
}

// essence is what has to be the same.
func essence(t *testing.T, r cbhemu.Request) map[string]any {
	t.Helper()
	var body any
	if r.Body != "" {
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
	}
	e := map[string]any{
		"method": r.Method, "path": r.Path, "query": r.Query.Encode(), "body": body, "op": r.Op, "status": r.Status,
	}
	for _, name := range []string{"Content-Type", "X-Project-Id", "X-Security-Token"} {
		e[name] = r.Header.Get(name)
	}
	return e
}
