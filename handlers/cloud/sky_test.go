package cloud_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
)

// sky is a Cloud over emulated clouds, one for each project, on real ports.
type sky struct {
	*cloud.Cloud
	t      testing.TB
	clouds map[string]*cbhemu.Server
}

func newSky(t testing.TB, projects ...string) *sky {
	t.Helper()
	s := &sky{t: t, clouds: map[string]*cbhemu.Server{}}
	var served []cloud.Project
	for _, name := range projects {
		server := cbhemu.New(cbhemu.Options{})
		web := httptest.NewServer(server)
		t.Cleanup(func() { web.CloseClientConnections(); web.Close() })
		api, err := client.New(client.Config{
			Endpoint: web.URL, ProjectID: cbhemu.DefaultProject, Auth: client.Sign(cbhemu.DefaultAK, cbhemu.DefaultSK, ""),
		})
		if err != nil {
			t.Fatal(err)
		}
		s.clouds[name] = server
		served = append(served, cloud.Project{Name: name, Client: api})
	}
	s.Cloud = cloud.New(served...)
	return s
}

// bastions are n instances that can be upgraded.
func bastions(n int) []cbhemu.Instance {
	all := make([]cbhemu.Instance, n)
	for i := range all {
		all[i] = bastion(fmt.Sprintf("bastion-%04d", i))
	}
	return all
}

func bastion(name string) cbhemu.Instance {
	return cbhemu.Instance{Name: name, Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}}
}

func (s *sky) listCalls(project string) int { return len(s.clouds[project].Requests(cbhemu.OpList)) }

// denies makes a project unreadable.
func (s *sky) denies(project string) {
	s.clouds[project].Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.10020002", Times: -1})
}

// until waits for a condition.
func (s *sky) until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// shown are instances as people are shown them.
func shown(found []cloud.Instance) []string {
	var names []string
	for _, i := range found {
		names = append(names, cloud.Display(i.Project, i.Name))
	}
	return names
}
