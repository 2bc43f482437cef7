package cbhemu

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The versions of the scenarios.
const (
	oldVersion     = "3.3.37.0"
	midVersion     = "3.3.50.0"
	presentVersion = "3.3.49.0"
	minorVersion   = "3.3.52.1"
	crossVersion   = "3.3.62.0"
)

var (
	minorStep = Step{"NEW", minorVersion}
	crossStep = Step{"CROSS_OS", crossVersion}
)

// production is a project with one instance in each state that people meet.
func production() []Instance {
	return []Instance{
		{Name: "bastion-prod", Version: presentVersion, Path: []Step{minorStep}},
		{Name: "bastion-staging", Version: presentVersion, Path: []Step{minorStep}},
		{Name: "bastion-dev", Version: midVersion, Path: []Step{minorStep}},
		{Name: "bastion-lab", Version: minorVersion},
		{Name: "bastion-dr", Version: presentVersion, Path: []Step{minorStep}, AgentDown: true},
		{Name: "bastion-archive", Version: midVersion, Path: []Step{crossStep}},
	}
}

// seeds are the scenarios. In each but "prod" it is bastion-prod that is special.
var seeds = map[string]func(prod *Instance){
	"prod":          func(*Instance) {},
	"old two-hop":   func(i *Instance) { i.Version, i.Path = oldVersion, []Step{{"NEW", midVersion}, crossStep} },
	"HA pair":       func(i *Instance) { i.HAID, i.HARole = uuid("pair"), "master" },
	"agent down":    func(i *Instance) { i.AgentDown = true },
	"will fail":     func(i *Instance) { i.Fate = Unchanged },
	"ends in error": func(i *Instance) { i.Fate = EndsInError },
	"gets stuck":    func(i *Instance) { i.Fate = Stuck },
	"never starts":  func(i *Instance) { i.Fate = NeverStarts },
	"changes ids":   func(i *Instance) { i.Path = []Step{crossStep} },
}

// Seeds returns the names of the scenarios.
func Seeds() []string { return slices.Sorted(maps.Keys(seeds)) }

// Load replaces the instances with those of a scenario; "" is "prod".
func (s *Server) Load(seed string) error {
	if seed == "" {
		seed = "prod"
	}
	change, known := seeds[seed]
	if !known {
		return fmt.Errorf("no scenario is called %q; there are %s", seed, strings.Join(Seeds(), ", "))
	}
	all := production()
	change(&all[0])
	if all[0].HARole == "master" {
		standby := all[0]
		standby.HARole = "slave"
		all = slices.Insert(all, 1, standby)
	}
	s.Replace(all)
	return nil
}
