package cloud_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
)

// TestOnlyAWholeNameActs asks for the seed's six bastions in all ways.
func TestOnlyAWholeNameActs(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	id := s.clouds["prod"].Instance("bastion-prod").ServerID
	for name, c := range map[string]struct {
		found string   // "": it is asked back
		total int      // of an AmbiguousError; 0: it is an UnknownError
		offer []string // what is offered first
	}{
		"bastion-prod":       {found: "bastion-prod"},
		" Bastion-PROD ":     {found: "bastion-prod"},
		"prod/bastion-prod":  {found: "bastion-prod"},
		"PROD/BASTION-PROD":  {found: "bastion-prod"},
		id:                   {found: "bastion-prod"},
		strings.ToUpper(id):  {found: "bastion-prod"},
		id[:8]:               {},
		"bastion-p":          {offer: []string{"prod/bastion-prod"}},
		"prod/bastion-p":     {offer: []string{"prod/bastion-prod"}},
		"bastion-d":          {total: 2, offer: []string{"prod/bastion-dev", "prod/bastion-dr"}},
		"bastion-":           {total: 6, offer: []string{"prod/bastion-archive", "prod/bastion-dev", "prod/bastion-dr", "prod/bastion-lab", "prod/bastion-prod"}},
		"prod/bastion-d":     {total: 2, offer: []string{"prod/bastion-dev", "prod/bastion-dr"}},
		"prod/":              {total: 6},
		"bastoin-prod":       {offer: []string{"prod/bastion-prod"}},
		"prod/bastoin-prod":  {offer: []string{"prod/bastion-prod"}},
		"porb/bastion-prod":  {offer: []string{"prod/bastion-prod"}},
		"staging":            {offer: []string{"prod/bastion-staging"}},
		"bastion-prod-eu":    {offer: []string{"prod/bastion-prod"}},
		"something entirely": {},
		"":                   {},
	} {
		t.Run(name, func(t *testing.T) {
			i, err := s.Find(t.Context(), name)
			if c.found != "" {
				if err != nil || i.Name != c.found || i.Project != "prod" || i.ServerID != id {
					t.Errorf("%+v, %v", i, err)
				}
				return
			}
			var several *cloud.AmbiguousError
			var unknown *cloud.UnknownError
			var offered []string
			switch {
			case errors.As(err, &several) && several.Name == name && several.Total == c.total:
				offered = shown(several.Found)
			case errors.As(err, &unknown) && unknown.Name == name && c.total == 0:
				offered = shown(unknown.Near)
			default:
				t.Fatalf("%+v, %v", i, err)
			}
			if i.ServerID != "" || len(offered) > 5 || c.offer == nil && c.total == 0 && offered != nil || !slices.Equal(offered[:len(c.offer)], c.offer) {
				t.Errorf("%+v is found, %v are offered", i, offered)
			}
		})
	}
}

// TestANameOfAMomentAgo has somebody type the name of a bastion that was made
// since the list was read, while another's name begins like it.
func TestANameOfAMomentAgo(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Replace([]cbhemu.Instance{bastion("bastion-prod-old")})
	if all, err := s.Instances(t.Context()); err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	var unknown *cloud.UnknownError
	if i, err := s.Find(t.Context(), "bastion-prod"); !errors.As(err, &unknown) || len(unknown.Near) != 1 || s.listCalls("prod") != 2 {
		t.Errorf("%+v, %v after %d list calls", i, err, s.listCalls("prod"))
	}
	s.clouds["prod"].Put(bastion("bastion-prod"))
	if i, err := s.Find(t.Context(), "bastion-prod"); err != nil || i.Name != "bastion-prod" || s.listCalls("prod") != 3 {
		t.Errorf("%+v, %v after %d list calls", i, err, s.listCalls("prod"))
	}
	if i, err := s.Find(t.Context(), "bastion-prod"); err != nil || i.Name != "bastion-prod" || s.listCalls("prod") != 3 {
		t.Errorf("again: %+v, %v after %d list calls", i, err, s.listCalls("prod"))
	}
	s.clouds["prod"].Put(bastion("bastion-lab"))
	if found, err := s.Search(t.Context(), "LAB"); err != nil || !slices.Equal(shown(found), []string{"prod/bastion-lab"}) {
		t.Errorf("%v, %v", shown(found), err)
	}
	if found, err := s.Search(t.Context(), "prof"); !errors.As(err, &unknown) || found != nil {
		t.Errorf("%v, %v", shown(found), err)
	}
}

