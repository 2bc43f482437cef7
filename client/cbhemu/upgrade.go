package cbhemu

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"
)

// order is the body of the upgrade call, checked as far as types go.
type order struct {
	ServerID    *string  `json:"server_id"`
	UpgradeTime *float64 `json:"upgrade_time"`
	Cancel      bool     `json:"cancel"`
}

// readOrder returns the order, or why it is none.
func readOrder(c call) (order, *refusal) {
	var o order
	if !json.Valid(c.body) || !isJSON(c.request) {
		return o, &badFormat
	}
	if json.Unmarshal(c.body, &o) != nil {
		return o, &badParameter
	}
	if o.ServerID == nil || *o.ServerID == "" {
		return o, &badServerID
	}
	return o, nil
}

// ordered is what an order is for, or why it cannot be: of a pair, the primary takes orders.
func (s *Server) ordered(o order) (*machine, *refusal) {
	m := s.find(*o.ServerID)
	switch {
	case m == nil:
		return nil, &notFound
	case m.HARole == roleStandby:
		return nil, &badServerID
	}
	return m, nil
}

func isJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
}

// at is the time of the order; ok is false unless it is a whole, positive number.
func (o order) at() (at time.Time, ok bool) {
	if o.UpgradeTime == nil || *o.UpgradeTime <= 0 || *o.UpgradeTime > 1e15 || *o.UpgradeTime != math.Trunc(*o.UpgradeTime) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(*o.UpgradeTime)).UTC(), true
}

// upgrade schedules or cancels. The order of its checks is the cloud's.
func (s *Server) upgrade(c call) *reply {
	o, wrong := readOrder(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	at, hasTime := o.at()
	if wrong == nil && !hasTime {
		wrong = &badParameter
	}
	if wrong != nil {
		return s.refuse(*wrong)
	}
	check, apply := s.mayNotSchedule, s.schedule
	if o.Cancel {
		check, apply = s.mayNotCancel, s.cancel
	}
	m, wrong := s.ordered(o)
	if wrong == nil {
		wrong = check(m, at)
	}
	if wrong != nil {
		return s.refuse(*wrong)
	}
	apply(m, at)
	return &reply{status: http.StatusOK}
}

func (s *Server) mayNotSchedule(m *machine, at time.Time) *refusal {
	switch {
	case m.AgentDown:
		return &agentDown
	case len(m.Path) == 0 && m.run == nil:
		return &latest
	case s.tooSoon(at) && !(s.behaviour.MinorAtOnce && m.update(s.Now()) == "NEW" && at.After(s.Now())):
		return &tooSoon
	case m.run != nil || m.Status != "ACTIVE" || m.TaskStatus != "NO_TASK":
		return &busy
	case s.pending(m) && !s.behaviour.Overwrite:
		return &scheduled
	}
	return nil
}

func (s *Server) tooSoon(at time.Time) bool {
	return !at.After(s.Now().Add(time.Duration(s.behaviour.MinLead)))
}

// pending tells whether an upgrade lies ahead; a kept or missed upgrade_time
// does not.
func (s *Server) pending(m *machine) bool {
	return m.run == nil && s.Now().Before(m.UpgradeTime)
}

func (s *Server) mayNotCancel(m *machine, at time.Time) *refusal {
	switch {
	case s.behaviour.CancelNeedsLead && s.tooSoon(at):
		return &tooSoon
	case m.run != nil:
		return &started
	case m.UpgradeTime.IsZero() && !s.behaviour.CancelNothing:
		return &nothing
	case s.behaviour.CancelNeedsTime && !at.Equal(m.UpgradeTime):
		return &badParameter
	}
	return nil
}

// schedule holds for both parts of a pair.
func (s *Server) schedule(m *machine, at time.Time) {
	for _, part := range s.pair(m) {
		part.UpgradeTime = at.Truncate(time.Duration(s.behaviour.Round))
		part.visibleAt = s.Now().Add(time.Duration(s.behaviour.Lag))
	}
}

func (s *Server) cancel(m *machine, _ time.Time) {
	for _, part := range s.pair(m) {
		part.UpgradeTime = time.Time{}
	}
}

func (s *Server) pair(m *machine) []*machine {
	parts := []*machine{m}
	for _, other := range s.instances {
		if other != m && m.HAID != "" && other.HAID == m.HAID {
			parts = append(parts, other)
		}
	}
	return parts
}

// The roles of a pair's parts, which change: Terraform's resource has an update of
// its own for that, and addresses the primary.
// https://github.com/huaweicloud/terraform-provider-huaweicloud/blob/master/docs/resources/cbh_ha_instance.md
const (
	rolePrimary = "master"
	roleStandby = "slave"
)

// SwitchRoles makes the standby of a pair its primary.
func (s *Server) SwitchRoles(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.instances {
		if m.Name == name && m.HARole == rolePrimary {
			s.switchRoles(m)
			return
		}
	}
}

func (s *Server) switchRoles(m *machine) {
	for _, part := range s.pair(m) {
		part.HARole = map[string]string{rolePrimary: roleStandby, roleStandby: rolePrimary}[part.HARole]
	}
}

// rollback starts at once.
func (s *Server) rollback(c call) *reply {
	o, wrong := readOrder(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if wrong != nil {
		return s.refuse(*wrong)
	}
	m, wrong := s.ordered(o)
	switch {
	case wrong != nil:
		return s.refuse(*wrong)
	case m.run != nil || m.Status != "ACTIVE" || m.TaskStatus != "NO_TASK":
		return s.refuse(busy)
	case m.update(s.Now()) != "ROLLBACK":
		return s.refuse(noRollback)
	}
	for _, part := range s.pair(m) {
		part.run = &run{start: s.Now(), takes: time.Duration(s.behaviour.Rollback), step: Step{Update: "ROLLBACK"}}
	}
	s.settle()
	return &reply{status: http.StatusOK}
}
