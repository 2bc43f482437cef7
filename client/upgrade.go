package client

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Receipt is a write the cloud accepted. Whether it took effect shows in the
// instance list.
type Receipt struct {
	RequestID string // the cloud's id of the request, for its support; may be empty
	Status    int    // the HTTP status, 2xx
}

// schedule is the body of the upgrade call. The time is in milliseconds, and is
// required when cancelling too.
type schedule struct {
	ServerID    string `json:"server_id"`
	UpgradeTime int64  `json:"upgrade_time"`
	Cancel      bool   `json:"cancel"`
}

// Upgrade asks for an upgrade of the instance at the given time, which has to
// be more than 24 hours ahead.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/UpgradeInstance.html
func (c *Client) Upgrade(ctx context.Context, serverID string, at time.Time) (Receipt, error) {
	return c.write(ctx, "upgrade", "upgrade", schedule{ServerID: serverID, UpgradeTime: at.UnixMilli()})
}

// CancelUpgrade takes back an upgrade that has not started. The time is the one
// it is scheduled for.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/UpgradeInstance.html
func (c *Client) CancelUpgrade(ctx context.Context, serverID string, at time.Time) (Receipt, error) {
	return c.write(ctx, "cancel", "upgrade", schedule{ServerID: serverID, UpgradeTime: at.UnixMilli(), Cancel: true})
}

// Rollback returns an instance to the version before its cross-version upgrade.
// The cloud allows it for 7 days, while the list says [CanRollback]; what was
// recorded on the instance since the upgrade is lost.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/RollbackInstance.html
func (c *Client) Rollback(ctx context.Context, serverID string) (Receipt, error) {
	return c.write(ctx, "rollback", "rollback", map[string]string{"server_id": serverID})
}

// write posts to one of the instance paths. The cloud documents no body for
// success, so any is as good as none, but for one that tells an error, and for a page,
// which is somebody else's, such as a proxy's: then nobody knows what was done.
func (c *Client) write(ctx context.Context, op, path string, body any) (Receipt, error) {
	a, err := c.do(ctx, call{op: op, method: http.MethodPost, path: "instance/" + path, body: body})
	if err != nil {
		return Receipt{}, err
	}
	if looksLikePage(a.body) {
		return Receipt{}, a.unreadable(op, errNotJSON)
	}
	var told errorBody
	if json.Unmarshal(a.body, &told) == nil && failed(cmp.Or(told.ErrorCode, told.Error.Code, told.Error.Message)) {
		return Receipt{}, a.unreadable(op, errTold)
	}
	return Receipt{RequestID: a.requestID, Status: a.status}, nil
}
