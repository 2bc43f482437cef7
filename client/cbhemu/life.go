package cbhemu

import (
	"fmt"
	"time"
)

// run is an upgrade or a rollback under way.
type run struct {
	start time.Time
	takes time.Duration
	step  Step // Update is "ROLLBACK" for a rollback
	fate  Fate
}

func (r *run) end() time.Time { return r.start.Add(r.takes) }

// rollbackFor is how long a cross-version upgrade can be taken back.
const rollbackFor = 7 * 24 * time.Hour

// phase is what the list shows from a part of a run on.
type phase struct {
	from                 float64 // of the whole duration
	status, task, health string
}

// phases are what a run goes through. The restart at its end shows as ACTIVE
// with a task.
var phases = map[string][]phase{
	"NEW": {
		{0, "UPGRADING", "updating", "upgrading"},
		{0.92, "ACTIVE", "rebooting", "ok"},
	},
	"CROSS_OS": {
		{0, "UPGRADING", "updating", "upgrading"},
		{0.4, "UPGRADING", "data-migrating", "upgrading"},
		{0.8, "UPGRADING", "traffic-switchover", "upgrading"},
	},
	"ROLLBACK": {
		{0, "UPGRADING", "rollback", "upgrading"},
	},
}

// midRestart is when [Behaviour].ActiveMidRestart shows, as a part of the run.
const midRestart = 0.85

// Turn is when an upgrade or a rollback starts or ends.
type Turn struct {
	Name string
	At   time.Time
	Ends bool
}

// Turns returns those that lie ahead, as far as they are certain: one that is to
// get stuck has no end.
func (s *Server) Turns() []Turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var all []Turn
	for _, m := range s.instances {
		switch {
		case m.HARole == roleStandby:
		case m.run != nil && m.run.fate == EndsInError:
			all = append(all, Turn{m.Name, m.run.start.Add(m.run.takes / 2), true})
		case m.run != nil && m.run.fate != Stuck:
			all = append(all, Turn{m.Name, m.run.end(), true})
		case m.run == nil && s.pending(m) && len(m.Path) > 0:
			all = append(all, Turn{m.Name, m.UpgradeTime, false})
		}
	}
	return all
}

// settle brings all instances to the present.
func (s *Server) settle() {
	now := s.Now()
	for _, m := range s.instances {
		s.advance(m, now)
	}
}

// advance brings one instance to the given moment: due upgrades start, and
// those whose time is over end. More than one may have happened since the last
// look.
func (s *Server) advance(m *machine, now time.Time) {
	if m.run == nil && m.due(now) {
		m.run = s.start(m)
	}
	if m.run == nil {
		return
	}
	if s.finished(m, now) {
		s.finish(m)
		return
	}
	s.show(m, float64(now.Sub(m.run.start))/float64(m.run.takes))
}

func (m *machine) due(now time.Time) bool {
	return !m.UpgradeTime.IsZero() && !now.Before(m.UpgradeTime) && !m.UpgradeTime.Equal(m.ran) &&
		len(m.Path) > 0 && m.Fate != NeverStarts
}

func (s *Server) start(m *machine) *run {
	takes := s.behaviour.Minor
	if m.Path[0].Update == "CROSS_OS" {
		takes = s.behaviour.Cross
	}
	m.ran = m.UpgradeTime
	start := m.UpgradeTime
	if s.behaviour.PairInTurn && m.HARole == rolePrimary {
		start = start.Add(time.Duration(takes))
	}
	return &run{start: start, takes: time.Duration(takes), step: m.Path[0], fate: m.Fate}
}

func (s *Server) finished(m *machine, now time.Time) bool {
	switch m.run.fate {
	case Stuck:
		return false
	case EndsInError:
		return !now.Before(m.run.start.Add(m.run.takes / 2))
	}
	return !now.Before(m.run.end())
}

// show sets the fields the list has at this part of the run.
func (s *Server) show(m *machine, part float64) {
	if m.run.fate == Stuck {
		part = min(part, 0.5)
	}
	for _, p := range phases[m.run.step.Update] {
		if part >= p.from {
			m.Status, m.TaskStatus, m.InstanceStatus = p.status, p.task, p.health
		}
	}
	if s.behaviour.ActiveMidRestart && part >= midRestart && part < 0.92 {
		m.Status, m.TaskStatus, m.InstanceStatus = "ACTIVE", "NO_TASK", "ok"
	}
}

// finish ends the run the way it was meant to end.
func (s *Server) finish(m *machine) {
	r := m.run
	m.run = nil
	if !s.behaviour.KeepUpgradeTime {
		m.UpgradeTime = time.Time{}
	}
	m.Status, m.TaskStatus, m.InstanceStatus = "ACTIVE", "NO_TASK", "ok"
	switch {
	case r.fate == EndsInError:
		m.Status, m.InstanceStatus = "ERROR", "abnormal"
	case r.fate == Unchanged:
	case r.step.Update == "ROLLBACK":
		s.rolledBack(m)
	default:
		m.upgraded(r)
	}
	if s.behaviour.PairInTurn && m.HARole == roleStandby && len(s.pair(m)) == 2 && s.pair(m)[1].run != nil {
		s.switchRoles(m)
	}
}

func (m *machine) upgraded(r *run) {
	before := Identity{m.ServerID, m.InstanceID, m.Version}
	m.Version, m.Path = r.step.Version, m.Path[1:]
	if r.step.Update != "CROSS_OS" {
		return
	}
	m.generation++
	seed := fmt.Sprint(m.Name, m.HARole, " after cross-version upgrade ", m.generation)
	m.ServerID, m.InstanceID = uuid(seed), decimal(seed)
	m.CreatedAt = r.end().UTC().Truncate(time.Second)
	m.Before, m.RollbackUntil = &before, r.end().Add(rollbackFor)
}

// rolledBack puts the version back, and the way to the one it came from.
func (s *Server) rolledBack(m *machine) {
	if m.Before == nil {
		return
	}
	m.Path = append([]Step{{"CROSS_OS", m.Version}}, m.Path...)
	m.Version = m.Before.Version
	if s.behaviour.RollbackOldIDs {
		m.ServerID, m.InstanceID = m.Before.ServerID, m.Before.InstanceID
	}
	m.Before, m.RollbackUntil = nil, time.Time{}
}
