package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// Features are what the region supports of what this program needs.
type Features struct {
	UpgradeInstance bool // instances can be upgraded through the API
	Told            bool // the region says whether they can; false: it left that out
}

// Features asks what the region supports.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/ListSwitchConfigInfo.html
func (c *Client) Features(ctx context.Context) (Features, error) {
	a, err := c.do(ctx, call{op: "features", method: http.MethodGet, path: "feature/config"})
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
