package sandbox

import (
	"context"
	"slices"
	"time"

	"cbhbot/approvals"
)

// moment is something that happens as time passes.
type moment struct {
	At    time.Time  `json:"at"`
	Kind  momentKind `json:"kind"`
	About string     `json:"about"` // request and bastion

	Channel string `json:"channel"` // of the request's card; "": there is none
	Card    string `json:"card"`    // its timestamp

	request int64  // 0: it is about none
	bastion string // whose upgrade is to be seen at another stage then; "" for none
}

// momentKind is what happens.
type momentKind string

// The kinds of moments.
const (
	momentReminder momentKind = "reminder"
	momentDeadline momentKind = "deadline"
	momentHeadsUp  momentKind = "heads-up"
	momentStarts   momentKind = "upgrade"
	momentEnds     momentKind = "end"
	momentMissed   momentKind = "missed"
	momentStuck    momentKind = "stuck"
	momentInquiry  momentKind = "inquiry" // nobody knows what became of a call, and the bot looks
)

// kindOf are the tasks of the bot that people see something of.
var kindOf = map[approvals.TaskKind]momentKind{
	approvals.TaskRemind: momentReminder, approvals.TaskExpire: momentDeadline, approvals.TaskHeadsUp: momentHeadsUp,
	approvals.TaskInquire: momentInquiry,
}

// moments are those that lie ahead, the next one first.
func (b *sandbox) moments(ctx context.Context) ([]moment, error) {
	open, err := b.store.Open(ctx)
	if err != nil {
		return nil, err
	}
	var all []moment
	turns := map[string]bool{}
	for _, turn := range b.cloud.Turns() {
		kind := momentStarts
		if turn.Ends {
			kind = momentEnds
		}
		turns[turn.Name] = true
		m := moment{At: turn.At, Kind: kind, About: turn.Name, bastion: turn.Name}
		if r := upgrading(open, turn.Name); r != nil {
			m.About, m.Channel, m.request = r.Name()+" "+turn.Name, r.Channel, r.ID
		}
		all = append(all, m)
	}
	for _, r := range open {
		for _, task := range r.Agenda(Pace) {
			if kind, shown := kindOf[task.Kind]; shown {
				all = append(all, moment{At: task.At, Kind: kind, About: r.Name() + " " + r.InstanceNames(), Channel: r.Channel, request: r.ID})
			}
		}
		all = append(all, overdue(r, turns)...)
	}
	now := b.clock.now()
	all = slices.DeleteFunc(all, func(m moment) bool { return !m.At.After(now) })
	slices.SortStableFunc(all, func(a, b moment) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(all, func(a, b moment) bool { return a == b }), nil
}

// overdue is when the bot gives up waiting for upgrades that the cloud has no turn for.
func overdue(r *approvals.Request, turns map[string]bool) []moment {
	var all []moment
	for i, it := range r.Items {
		m := moment{About: r.Name() + " " + it.Target.Name, Channel: r.Channel, request: r.ID, bastion: it.Target.Name}
		switch {
		case turns[it.Target.Name]:
			continue
		case it.State == approvals.Scheduled:
			m.Kind, m.At = momentMissed, r.HeldAt(i).Add(approvals.MissedAfter)
		case it.State == approvals.Running && it.Progress.StuckAt.IsZero():
			m.Kind, m.At = momentStuck, it.Progress.StartedAt.Add(approvals.StuckAfter+time.Second)
		default:
			continue
		}
		all = append(all, m)
	}
	return all
}

// upgrading is the request that is about a bastion's upgrade; nil: there is none.
func upgrading(open []*approvals.Request, name string) *approvals.Request {
	for _, r := range open {
		for _, it := range r.Items {
			if it.Target.Name == name && r.Action != approvals.Cancel {
				return r
			}
		}
	}
	return nil
}

// withCards adds where the cards of the moments' requests are.
func (b *sandbox) withCards(ctx context.Context, all []moment) error {
	var ids []int64
	for _, m := range all {
		ids = append(ids, m.request)
	}
	cards, err := b.store.Cards(ctx, ids...)
	for i := range all {
		all[i].Card = cards[all[i].request]
	}
	return err
}
