package cbhemu

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// Instance is a bastion host: what it is, and what is to become of it. Ids that
// are left out are made up from the name.
type Instance struct {
	Name       string `json:"name"`
	ServerID   string `json:"server_id"`
	InstanceID string `json:"instance_id"`
	ResourceID string `json:"resource_id"`
	Version    string `json:"version"`
	Path       []Step `json:"path"` // the upgrades that lie ahead, the next one first; none: the version is the latest

	Status         string `json:"status"`          // "": ACTIVE
	TaskStatus     string `json:"task_status"`     // "": NO_TASK
	InstanceStatus string `json:"instance_status"` // "": ok

	AgentDown     bool      `json:"agent_down"`
	Fate          Fate      `json:"fate"`           // of its upgrades
	UpgradeTime   time.Time `json:"upgrade_time"`   // zero: none scheduled
	RollbackUntil time.Time `json:"rollback_until"` // zero: no rollback
	Before        *Identity `json:"before"`         // what a rollback returns to
	CreatedAt     time.Time `json:"created_at"`
	HAID          string    `json:"ha_id"`
	HARole        string    `json:"ha_role"` // master or slave

	Extra map[string]any `json:"extra"` // fields to write over its list entry, whatever their type
	Omit  []string       `json:"omit"`  // fields to leave out of its list entry
}

// Step is one upgrade.
type Step struct {
	Update  string `json:"update"` // NEW or CROSS_OS
	Version string `json:"version"`
}

// Identity is what a cross-version upgrade replaces.
type Identity struct {
	ServerID   string `json:"server_id"`
	InstanceID string `json:"instance_id"`
	Version    string `json:"version"`
}

// Fate says how an instance's upgrades end.
type Fate string

// The fates.
const (
	Succeeds    Fate = ""
	Unchanged   Fate = "unchanged"    // it runs, and the version is the same afterwards
	EndsInError Fate = "error"        // halfway it turns into ERROR and stays so
	Stuck       Fate = "stuck"        // it starts and never ends
	NeverStarts Fate = "never starts" // its time passes
)

// machine is an instance and what is going on in it.
type machine struct {
	Instance
	run        *run
	ran        time.Time // the upgrade_time that has had its run
	visibleAt  time.Time // from when the list shows upgrade_time
	generation int
}

func newMachine(i Instance) *machine {
	m := &machine{Instance: i}
	m.Path = slices.Clone(i.Path)
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&m.ServerID, uuid(m.Name+m.HARole))
	set(&m.InstanceID, decimal(m.Name+m.HARole))
	set(&m.ResourceID, uuid("resource of "+m.Name+m.HARole))
	set(&m.Status, "ACTIVE")
	set(&m.TaskStatus, "NO_TASK")
	set(&m.InstanceStatus, "ok")
	if m.CreatedAt.IsZero() {
		m.CreatedAt = time.Date(2025, 3, 17, 12, 5, 2, 0, time.UTC)
	}
	return m
}

// update is the list's field of that name.
func (m *machine) update(now time.Time) string {
	switch {
	case now.Before(m.RollbackUntil):
		return "ROLLBACK"
	case len(m.Path) > 0:
		return m.Path[0].Update
	}
	return "OLD"
}

// uuid and decimal make ids that are the same in each run.
func uuid(seed string) string {
	h := sha256.Sum256([]byte(seed))
	return fmt.Sprintf("%x-%x-4%x-a%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])[:36]
}

func decimal(seed string) string {
	h := sha256.Sum256([]byte(seed))
	return fmt.Sprint(binary.BigEndian.Uint64(h[:]) >> 2)
}

// Instance returns an instance by name or server_id as it is at this moment,
// the zero Instance if there is none. Of a pair it is the master.
func (s *Server) Instance(name string) Instance {
	for _, i := range s.Instances() {
		if i.Name == name || i.ServerID == name {
			return i
		}
	}
	return Instance{}
}

// Instances returns all instances as they are at this moment.
func (s *Server) Instances() []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	all := make([]Instance, len(s.instances))
	for i, m := range s.instances {
		all[i] = m.Instance
	}
	return all
}

// Replace takes these instances instead of the present ones.
func (s *Server) Replace(all []Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances = make([]*machine, len(all))
	for i, instance := range all {
		s.instances[i] = newMachine(instance)
	}
}

// Put adds an instance, or changes the one with the same name and role: what
// somebody does in the cloud's console. An upgrade under way is given up.
func (s *Server) Put(i Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, m := range s.instances {
		if m.Name == i.Name && m.HARole == i.HARole {
			s.instances[n] = newMachine(i)
			return
		}
	}
	s.instances = append(s.instances, newMachine(i))
}

// Change does something to the instances of a name as they are, in the cloud's
// console: an upgrade under way goes on as it began.
func (s *Server) Change(name string, do func(*Instance)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found := false
	for _, m := range s.instances {
		if m.Name == name {
			do(&m.Instance)
			found = true
		}
	}
	if !found {
		return fmt.Errorf("no instance is called %q", name)
	}
	return nil
}

// Remove takes the instances of a name away.
func (s *Server) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances = slices.DeleteFunc(s.instances, func(m *machine) bool { return m.Name == name })
}
