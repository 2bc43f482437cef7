package cbhemu_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"cbhbot/client/cbhemu"
)

// Schedule an upgrade, let its time come, and look at how it ends.
func Example() {
	cloud := cbhemu.New(cbhemu.Options{Seed: "will fail"})
	server := httptest.NewServer(cloud)
	defer server.Close()

	prod, at := cloud.Instance("bastion-prod"), cloud.Now().Add(25*time.Hour)
	request, err := http.NewRequest(http.MethodPost, server.URL+"/v2/"+cbhemu.DefaultProject+"/cbs/instance/upgrade",
		strings.NewReader(fmt.Sprintf(`{"server_id":%q,"upgrade_time":%d}`, prod.ServerID, at.UnixMilli())))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Auth-Token", cloud.IssueToken())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	fmt.Println(response.Status)

	cloud.Advance(25*time.Hour + 10*time.Minute)
	prod = cloud.Instance("bastion-prod")
	fmt.Println(prod.Status, prod.TaskStatus, prod.Version)
	cloud.Advance(time.Hour)
	prod = cloud.Instance("bastion-prod")
	fmt.Println(prod.Status, prod.TaskStatus, prod.Version)
	// Output:
	// 200 OK
	// UPGRADING updating 3.3.49.0
	// ACTIVE NO_TASK 3.3.49.0
}
