package cloud

import (
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/client"
)

// Instance is an instance together with its project.
type Instance struct {
	Project         string
	Shared          bool            // another instance of the project has the same name
	client.Instance                 // of a primary/standby pair the primary, with what both states mean together
	Standby         client.Instance // the pair's other part; zero for a single instance
}

// Display is how people are shown an instance: as project/name where the project
// has a name of its own.
func Display(project, name string) string {
	if project == "" || project == approvals.DefaultProject {
		return name
	}
	return project + "/" + name
}

// Reference is what a button names an instance by: [Cloud.Find] finds it, and no
// other. A name may be that of another too, in another case or project.
func Reference(project, serverID string) string { return project + "/" + serverID }

// Target is the instance as a request remembers it.
func (i Instance) Target() approvals.Target {
	return approvals.Target{
		Project: i.Project, ServerID: i.ServerID, HAID: i.HAID, Name: i.Name, Version: i.Version, Offer: i.Offer(), Shared: i.Shared,
	}
}

// Offer is what the cloud offers to do with the instance.
func (i Instance) Offer() approvals.Offer { return offers[i.Update] }

var offers = map[client.Update]approvals.Offer{
	client.Latest: approvals.OfferNone, client.Minor: approvals.OfferMinor,
	client.CrossVersion: approvals.OfferCrossVersion, client.CanRollback: approvals.OfferRollback,
}

// Phase is what the instance is doing, in the cloud's own words. Of a pair, whose parts
// it calls master and slave, it says what the other does, too, or a dash where there is
// none at the moment.
func (i Instance) Phase() string {
	phase := phaseOf(i.Instance)
	switch {
	case i.HAID == "":
	case !i.primary():
		phase += "; master –"
	case i.Standby.ServerID == "":
		phase += "; slave –"
	case phaseOf(i.Standby) != phase:
		phase += "; slave " + phaseOf(i.Standby)
	}
	return phase
}

// phaseOf leaves the third of the states out, unless it is the one that says that the
// instance is not at rest.
func phaseOf(i client.Instance) string {
	states := []string{i.Status, i.TaskStatus}
	rests := slices.Contains([]string{"", "ACTIVE"}, i.Status) && slices.Contains([]string{"", "NO_TASK"}, i.TaskStatus)
	if rests && !strings.EqualFold(i.InstanceStatus, "ok") {
		states = append(states, i.InstanceStatus)
	}
	return strings.Join(slices.DeleteFunc(states, func(state string) bool { return state == "" }), ", ")
}

func (i Instance) observation() approvals.Observation {
	o := approvals.Observation{
		ServerID: i.ServerID, Name: i.Name, Version: i.Version, Offer: i.Offer(),
		UpgradeTime: i.UpgradeTime, Phase: i.Phase(), Idle: i.Idle, Running: i.Running || i.RollingBack, Broken: i.Broken,
		HAID: i.HAID, StandbyID: i.Standby.ServerID, StandbyVersion: i.Standby.Version,
	}
	if i.HAID != "" && !i.primary() {
		o.ServerID = ""
	}
	return o
}
