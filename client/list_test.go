package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// crowd is a project with many instances.
func crowd(n int) []cbhemu.Instance {
	all := make([]cbhemu.Instance, n)
	for i := range all {
		all[i] = cbhemu.Instance{Name: fmt.Sprintf("bastion-%04d", i), Version: "3.3.52.1"}
	}
	return all
}

func TestFactsListPaging(t *testing.T) {
	tests := map[string]struct {
		instances int
		behaviour cbhemu.Behaviour
		calls     int
	}{
		"none":                             {0, cbhemu.Behaviour{}, 1},
		"1,000 cost one call":              {1000, cbhemu.Behaviour{}, 1},
		"2,500 cost three":                 {2500, cbhemu.Behaviour{}, 3},
		"a region that ignores paging":     {1200, cbhemu.Behaviour{IgnorePaging: true}, 1},
		"without a total":                  {1200, cbhemu.Behaviour{NoTotal: true}, 3},
		"without either":                   {1200, cbhemu.Behaviour{NoTotal: true, IgnorePaging: true}, 2},
		"types of the reference's example": {3, cbhemu.Behaviour{ContradictorySpec: true}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, "prod")
			c.Replace(crowd(test.instances))
			c.SetBehaviour(test.behaviour)
			all, err := c.Client.Instances(t.Context())
			if err != nil || len(all) != test.instances {
				t.Errorf("%d instances, error %v", len(all), err)
			}
			if n := len(c.Requests(cbhemu.OpList)); n != test.calls {
				t.Errorf("%d calls, not %d", n, test.calls)
			}
		})
	}
}

