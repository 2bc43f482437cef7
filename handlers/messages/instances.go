package messages

import (
	"time"

	"cbhbot/approvals"
	"cbhbot/handlers/cloud"
)

// Bastion says how an instance is: version, what the cloud offers, state, and the time
// for which the cloud holds an upgrade.
func Bastion(i cloud.Instance, now time.Time) Saying {
	return Say(BastionLine, "name", bastionName(i), "version", code(i.Version), "offer", offer(i.Offer()), "condition", condition(i), "time", held(i, now))
}

// held is the time for which the cloud holds an upgrade; zero where it holds none.
func held(i cloud.Instance, now time.Time) time.Time {
	if i.UpgradeTime.After(now) {
		return i.UpgradeTime
	}
	return time.Time{}
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
	phase := code(i.Phase())
	switch {
	case i.Idle:
		return Say(ConditionActive)
	case i.Running:
		return Say(ConditionUpgrading, "phase", phase)
	case i.RollingBack:
		return Say(ConditionRollingBack, "phase", phase)
	case i.Broken:
		return Say(ConditionBroken, "phase", phase)
	}
	return just(phase)
}

// Bastions is the table of a list of instances. Open has the request that holds each.
func Bastions(found []cloud.Instance, open map[string]View, now time.Time) Table {
	t := Table{Head: []Saying{Say(HeadBastion), Say(HeadState), Say(HeadUpgrade)}}
	for _, i := range found {
		var request any
		if v, ok := open[approvals.InstanceLock(i.Target())]; ok {
			request = Say(ScheduledAs, v)
		}
		t.Rows = append(t.Rows, []any{cells{bastionName(i), code(i.Version)}, cells{condition(i), offer(i.Offer())}, cells{held(i, now), request}})
	}
	return t
}
