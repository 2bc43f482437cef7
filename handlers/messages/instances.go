package messages

import (
	"time"

	"cbhbot/approvals"
	"cbhbot/handlers/cloud"
)

// Bastion says how an instance is: version, what the cloud offers, state, and the time
// for which the cloud holds an upgrade.
func Bastion(i cloud.Instance, now time.Time) Saying {
	key := BastionLine
	if i.UpgradeTime.After(now) {
		key = BastionLineTime
	}
	return Say(key, "name", bastionName(i), "version", code(i.Version), "offer", offer(i.Offer()), "condition", condition(i), "time", i.UpgradeTime)
}

// bastionName tells an instance from others of its name.
func bastionName(i cloud.Instance) any {
	if i.Shared {
		return Say(NameAndID, "name", i.Target(), "id", code(i.ServerID))
	}
	return i.Target()
}

func offer(o approvals.Offer) Saying {
	if o == "" {
		return Say(OfferUnknown)
	}
	return Say(offerKey(o))
}

// condition is an instance's state in words, and in the cloud's own where it is not
// simply active.
func condition(i cloud.Instance) Saying {
	key := ConditionOther
	switch {
	case i.Idle:
		key = ConditionActive
	case i.Running:
		key = ConditionUpgrading
	case i.RollingBack:
		key = ConditionRollingBack
	case i.Broken:
		key = ConditionBroken
	}
	return Say(key, "phase", code(i.Phase()))
}

// Bastions is the table of a list of instances. Open has the request that holds each.
func Bastions(found []cloud.Instance, open map[string]View, now time.Time) Table {
	t := Table{Head: []Saying{Say(HeadBastion), Say(HeadState), Say(HeadUpgrade)}}
	for _, i := range found {
		var when, request any
		if i.UpgradeTime.After(now) {
			when = i.UpgradeTime
		}
		if v, ok := open[approvals.InstanceLock(i.Target())]; ok {
			request = Say(ScheduledAs, v)
		}
		t.Rows = append(t.Rows, []any{cells{bastionName(i), code(i.Version)}, cells{condition(i), offer(i.Offer())}, cells{when, request}})
	}
	return t
}