func TestAnUnreadableProjectMayHoldANamesake(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod", "test")
	s.denies("test")
	for _, name := range []string{"prod/bastion-lab", s.clouds["prod"].Instance("bastion-lab").ServerID} {
		if i, err := s.Find(t.Context(), name); err != nil || i.Project != "prod" || i.Name != "bastion-lab" {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
	}
	for _, name := range []string{"bastion-lab", "bastion-l", "nobody", "test/bastion-lab"} {
		i, err := s.Find(t.Context(), name)
		if client.KindOf(err) != client.NoPermission || i.ServerID != "" || !strings.Contains(err.Error(), "project test") {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
	}
	var unknown *cloud.UnknownError
	if _, err := s.Find(t.Context(), "prod/bastion-l"); !errors.As(err, &unknown) || shown(unknown.Near)[0] != "prod/bastion-lab" {
		t.Errorf("the beginning of a name in a readable project: %v", err)
	}
	for name, list := range map[string]func() ([]cloud.Instance, error){
		"Instances": func() ([]cloud.Instance, error) { return s.Instances(t.Context()) },
		"Search":    func() ([]cloud.Instance, error) { return s.Search(t.Context(), "bastion") },
	} {
		if found, err := list(); len(found) != 6 || client.KindOf(err) != client.NoPermission {
			t.Errorf("%s: %v, %v", name, shown(found), err)
		}
	}
}

// TestAServerIDWaitsForNoOtherProject: it cannot have a namesake.
func TestAServerIDWaitsForNoOtherProject(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod", "test")
	id := s.clouds["prod"].Instance("bastion-lab").ServerID
	s.clouds["test"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Minute), Times: -1})
	start := time.Now()
	for _, name := range []string{id, "prod/bastion-lab"} {
		if i, err := s.Find(t.Context(), name); err != nil || i.Name != "bastion-lab" || time.Since(start) > time.Second {
			t.Errorf("%s: %+v, %v after %s", name, i, err, time.Since(start))
		}
	}
}

