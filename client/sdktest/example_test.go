package sdktest

import (
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/cbh/v2/model"

	"cbhbot/client/cbhemu"
)

// TestOnlyOursReadsTheTypesOfTheReferenceExample: the reference's example of the
// list has numbers and a boolean where its schema has strings.
func TestOnlyOursReadsTheTypesOfTheReferenceExample(t *testing.T) {
	c := newCloud(t, "prod")
	c.SetBehaviour(cbhemu.Behaviour{ContradictorySpec: true})
	all, err := c.ours(t, "").Instances(t.Context())
	if err != nil || len(all) != len(c.Instances()) {
		t.Errorf("ours: %d instances, error %v", len(all), err)
	}
	if _, err := c.sdk(t, "").ListInstances(&model.ListInstancesRequest{}); err == nil {
		t.Error("the SDK reads it too: the emulator does not write what the example has")
	}
}