// A region that counts from 1 repeats the last of each page as the first of the next.
func TestPagesThatOverlapHideNoInstance(t *testing.T) {
	const total, most = 40, 10
	c, err := client.New(client.Config{
		Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
		HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			var page []string
			for n := max(0, offset-1); n < total && len(page) < most; n++ {
				page = append(page, fmt.Sprintf(`{"server_id":"id-%d"}`, n))
			}
			body := fmt.Sprintf(`{"total":%d,"instance":[%s]}`, total, strings.Join(page, ","))
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) != total {
		t.Errorf("%d instances, %v", len(all), err)
	}
}

func TestAnInstanceThatChangesItsPageIsStillListed(t *testing.T) {
	const total, most = 25, 10
	ids := make([]string, total)
	for n := range ids {
		ids[n] = fmt.Sprintf(`{"server_id":"id-%d"}`, n)
	}
	moved := false
	c, err := client.New(client.Config{
		Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
		HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			offset = min(offset, total)
			body := fmt.Sprintf(`{"total":%d,"instance":[%s]}`, total, strings.Join(ids[offset:min(offset+most, total)], ","))
			if !moved { // from the second page to the first
				moved, ids = true, slices.Insert(slices.Delete(ids, 15, 16), 0, `{"server_id":"id-15"}`)
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) != total {
		t.Errorf("%d instances, %v", len(all), err)
	}
}

// Without a total, the end shows on the page behind the last one.
func TestAListMayEndWithNull(t *testing.T) {
	for body, n := range map[string]int{`{"instance":null}`: 1, `{"total":null,"instance":[]}`: 1, `{}`: 0, `{"error_code":403,"instance":null}`: 0} {
		first := true
		c, err := client.New(client.Config{
			Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
			HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				page := body
				if first {
					page, first = `{"instance":[{"server_id":"a"}]}`, false
				}
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(page)), Request: r}, nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := c.Instances(t.Context()); len(all) != n || (err == nil) != (n > 0) {
			t.Errorf("%s: %v, %v", body, all, err)
		}
	}
}

func TestAnInstanceListedTwiceIsOne(t *testing.T) {
	all := listed(t, `{"page_info":{"next":[2]},"total":2,"instance":[{"server_id":"a","name":"first"},{"server_id":"a","name":"second"}],"request_id":"r"}`)
	if len(all) != 1 || all[0].Name != "first" {
		t.Errorf("got %+v", all)
	}
}

// TestWhatIsNoListIsNotAnEmptyOne: or else every watched instance would be gone.
func TestWhatIsNoListIsNotAnEmptyOne(t *testing.T) {
	for _, body := range []string{``, `{}`, `null`, `[]`, `"x"`, html, `{"total":3}`, `{"total":1,"instance":"x"}`, `{"total":0,"instance":{}}`, `{"error_code":"CBH.10020000","error_description":"Unknown error."}`,
		`{"error_code":"CBH.10020000","total":0,"instance":null}`, `{"total":0,"instance":[],"error_code":403}`, `{"total":3,"instance":[]}`} {
		if _, err := answering(t, 200, nil, body).Instances(t.Context()); client.KindOf(err) != client.Unreadable {
			t.Errorf("%s: got %v", body, err)
		}
	}
	for _, body := range []string{`{"total":0}`, `{"total":"0","instance":null}`, `{"instance":[]}`, `{"error_code":null,"total":0}`, `{"error_code":"0","instance":[]}`} {
		if all := listed(t, body); len(all) != 0 {
			t.Errorf("%s: got %v", body, all)
		}
	}
}

// A region that ignores paging gives all instances at once, each with 2 kB of fields.
func TestManyInstancesFitIntoOneAnswer(t *testing.T) {
	const total = 5000
	rows := make([]string, total)
	for n := range rows {
		rows[n] = fmt.Sprintf(`{"server_id":"id-%d","network":%q}`, n, strings.Repeat("x", 2000))
	}
	if all := listed(t, fmt.Sprintf(`{"total":%d,"instance":[%s]}`, total, strings.Join(rows, ","))); len(all) != total {
		t.Errorf("%d instances", len(all))
	}
}

func TestAnEndlessListIsCutOff(t *testing.T) {
	body := `{"total":0,"instance":[` + strings.Repeat(`{"name":"bastion"},`, 1_000_000) + `{}]}`
	if _, err := answering(t, 200, nil, body).Instances(t.Context()); client.KindOf(err) != client.Unreadable {
		t.Errorf("got %v", err)
	}
}

func TestA404ToTheListIsNotAMissingInstance(t *testing.T) {
	c := answering(t, 404, nil, `{"error_code":"404","error_description":"not found"}`)
	if _, err := c.Instances(t.Context()); client.KindOf(err) != client.BadRequest {
		t.Errorf("list: %v", err)
	}
	if _, err := c.Features(t.Context()); client.KindOf(err) != client.BadRequest {
		t.Errorf("features: %v", err)
	}
}

func TestFactsFeatures(t *testing.T) {
	c := newCloud(t, "prod")
	if f, err := c.Features(t.Context()); err != nil || !f.UpgradeInstance {
		t.Errorf("got %+v, %v", f, err)
	}
	c.SetBehaviour(cbhemu.Behaviour{NoUpgradeFeature: true})
	if f, err := c.Features(t.Context()); err != nil || f.UpgradeInstance || !f.Told {
		t.Errorf("a region without it: %+v, %v", f, err)
	}
	for body, want := range map[string]bool{
		`{"switch_info":{"is_support_upgrade_instance":"TRUE"}}`: true, `{"switch_info":{"is_support_upgrade_instance":1}}`: true,
		`{"switch_info":{"is_support_upgrade_instance":null}}`: false, `{"switch_info":{}}`: false, `{"switch_info":[]}`: false,
	} {
		if f, err := answering(t, 200, nil, body).Features(t.Context()); err != nil || f.UpgradeInstance != want || f.Told != want {
			t.Errorf("%s: %+v, %v", body, f, err)
		}
	}
	var e *client.Error
	if _, err := answering(t, 200, nil, `{}`).Features(t.Context()); !errors.As(err, &e) || e.Kind != client.Unreadable || e.Raw != "{}" {
		t.Errorf("no switches at all: %v", err)
	}
}
