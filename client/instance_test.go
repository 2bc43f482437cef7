package client_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"cbhbot/client"
)

// listed returns the instances a list answer holds.
func listed(t *testing.T, body string) []client.Instance {
	t.Helper()
	all, err := answering(t, 200, nil, body).Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestFactsHuaweisOwnExample has the shape of the example in the list's
// reference page, which contradicts the schema on the same page: numbers for
// strings, a boolean for "update", a space for an id, no upgrade_time.
func TestFactsHuaweisOwnExample(t *testing.T) {
	all := listed(t, `{"total":1,"instance":[{
		"name":"CBH-7f0c","server_id":"d5aa3a0c-0a8a-4b8b-9a8a-5f1f2a3b4c5d","instance_id":12345678901234567890,
		"alter_permit":"true","enterprise_project_id":0,"period_num":1,"start_time":1692273902000,"end_time":1694966399000,
		"created_time":"2023-08-17 12:05:02.0","update":false,"bastion_version":"3.3.40.0",
		"az_info":{"region":"region-1","zone":"az-1","availability_zone_display":"AZ1"},
		"status_info":{"status":"ACTIVE","task_status":"NO_TASK","create_instance_status":null,"instance_status":"ok","fail_reason":null},
		"resource_info":{"specification":"cbh.basic.50","order_id":"CS23","resource_id":"e1f2","data_disk_size":0.2,"disk_resource_id":[]},
		"network":{"public_id":" ","web_port":443},"ha_info":null}]}`)
	want := client.Instance{
		ServerID: "d5aa3a0c-0a8a-4b8b-9a8a-5f1f2a3b4c5d",
		Name:     "CBH-7f0c", Version: "3.3.40.0", Status: "ACTIVE", TaskStatus: "NO_TASK", InstanceStatus: "ok",
		Idle: true,
	}
	if len(all) != 1 || !reflect.DeepEqual(all[0], want) {
		t.Errorf("\ngot  %+v\nwant %+v", all, want)
	}
}

func TestFactsUpgradeTime(t *testing.T) {
	at := time.UnixMilli(1702974655000).UTC()
	for value, want := range map[string]time.Time{
		`1702974655000`: at, `"1702974655000"`: at, `1.702974655e12`: at, `1702974655`: at, `"2023-12-19T08:30:55Z"`: at,
		`"2023-12-19 08:30:55"`: at, `"2023-12-19 08:30:55.0"`: at, `"2023-12-19T08:30:55+0000"`: at, `"2023-12-19T16:30:55+0800"`: at, `"0000-00-00 00:00:00"`: {}, `"none"`: {}, `0`: {}, `"0"`: {}, `null`: {}, `""`: {}, `" "`: {}, `false`: {}, `-1`: {}, `[]`: {}, `{}`: {}, `1e300`: {},
	} {
		i := listed(t, `{"total":1,"instance":[{"server_id":"a","upgrade_time":`+value+`}]}`)[0]
		if !i.UpgradeTime.Equal(want) || i.UpgradeTime.IsZero() != want.IsZero() {
			t.Errorf("%s is read as %v", value, i.UpgradeTime)
		}
	}
	if i := listed(t, `{"total":1,"instance":[{"server_id":"a"}]}`)[0]; !i.UpgradeTime.IsZero() {
		t.Errorf("absent is read as %v", i.UpgradeTime)
	}
}

// Else a call would be made over an upgrade that is scheduled, and repeated after it was
// accepted without an answer.
func TestAScheduleThatCannotBeReadIsNotNone(t *testing.T) {
	for value, idle := range map[string]bool{`"2023/12/19 08:30"`: false, `"Dec 19, 2023"`: false, `"none"`: true, `-1`: true, `"0000-00-00"`: true, `1e300`: true} {
		i := listed(t, `{"total":1,"instance":[{"server_id":"a","status_info":{"status":"ACTIVE","task_status":"NO_TASK"},"upgrade_time":`+value+`}]}`)[0]
		if i.Idle != idle || idle == strings.HasPrefix(i.TaskStatus, "upgrade_time ") {
			t.Errorf("%s: %+v", value, i)
		}
	}
}

func TestFactsUpdate(t *testing.T) {
	for value, want := range map[string]client.Update{
		`"OLD"`: client.Latest, `"NEW"`: client.Minor, `"CROSS_OS"`: client.CrossVersion, `"ROLLBACK"`: client.CanRollback,
		`"new"`: client.Minor, `" NEW "`: client.Minor, `false`: client.Unknown, `true`: client.Unknown, `null`: client.Unknown,
		`""`: client.Unknown, `"SOMETHING"`: client.Unknown, `{}`: client.Unknown,
	} {
		if i := listed(t, `{"instance":[{"server_id":"a","update":`+value+`}]}`)[0]; i.Update != want {
			t.Errorf("%s is read as %q", value, i.Update)
		}
	}
}

func TestFactsRunningIdleBroken(t *testing.T) {
	tests := []struct {
		status, task, health  string
		running, idle, broken bool
	}{
		{"ACTIVE", "NO_TASK", "ok", false, true, false},
		{"UPGRADING", "NO_TASK", "ok", true, false, false},
		{"ACTIVE", "updating", "ok", true, false, false},
		{"ACTIVE", "data-migrating", "ok", true, false, false},
		{"ACTIVE", "traffic-switchover", "ok", true, false, false},
		{"ACTIVE", "NO_TASK", "upgrading", true, false, false},
		{"", "", "upgrading", true, false, false},
		{"UPGRADING", "updating", "upgrading", true, false, false},
		{"upgrading", "Data_Migrating", "", true, false, false},
		{"ACTIVE", "rebooting", "ok", false, false, false},
		{"ACTIVE", "rollback", "ok", false, false, false},
		{"SHUTOFF", "NO_TASK", "ok", false, false, false},
		{"FROZEN", "frozen", "ok", false, false, false},
		{"BUILD", "NO_TASK", "building", false, false, false},
		{"ERROR", "NO_TASK", "ok", false, false, true},
		{"ACTIVE", "NO_TASK", "abnormal", false, false, true},
		{"ACTIVE", "NO_TASK", "error", false, false, true},
		{"UPGRADE_FAILED", "NO_TASK", "ok", false, false, true},
		{"ACTIVE", "update-failed", "ok", false, false, true},
		{"ACTIVE", "", "", false, true, false},
		{"", "NO_TASK", "", false, true, false},
		{"", "", "ok", false, true, false},
		{"", "", "", false, false, false},
	}
	for _, test := range tests {
		i := listed(t, fmt.Sprintf(`{"total":1,"instance":[{"server_id":"a","status_info":{"status":%q,"task_status":%q,"instance_status":%q}}]}`,
			test.status, test.task, test.health))[0]
		if i.Running != test.running || i.Idle != test.idle || i.Broken != test.broken {
			t.Errorf("%q %q %q: running %v, idle %v, broken %v", test.status, test.task, test.health, i.Running, i.Idle, i.Broken)
		}
	}
}

// TestFieldsMayBeMissingOrElsewhere covers servers that leave out what they
// do not have, or put the status beside status_info.
func TestFieldsMayBeMissingOrElsewhere(t *testing.T) {
	for body, want := range map[string]client.Instance{
		`{"server_id":"a"}`: {ServerID: "a"},
		`{"server_id":"a","status_info":null,"resource_info":"none","ha_info":[]}`:         {ServerID: "a"},
		`{"server_id":7,"name":8,"bastion_version":3.3}`:                                   {ServerID: "7", Name: "8", Version: "3.3"},
		`{"server_id":"a","status":"ACTIVE","task_status":"NO_TASK"}`:                      {ServerID: "a", Status: "ACTIVE", TaskStatus: "NO_TASK", Idle: true},
		`{"server_id":"a","name":"the \"old\" one","task_status":"NO_TASK"}`:               {ServerID: "a", Name: `the "old" one`, TaskStatus: "NO_TASK", Idle: true},
		`{"server_id":"a","status_info":{"task_status":"NO_TASK"}}`:                        {ServerID: "a", TaskStatus: "NO_TASK", Idle: true},
		`{"server_id":"a","ha_info":{"ha_id":"h","instance_type":"slave"},"unknown":[{}]}`: {ServerID: "a", HAID: "h", HARole: "slave"},
	} {
		if all := listed(t, fmt.Sprintf(`{"total":"1","instance":[%s]}`, body)); len(all) != 1 || all[0] != want {
			t.Errorf("%s is read as %+v", body, all)
		}
	}
	if all := listed(t, `{"total":4,"instance":[null,"text",{"name":"no id"},{"server_id":"a"}]}`); len(all) != 1 || all[0].ServerID != "a" {
		t.Errorf("what is no instance is read as %+v", all)
	}
}

// TestHalfAnAnswerIsNone cuts a list off at each byte.
func TestHalfAnAnswerIsNone(t *testing.T) {
	whole := `{"total" : 1, "instance":[ {"server_id":"a\u00e4","update":false,"x":{"y":[1.5e3,null]},"status_info":{"status":"ACTIVE"}} ]} `
	listed(t, whole)
	for end := range len(whole) - 1 {
		if _, err := answering(t, 200, nil, whole[:end]).Instances(t.Context()); client.KindOf(err) != client.Unreadable {
			t.Errorf("%s: %v", whole[:end], err)
		}
	}
	for _, body := range []string{whole + "}", `{"total":0,}`, `{"total":0 "instance":[]}`, `{"instance":[1 2]}`, `{"instance":[,]}`, `{total:0}`,
		`{"total":01}`, `{"instance":[],"x":"` + "\n" + `"}`, `{"instance":[],"x":"\q"}`, `{"instance":[],"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`} {
		if _, err := answering(t, 200, nil, body).Instances(t.Context()); client.KindOf(err) != client.Unreadable {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// FuzzList feeds any body to the reading of the list.
func FuzzList(f *testing.F) {
	f.Add(`{"total":1,"instance":[{"server_id":"a","update":false,"upgrade_time":1e99}]}`)
	f.Add(`{"instance":[null,1,"x",{}]}`)
	f.Add(`[]`)
	f.Add(`{"total":0,"instance":[{"name":"\u00e4\ud83d\"\\","x":[[{"a":-0.5e+3,"b":[true,null]}]]}] }`)
	f.Fuzz(func(t *testing.T, body string) {
		all, err := answering(t, 200, nil, body).Instances(t.Context())
		if err != nil && client.KindOf(err) != client.Unreadable {
			t.Errorf("%q: %v", body, err)
		}
		if err == nil && !json.Valid([]byte(body)) {
			t.Errorf("%q is no JSON and passes", body)
		}
		for _, i := range all {
			if i.ServerID == "" {
				t.Errorf("%q has an instance without an id", body)
			}
		}
	})
}
