package client

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Instance is one entry of the instance list. A field the cloud left out is
// empty.
type Instance struct {
	ServerID string // UUID; names the instance in every call, and changes with a cross-version upgrade
	Name     string
	Version  string // such as "3.3.49.0"

	Status         string // ACTIVE, UPGRADING, SHUTOFF, ERROR, FROZEN, BUILD, …
	TaskStatus     string // NO_TASK, updating, data-migrating, traffic-switchover, rollback, …
	InstanceStatus string // ok, upgrading, abnormal, error, …

	Update      Update
	UpgradeTime time.Time // when an upgrade is to start, UTC; zero: none is scheduled

	HAID   string // shared by both parts of a primary/standby pair; empty for a single instance
	HARole string // master or slave; empty for a single instance

	// What the three states together mean, judged once when the list is read.
	Idle        bool // ACTIVE with NO_TASK; one of the two may be missing, nothing may contradict
	Running     bool // an upgrade is under way: any one sign is enough
	RollingBack bool // it is on its way to its earlier version
	Broken      bool // the cloud calls it faulty
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

// judge fills in what the states mean.
func (i *Instance) judge() {
	i.Running = is(i.Status, "UPGRADING") || is(i.InstanceStatus, "upgrading") ||
		is(i.TaskStatus, "updating", "data-migrating", "traffic-switchover")
	i.RollingBack = is(i.TaskStatus, "rollback")
	i.Broken = is(i.Status, "ERROR") || is(i.InstanceStatus, "abnormal", "error") || tellsFailure(i.Status) || tellsFailure(i.TaskStatus)
	if i.Status == "" && i.TaskStatus == "" {
		i.Idle = is(i.InstanceStatus, "ok")
		return
	}
	i.Idle = is(i.Status, "", "ACTIVE") && is(i.TaskStatus, "", "NO-TASK") && !i.Running && !i.Broken
}

// tellsFailure is for words that the reference does not have, such as UPGRADE_FAILED.
func tellsFailure(word string) bool { return strings.Contains(strings.ToUpper(word), "FAIL") }

// is compares without regard to case, and to - and _, which the reference mixes.
func is(value string, words ...string) bool {
	value = strings.ReplaceAll(value, "_", "-")
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(value, word) })
}

// entry is an element of the list as the cloud writes it. The states belong into
// status_info, but are found beside it too.
type entry struct {
	serverID, name, version text
	update, upgradeTime     text
	inside, beside          placed
	haID, haRole            text
}

type placed struct{ status, task, health text }

// read reads the next value of the scanner. It leaves the entry empty when that
// is no object.
func (e *entry) read(s *scanner) {
	s.object(func(name []byte) {
		switch string(name) {
		case "status_info":
			s.object(func(name []byte) { s.into(e.inside.field(name)) })
		case "ha_info":
			s.object(func(name []byte) { s.into(e.ha(name)) })
		default:
			s.into(e.field(name))
		}
	})
}

// into reads a value into a field, and passes over it when the field is nil.
func (s *scanner) into(field *text) {
	if field == nil {
		s.skip()
		return
	}
	*field = s.text()
}

func (e *entry) field(name []byte) *text {
	switch string(name) {
	case "server_id":
		return &e.serverID
	case "name":
		return &e.name
	case "bastion_version":
		return &e.version
	case "update":
		return &e.update
	case "upgrade_time":
		return &e.upgradeTime
	}
	return e.beside.field(name)
}

func (p *placed) field(name []byte) *text {
	switch string(name) {
	case "status":
		return &p.status
	case "task_status":
		return &p.task
	case "instance_status":
		return &p.health
	}
	return nil
}

func (e *entry) ha(name []byte) *text {
	switch string(name) {
	case "ha_id":
		return &e.haID
	case "instance_type":
		return &e.haRole
	}
	return nil
}

func (e *entry) instance() Instance {
	i := Instance{
		ServerID:       string(e.serverID),
		Name:           string(e.name),
		Version:        string(e.version),
		Status:         string(cmp.Or(e.inside.status, e.beside.status)),
		TaskStatus:     string(cmp.Or(e.inside.task, e.beside.task)),
		InstanceStatus: string(cmp.Or(e.inside.health, e.beside.health)),
		Update:         readUpdate(e.update),
		UpgradeTime:    e.upgradeTime.instant(),
		HAID:           string(e.haID),
		HARole:         string(e.haRole),
	}
	if e.upgradeTime.strange() && is(i.TaskStatus, "", "NO-TASK") { // it is scheduled for whenever: not at rest
		i.TaskStatus = "upgrade_time " + string(e.upgradeTime)
	}
	i.judge()
	return i
}
