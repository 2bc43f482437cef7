package client_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// Schedule an upgrade and read back what the cloud holds.
func Example() {
	cloud := cbhemu.New(cbhemu.Options{})
	server := httptest.NewServer(cloud)
	defer server.Close()

	c, err := client.New(client.Config{
		Endpoint:  server.URL, // https://cbh.REGION.myhuaweicloud.com
		ProjectID: cbhemu.DefaultProject,
		Auth: client.Password(client.PasswordConfig{
			IAMEndpoint: server.URL, // https://iam.REGION.myhuaweicloud.com
			User:        cbhemu.DefaultUser, Password: cbhemu.DefaultPassword, Domain: cbhemu.DefaultDomain,
			ProjectID: cbhemu.DefaultProject,
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	id := cloud.Instance("bastion-prod").ServerID
	at := time.Now().Add(25 * time.Hour).Truncate(time.Second)
	if _, err := c.Upgrade(ctx, id, at); err != nil {
		fmt.Println(err, "unclear:", client.Unclear(err))
		return
	}
	all, err := c.Instances(ctx)
	for _, instance := range all {
		if instance.ServerID == id {
			fmt.Println(instance.Name, instance.Version, instance.Update, instance.UpgradeTime.Equal(at), err)
		}
	}

	_, err = c.Upgrade(ctx, cloud.Instance("bastion-lab").ServerID, at)
	fmt.Println(client.KindOf(err))
	// Output:
	// bastion-prod 3.3.49.0 NEW true <nil>
	// latest_version
}