// TestNamesakesAreOfferedByWhatTellsThemApart has the same name twice in one
// project, in another case, and in another project.
func TestNamesakesAreOfferedByWhatTellsThemApart(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod", "test")
	twin, upper := bastion("bastion-a"), bastion("Bastion-A")
	twin.HARole, twin.ServerID = "other", "11111111-2222"
	s.clouds["prod"].Replace([]cbhemu.Instance{bastion("bastion-a"), twin, bastion("bastion-b"), bastion("Bastion-C"), bastion("bastion-c")})
	s.clouds["test"].Replace([]cbhemu.Instance{bastion("bastion-b"), upper})
	for name, c := range map[string]struct {
		total  int
		shared int // of those found: their very name is another's too
	}{
		"bastion-a":      {3, 2},
		"prod/bastion-a": {2, 2},
		"bastion-b":      {2, 0},
		"bastion-c":      {2, 0},
	} {
		_, err := s.Find(t.Context(), name)
		var several *cloud.AmbiguousError
		if !errors.As(err, &several) || several.Total != c.total || len(several.Found) != c.total {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, i := range several.Found {
			if i.Shared != i.Target().Shared {
				t.Errorf("%s: a request does not remember whether the name is shared", name)
			}
			if i.Shared {
				c.shared--
			}
		}
		if c.shared != 0 {
			t.Errorf("%s: %+v too few or many in %v", name, c, several.Found)
		}
	}
	all, err := s.Instances(t.Context())
	if want := []string{"prod/bastion-a", "prod/bastion-a", "test/Bastion-A", "prod/bastion-b", "test/bastion-b", "prod/Bastion-C", "prod/bastion-c"}; err != nil || len(all) != len(want) {
		t.Fatalf("%v, %v", shown(all), err)
	}
	for _, i := range all {
		reference := cloud.Reference(i.Project, i.ServerID)
		if found, err := s.Find(t.Context(), reference); err != nil || found != i {
			t.Errorf("%s leads to %+v, %v", reference, found, err)
		}
	}
}

func TestAllProjectsAreListedByName(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod", "a", approvals.DefaultProject)
	s.clouds["prod"].Replace([]cbhemu.Instance{bastion("b"), bastion("D"), bastion("a")})
	s.clouds["a"].Replace([]cbhemu.Instance{bastion("c"), bastion("a")})
	s.clouds[approvals.DefaultProject].Replace([]cbhemu.Instance{bastion("e"), bastion("B")})
	for range 2 {
		all, err := s.Instances(t.Context())
		if want := []string{"a/a", "prod/a", "B", "prod/b", "a/c", "prod/D", "e"}; err != nil || !slices.Equal(shown(all), want) {
			t.Errorf("%v, %v", shown(all), err)
		}
	}
	if found, err := s.Search(t.Context(), "A/"); err != nil || !slices.Equal(shown(found), []string{"a/a", "a/c"}) {
		t.Errorf("%v, %v", shown(found), err)
	}
	if i, err := s.Find(t.Context(), "default/E"); err != nil || i.Name != "e" {
		t.Errorf("%+v, %v", i, err)
	}
}

// pair are the two rows of a pair whose parts are called a and b.
func pair(change func(a, b *cbhemu.Instance)) []cbhemu.Instance {
	a, b := bastion("bastion-ha"), bastion("bastion-ha")
	a.ServerID, a.HAID, a.HARole = "aaaa", "hhhh", "master"
	b.ServerID, b.HAID, b.HARole = "bbbb", "hhhh", "slave"
	if change != nil {
		change(&a, &b)
	}
	return []cbhemu.Instance{b, a}
}

// TestAPairIsOneInstance by its name, by both server ids, and to a request that
// remembers what both have in common.
func TestAPairIsOneInstance(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	s.clouds["prod"].Replace(pair(nil))
	remembered := approvals.Target{}
	for n, primary := range []string{"aaaa", "bbbb"} {
		for _, name := range []string{"bastion-ha", "aaaa", "prod/bbbb"} {
			i, err := s.Find(t.Context(), name)
			if err != nil || i.ServerID != primary || i.Shared || !i.Idle {
				t.Errorf("%s: %+v, %v", name, i, err)
			}
			if n == 0 {
				remembered = i.Target()
			}
		}
		seen, err := s.Survey(t.Context(), "prod", time.Now())
		if o := seen.Find(remembered); err != nil || o.ServerID != primary || o.HAID != "hhhh" {
			t.Errorf("%+v, %v", o, err)
		}
		s.clouds["prod"].SwitchRoles("bastion-ha")
		s.Forget()
	}
	if all, err := s.Instances(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", shown(all), err)
	}
}

// TestAPairIsIdleWhenBothPartsAre has what may be wrong with either.
func TestAPairIsIdleWhenBothPartsAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(a, b *cbhemu.Instance)
		want   approvals.Observation
	}{
		"both are": {nil, approvals.Observation{ServerID: "aaaa", Idle: true, Phase: "ACTIVE, NO_TASK", StandbyID: "bbbb", StandbyVersion: "3.3.49.0"}},
		"the standby is upgraded": {func(_, b *cbhemu.Instance) {
			b.Status, b.TaskStatus, b.InstanceStatus = "UPGRADING", "updating", "upgrading"
		},
			approvals.Observation{ServerID: "aaaa", Running: true, Phase: "ACTIVE, NO_TASK; slave UPGRADING, updating", StandbyID: "bbbb", StandbyVersion: "3.3.49.0"}},
		"the standby is broken": {func(_, b *cbhemu.Instance) { b.Status = "ERROR" },
			approvals.Observation{ServerID: "aaaa", Broken: true, Phase: "ACTIVE, NO_TASK; slave ERROR, NO_TASK", StandbyID: "bbbb", StandbyVersion: "3.3.49.0"}},
		"the standby is ahead": {func(_, b *cbhemu.Instance) { b.Version = "3.3.52.1" },
			approvals.Observation{ServerID: "aaaa", Idle: true, Phase: "ACTIVE, NO_TASK", StandbyID: "bbbb", StandbyVersion: "3.3.52.1"}},
		"neither is the primary": {func(a, _ *cbhemu.Instance) { a.HARole = "slave" },
			approvals.Observation{Phase: "ACTIVE, NO_TASK; master –", StandbyID: "bbbb", StandbyVersion: "3.3.49.0"}},
		"both are the primary": {func(_, b *cbhemu.Instance) { b.HARole = "master" },
			approvals.Observation{Phase: "ACTIVE, NO_TASK; master –", StandbyID: "aaaa", StandbyVersion: "3.3.49.0"}},
		"one is not in the list": {func(_, b *cbhemu.Instance) { b.HAID, b.HARole = "", "slave" },
			approvals.Observation{ServerID: "aaaa", Phase: "ACTIVE, NO_TASK; slave –"}},
	} {
		s := newSky(t, "prod")
		s.clouds["prod"].Replace(pair(c.change))
		seen, err := s.Survey(t.Context(), "prod", time.Now())
		c.want.Name, c.want.Version, c.want.Offer, c.want.HAID = "bastion-ha", "3.3.49.0", approvals.OfferMinor, "hhhh"
		if got := seen.Find(approvals.Target{HAID: "hhhh"}); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestFactsWhatTheListSays maps the cloud's words to what a look knows.
func TestFactsWhatTheListSays(t *testing.T) {
	t.Parallel()
	var all []cbhemu.Instance
	want := map[string]approvals.Observation{}
	for name, c := range map[string]struct {
		status, task, health string
		path                 string // the next upgrade; "": none
		back                 bool   // a rollback is offered
		want                 approvals.Observation
	}{
		"UPGRADING":                 {"UPGRADING", "NO_TASK", "ok", "NEW", false, approvals.Observation{Phase: "UPGRADING, NO_TASK", Offer: approvals.OfferMinor, Running: true}},
		"updating":                  {"ACTIVE", "updating", "ok", "NEW", false, approvals.Observation{Phase: "ACTIVE, updating", Offer: approvals.OfferMinor, Running: true}},
		"data-migrating":            {"ACTIVE", "data-migrating", "ok", "CROSS_OS", false, approvals.Observation{Phase: "ACTIVE, data-migrating", Offer: approvals.OfferCrossVersion, Running: true}},
		"traffic-switchover":        {"ACTIVE", "traffic-switchover", "ok", "CROSS_OS", false, approvals.Observation{Phase: "ACTIVE, traffic-switchover", Offer: approvals.OfferCrossVersion, Running: true}},
		"instance_status upgrading": {"ACTIVE", "NO_TASK", "upgrading", "NEW", false, approvals.Observation{Phase: "ACTIVE, NO_TASK, upgrading", Offer: approvals.OfferMinor, Running: true}},
		"rollback":                  {"ACTIVE", "rollback", "ok", "", true, approvals.Observation{Phase: "ACTIVE, rollback", Offer: approvals.OfferRollback, Running: true}},
		"rebooting":                 {"ACTIVE", "rebooting", "ok", "NEW", false, approvals.Observation{Phase: "ACTIVE, rebooting", Offer: approvals.OfferMinor}},
		"ERROR":                     {"ERROR", "NO_TASK", "ok", "NEW", false, approvals.Observation{Phase: "ERROR, NO_TASK", Offer: approvals.OfferMinor, Broken: true}},
		"abnormal":                  {"ACTIVE", "NO_TASK", "abnormal", "NEW", false, approvals.Observation{Phase: "ACTIVE, NO_TASK, abnormal", Offer: approvals.OfferMinor, Broken: true}},
		"OLD":                       {"ACTIVE", "NO_TASK", "ok", "", false, approvals.Observation{Phase: "ACTIVE, NO_TASK", Offer: approvals.OfferNone, Idle: true}},
		"NEW":                       {"ACTIVE", "NO_TASK", "ok", "NEW", false, approvals.Observation{Phase: "ACTIVE, NO_TASK", Offer: approvals.OfferMinor, Idle: true}},
		"ROLLBACK":                  {"ACTIVE", "NO_TASK", "ok", "", true, approvals.Observation{Phase: "ACTIVE, NO_TASK", Offer: approvals.OfferRollback, Idle: true}},
	} {
		i := cbhemu.Instance{Name: name, ServerID: "id of " + name, Version: "3.3.49.0", Status: c.status, TaskStatus: c.task, InstanceStatus: c.health}
		if c.path != "" {
			i.Path = []cbhemu.Step{{Update: c.path, Version: "3.3.52.1"}}
		}
		if c.back {
			i.RollbackUntil = time.Now().Add(time.Hour)
		}
		all = append(all, i)
		c.want.Name, c.want.ServerID, c.want.Version = i.Name, i.ServerID, i.Version
		want[name] = c.want
	}
	s := newSky(t, "prod")
	s.clouds["prod"].Replace(all)
	seen, err := s.Survey(t.Context(), "prod", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range want {
		if got := seen.Find(approvals.Target{ServerID: want.ServerID}); got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAReadThatFailsSaysWhatThatMeansForACall, which relies on it.
func TestAReadThatFailsSaysWhatThatMeansForACall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault cbhemu.Fault
		kind  approvals.OutcomeKind
		code  approvals.Code
	}{
		"no permission": {cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.10020002"}, approvals.Deferred, approvals.CodeNoPermission},
		"no login":      {cbhemu.Fault{Kind: cbhemu.FaultIAM}, approvals.Deferred, approvals.CodeNotAuthenticated},
		"throttled":     {cbhemu.Fault{Kind: cbhemu.FaultThrottled, RetryAfter: "60"}, approvals.Deferred, approvals.CodeThrottled},
		"a proxy's no":  {cbhemu.Fault{Kind: cbhemu.FaultHTML, Status: 403}, approvals.NotSent, approvals.CodeUnreached},
	} {
		s := newSky(t, "prod")
		c.fault.Op, c.fault.Times = cbhemu.OpList, -1
		s.clouds["prod"].Fault(c.fault)
		_, err := s.Survey(t.Context(), "prod", time.Now())
		var read *approvals.ReadError
		if !errors.As(err, &read) || read.Outcome.Kind != c.kind || read.Outcome.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestACallForWhichThereIsNoTokenWasNotSent: IAM, and what answers in its place, refuses no upgrade.
func TestACallForWhichThereIsNoTokenWasNotSent(t *testing.T) {
	t.Parallel()
	away := approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeUnreached}
	shut := approvals.Outcome{Kind: approvals.Deferred, Code: approvals.CodeNotAuthenticated}
	for instead, want := range map[cbhemu.Fault]approvals.Outcome{
		{Kind: cbhemu.FaultHTML, Status: 503}: away, {Kind: cbhemu.FaultHTML, Status: 200}: away, {Kind: cbhemu.FaultHTML, Status: 404}: away,
		{Kind: cbhemu.FaultIAM, Status: 400}: shut, {Kind: cbhemu.FaultIAM, Status: 403}: shut, {Kind: cbhemu.FaultIAM, Status: 404}: shut, {Kind: cbhemu.FaultDocumented, Status: 409}: shut,
	} {
		server := cbhemu.New(cbhemu.Options{})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		api, err := client.New(client.Config{Endpoint: web.URL, ProjectID: cbhemu.DefaultProject, Auth: client.Password(client.PasswordConfig{
			IAMEndpoint: web.URL, User: cbhemu.DefaultUser, Password: cbhemu.DefaultPassword, Domain: cbhemu.DefaultDomain, ProjectID: cbhemu.DefaultProject,
		})})
		if err != nil {
			t.Fatal(err)
		}
		instead.Op = cbhemu.OpToken
		server.Fault(instead)
		target := approvals.Target{Project: "prod", ServerID: server.Instance("bastion-prod").ServerID}
		got := cloud.New(cloud.Project{Name: "prod", Client: api}).Call(t.Context(), approvals.Upgrade, target, time.Now().Add(25*time.Hour))
		if got.Kind != want.Kind || got.Code != want.Code {
			t.Errorf("%s %d: %+v", instead.Kind, instead.Status, got)
		}
	}
}

func TestWhatBecameOfACall(t *testing.T) {
	t.Parallel()
	s := newSky(t, "prod")
	i := s.clouds["prod"].Instance("bastion-prod")
	target, at := approvals.Target{Project: "prod", ServerID: i.ServerID}, time.Now().Add(25*time.Hour)
	for _, c := range []struct {
		name   string
		action approvals.Action
		fault  string // met first
		target approvals.Target
		kind   approvals.OutcomeKind
		code   string
	}{
		{"a project nobody has", approvals.Upgrade, "", approvals.Target{Project: "gone"}, approvals.NotSent, "no_project"},
		{"no such instance", approvals.Upgrade, "", approvals.Target{Project: "prod", ServerID: "gone"}, approvals.Refused, "not_found"},
		{"throttled", approvals.Upgrade, cbhemu.FaultThrottled, target, approvals.Deferred, "throttled"},
		{"not let in", approvals.Upgrade, cbhemu.FaultIAM, target, approvals.Deferred, "not_authenticated"},
		{"broken off", approvals.Upgrade, cbhemu.FaultResetBefore, target, approvals.Unclear, "unavailable"},
		{"accepted", approvals.Upgrade, "", target, approvals.Accepted, ""},
		{"cancelled", approvals.Cancel, "", target, approvals.Accepted, ""},
		{"no way back", approvals.Rollback, "", target, approvals.Deferred, "no_permission"},
	} {
		if c.fault != "" {
			s.clouds["prod"].Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: c.fault})
		}
		if got := s.Call(t.Context(), c.action, c.target, at); got.Kind != c.kind || got.Code != approvals.Code(c.code) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
