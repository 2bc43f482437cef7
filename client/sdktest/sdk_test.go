package sdktest

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	cbh "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbh/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbh/v2/model"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

const securityToken = "sandbox-security-token"

// cloud is the emulator on a real port, with a clock that can be moved.
type cloud struct {
	*cbhemu.Server
	url string
}

func newCloud(t *testing.T, seed string, keys ...cbhemu.AccessKey) cloud {
	t.Helper()
	t.Setenv("HOME", t.TempDir()) // the SDK writes into it
	server := cbhemu.New(cbhemu.Options{Seed: seed, Keys: keys})
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return cloud{server, listener.URL}
}

// sdk is the official client.
func (c cloud) sdk(t *testing.T, token string) *cbh.CbhClient {
	t.Helper()
	credentials, err := basic.NewCredentialsBuilder().
		WithAk(cbhemu.DefaultAK).WithSk(cbhemu.DefaultSK).WithSecurityToken(token).
		WithProjectId(cbhemu.DefaultProject).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	hc, err := cbh.CbhClientBuilder().WithEndpoints([]string{c.url}).WithCredential(credentials).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return cbh.NewCbhClient(hc)
}

// ours is the client of this project.
func (c cloud) ours(t *testing.T, token string) *client.Client {
	t.Helper()
	return c.oursFor(t, cbhemu.DefaultProject, token)
}

func (c cloud) oursFor(t *testing.T, project, token string) *client.Client {
	t.Helper()
	own, err := client.New(client.Config{
		Endpoint: c.url, ProjectID: project,
		Auth: client.Sign(cbhemu.DefaultAK, cbhemu.DefaultSK, token), Now: c.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func list(t *testing.T, sdk *cbh.CbhClient) []model.InstanceDetail {
	t.Helper()
	answer, err := sdk.ListInstances(&model.ListInstancesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return *answer.Instance
}

func prod(t *testing.T, sdk *cbh.CbhClient) model.InstanceDetail {
	t.Helper()
	for _, i := range list(t, sdk) {
		if i.Name == "bastion-prod" {
			return i
		}
	}
	t.Fatal("bastion-prod is not in the list")
	return model.InstanceDetail{}
}

func upgrade(sdk *cbh.CbhClient, serverID string, at time.Time, cancel bool) error {
	_, err := sdk.UpgradeInstance(&model.UpgradeInstanceRequest{Body: &model.UpgradeCbhRequestBody{
		ServerId: serverID, UpgradeTime: at.UnixMilli(), Cancel: &cancel,
	}})
	return err
}

func TestSDKListsSchedulesCancelsAndReadsTheStatus(t *testing.T) {
	c := newCloud(t, "prod")
	sdk := c.sdk(t, "")
	before := prod(t, sdk)
	if before.Update != model.GetInstanceDetailUpdateEnum().NEW || before.StatusInfo.Status != "ACTIVE" || before.UpgradeTime != nil {
		t.Errorf("before: %v", before)
	}
	at := c.Now().Add(25 * time.Hour)
	if err := upgrade(sdk, before.ServerId, at, false); err != nil {
		t.Fatal("scheduling:", err)
	}
	if got := prod(t, sdk).UpgradeTime; got == nil || *got != at.UnixMilli() {
		t.Errorf("scheduled for %v, not %d", got, at.UnixMilli())
	}
	if err := upgrade(sdk, before.ServerId, at, true); err != nil {
		t.Fatal("cancelling:", err)
	}
	if got := prod(t, sdk).UpgradeTime; got != nil {
		t.Errorf("still scheduled for %v", *got)
	}
	status, err := sdk.ShowInstanceStatus(&model.ShowInstanceStatusRequest{ServerId: before.ServerId})
	if err != nil || *status.Status != "ACTIVE" || *status.ServerId != before.ServerId {
		t.Errorf("status %v, error %v", status, err)
	}
}

func TestSDKSeesACrossVersionUpgradeThroughAndRollsItBack(t *testing.T) {
	c := newCloud(t, "changes ids")
	sdk := c.sdk(t, "")
	before := prod(t, sdk)
	if err := upgrade(sdk, before.ServerId, c.Now().Add(25*time.Hour), false); err != nil {
		t.Fatal(err)
	}
	c.Advance(25*time.Hour + 40*time.Minute)
	if during := prod(t, sdk).StatusInfo; during.Status != "UPGRADING" || during.TaskStatus != "data-migrating" {
		t.Errorf("during: %v", during)
	}
	c.Advance(time.Hour)
	after := prod(t, sdk)
	if after.ServerId == before.ServerId || after.InstanceId == before.InstanceId || after.Update != model.GetInstanceDetailUpdateEnum().ROLLBACK {
		t.Errorf("after: %v", after)
	}
	if _, err := sdk.RollbackInstance(&model.RollbackInstanceRequest{Body: &model.RollbackInstanceRequestBody{ServerId: after.ServerId}}); err != nil {
		t.Fatal("rolling back:", err)
	}
	c.Advance(time.Hour)
	if back := prod(t, sdk); back.BastionVersion != before.BastionVersion || back.Update != before.Update {
		t.Errorf("rolled back: %v", back)
	}
}

func TestSDKReadsTheFeatures(t *testing.T) {
	c := newCloud(t, "prod")
	features, err := c.sdk(t, "").ListSwitchConfigInfo(&model.ListSwitchConfigInfoRequest{})
	if err != nil || !*features.SwitchInfo.IsSupportUpgradeInstance {
		t.Errorf("features %v, error %v", features, err)
	}
}

func TestSDKIsRefused(t *testing.T) {
	c := newCloud(t, "agent down")
	sdk := c.sdk(t, "")
	err := upgrade(sdk, prod(t, sdk).ServerId, c.Now().Add(25*time.Hour), false)
	var refusal *sdkerr.ServiceResponseError
	if !errors.As(err, &refusal) || refusal.StatusCode != 403 {
		t.Errorf("got %v", err)
	}
	c2 := newCloud(t, "prod", cbhemu.AccessKey{AK: cbhemu.DefaultAK, SK: "another secret"})
	_, err = c2.sdk(t, "").ListInstances(&model.ListInstancesRequest{})
	if !errors.As(err, &refusal) || refusal.StatusCode != 401 || refusal.ErrorCode != "APIG.0301" {
		t.Errorf("with a wrong secret: %v", err)
	}
}

func TestSDKWorksWithATemporaryKey(t *testing.T) {
	c := newCloud(t, "prod", cbhemu.AccessKey{AK: cbhemu.DefaultAK, SK: cbhemu.DefaultSK, SecurityToken: securityToken})
	list(t, c.sdk(t, securityToken))
	if _, err := c.sdk(t, "").ListInstances(&model.ListInstancesRequest{}); err == nil {
		t.Error("accepted without the security token")
	}
}
