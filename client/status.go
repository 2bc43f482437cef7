package client

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
)

// InstanceStatus is the short answer about one instance. It tells neither
// version nor schedule, so it cannot show whether an upgrade succeeded.
type InstanceStatus struct {
	ServerID string
	Name     string
	Status   string // ACTIVE, UPGRADING, REBOOTING, FROZEN, …
}

// Status asks for the state of one instance.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/ShowInstanceStatus.html
func (c *Client) Status(ctx context.Context, serverID string) (InstanceStatus, error) {
	a, err := c.do(ctx, call{op: "status", method: http.MethodGet, path: []string{"instance", serverID, "status"}})
	if err != nil {
		return InstanceStatus{}, err
	}
	var body struct {
		ServerID text `json:"server_id"`
		Name     text `json:"name"`
		Status   text `json:"status"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return InstanceStatus{}, a.unreadable("status", err)
	}
	return InstanceStatus{
		ServerID: cmp.Or(string(body.ServerID), serverID), Name: string(body.Name), Status: string(body.Status),
	}, nil
}

// Features are what the region supports of what this program needs.
type Features struct {
	UpgradeInstance bool // instances can be upgraded through the API
	Told            bool // the region says whether they can; false: it left that out
}

// Features asks what the region supports.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/ListSwitchConfigInfo.html
func (c *Client) Features(ctx context.Context) (Features, error) {
	a, err := c.do(ctx, call{op: "features", method: http.MethodGet, path: []string{"feature", "config"}})
	if err != nil {
		return Features{}, noInstanceMeant(err)
	}
	var body struct {
		SwitchInfo *group[struct {
			UpgradeInstance text `json:"is_support_upgrade_instance"`
		}] `json:"switch_info"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return Features{}, a.unreadable("features", err)
	}
	if body.SwitchInfo == nil {
		return Features{}, a.unreadable("features", errNotJSON)
	}
	upgrade := body.SwitchInfo.fields.UpgradeInstance
	return Features{UpgradeInstance: upgrade.yes(), Told: upgrade != ""}, nil
}
