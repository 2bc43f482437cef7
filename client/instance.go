package client

import (
	"strings"
	"time"
)

// Instance is one entry of the instance list. A field the cloud left out is
// empty.
type Instance struct {
	ServerID   string // UUID; names the instance in every call, and changes with a cross-version upgrade
	InstanceID string // decimal
	ResourceID string
	Name       string
	Version    string // such as "3.3.49.0"

	Status         string // ACTIVE, UPGRADING, SHUTOFF, ERROR, FROZEN, BUILD, …
	TaskStatus     string // NO_TASK, updating, data-migrating, traffic-switchover, rollback, …
	InstanceStatus string // ok, upgrading, abnormal, error, …

	Update      Update
	UpgradeTime time.Time // when an upgrade is to start, UTC; zero: none is scheduled
	CreatedAt   time.Time // UTC; zero: not told

	HAID   string // shared by both parts of a primary/standby pair; empty for a single instance
	HARole string // master or slave; empty for a single instance
}

// Update is what the cloud offers an instance.
type Update string

// The values of the list's field "update"; any other is read as Unknown.
const (
	Unknown      Update = ""
	Latest       Update = "OLD"
	Minor        Update = "NEW"
	CrossVersion Update = "CROSS_OS"
	CanRollback  Update = "ROLLBACK"
)

func readUpdate(t text) Update {
	switch u := Update(strings.ToUpper(string(t))); u {
	case Latest, Minor, CrossVersion, CanRollback:
		return u
	}
	return Unknown
}

// Running reports whether an upgrade is under way: any one sign is enough.
func (i Instance) Running() bool {
	return is(i.Status, "UPGRADING") || is(i.InstanceStatus, "upgrading") ||
		is(i.TaskStatus, "updating", "data-migrating", "traffic-switchover")
}

// RollingBack reports whether the instance is on its way to its earlier version.
func (i Instance) RollingBack() bool { return is(i.TaskStatus, "rollback") }

// Broken reports whether the cloud calls the instance faulty.
func (i Instance) Broken() bool {
	return is(i.Status, "ERROR") || is(i.InstanceStatus, "abnormal", "error")
}

// Idle reports whether the instance is ACTIVE with NO_TASK. One of the two may
// be missing from the answer, but not both, and nothing may contradict.
func (i Instance) Idle() bool {
	if i.Status == "" && i.TaskStatus == "" {
		return is(i.InstanceStatus, "ok")
	}
	return (i.Status == "" || is(i.Status, "ACTIVE")) && (i.TaskStatus == "" || is(i.TaskStatus, "NO_TASK")) &&
		!i.Running() && !i.Broken()
}

// is compares without regard to case, and to - and _, which the reference mixes.
func is(value string, words ...string) bool {
	for _, word := range words {
		if strings.EqualFold(strings.ReplaceAll(value, "_", "-"), strings.ReplaceAll(word, "_", "-")) {
			return true
		}
	}
	return false
}

// entry is an element of the list as the cloud writes it. The status fields
// belong into status_info, but are found beside it too.
type entry struct {
	ServerID       text `json:"server_id"`
	InstanceID     text `json:"instance_id"`
	ResourceID     text `json:"resource_id"`
	Name           text `json:"name"`
	BastionVersion text `json:"bastion_version"`
	Update         text `json:"update"`
	UpgradeTime    text `json:"upgrade_time"`
	CreatedTime    text `json:"created_time"`
	statusInfo
	StatusInfo   group[statusInfo]   `json:"status_info"`
	ResourceInfo group[resourceInfo] `json:"resource_info"`
	HAInfo       group[haInfo]       `json:"ha_info"`
}

type statusInfo struct {
	Status         text `json:"status"`
	TaskStatus     text `json:"task_status"`
	InstanceStatus text `json:"instance_status"`
}

type resourceInfo struct {
	ResourceID text `json:"resource_id"`
}

type haInfo struct {
	HAID         text `json:"ha_id"`
	InstanceType text `json:"instance_type"`
}

func (e entry) instance() Instance {
	status, resource, ha := e.StatusInfo.fields, e.ResourceInfo.fields, e.HAInfo.fields
	return Instance{
		ServerID:       string(e.ServerID),
		InstanceID:     string(e.InstanceID),
		ResourceID:     first(resource.ResourceID, e.ResourceID),
		Name:           string(e.Name),
		Version:        string(e.BastionVersion),
		Status:         first(status.Status, e.Status),
		TaskStatus:     first(status.TaskStatus, e.TaskStatus),
		InstanceStatus: first(status.InstanceStatus, e.InstanceStatus),
		Update:         readUpdate(e.Update),
		UpgradeTime:    e.UpgradeTime.instant(),
		CreatedAt:      e.CreatedTime.instant(),
		HAID:           string(ha.HAID),
		HARole:         string(ha.InstanceType),
	}
}
