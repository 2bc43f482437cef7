package cloud

import (
	"strings"

	"cbhbot/client"
)

// The roles of the parts of a primary/standby pair, which are two rows of the list
// with one name and one ha_id. Which part is the primary changes.
//
// https://github.com/huaweicloud/terraform-provider-huaweicloud/blob/master/docs/resources/cbh_ha_instance.md
const (
	rolePrimary = "master"
	roleStandby = "slave"
)

// paired makes one instance of each pair, and leaves the others as they are. A
// standby of which nothing tells the primary is left out: it is not to be called.
func paired(project string, list []client.Instance) []Instance {
	all := make([]Instance, 0, len(list))
	pairs := map[string]int{}
	for _, part := range list {
		at, known := pairs[part.HAID]
		switch {
		case part.HAID == "" && strings.EqualFold(part.HARole, roleStandby):
		case part.HAID == "" || !known:
			pairs[part.HAID] = len(all)
			all = append(all, Instance{Project: project, Instance: part})
		default:
			all[at] = all[at].with(part)
		}
	}
	for n := range all {
		all[n].judge()
	}
	return all
}

// with is the pair with its second part. Both have one name.
func (i Instance) with(part client.Instance) Instance {
	part.Name = i.Name
	if strings.EqualFold(part.HARole, rolePrimary) {
		i.Instance, part = part, i.Instance
	}
	i.Standby = part
	return i
}

// primary reports whether one part of the pair is the primary, and only one.
func (i Instance) primary() bool {
	return strings.EqualFold(i.HARole, rolePrimary) && !strings.EqualFold(i.Standby.HARole, rolePrimary)
}

// judge says what the states of both parts mean together. A pair that lacks a part,
// or does not say which is which, is at work.
func (i *Instance) judge() {
	if i.HAID == "" {
		return
	}
	i.Idle = i.Idle && i.Standby.Idle && i.primary()
	i.Running = i.Running || i.Standby.Running
	i.RollingBack = i.RollingBack || i.Standby.RollingBack
	i.Broken = i.Broken || i.Standby.Broken
	if i.UpgradeTime.IsZero() {
		i.UpgradeTime = i.Standby.UpgradeTime
	}
}
