package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
)

// DefaultProject is the name of the only project of a program that is told of
// one by variables. People are not shown it.
const DefaultProject = "default"

// Project is one cloud project whose instances the bot looks after.
type Project struct {
	Name   string // how people and the policy call it; unique
	Client *client.Client
	// Channel is where the project's cards go; "": where they are asked for. A
	// policy rule that names a channel goes first.
	Channel string
}

// Cloud is the projects together: it implements approvals.Executor and finds
// the instances that people name. It is safe for concurrent use.
type Cloud struct {
	projects []Project
	now      func() time.Time
	lists    *reading[[]client.Instance]
	features *reading[client.Features]
}

const (
	// listFor is how long a list of instances is good enough to find a name in.
	listFor = time.Minute
	// featuresFor is how long a region's features are taken to stay as they are.
	featuresFor = time.Hour
	// featuresWait is how long a region is waited for that may not say at all.
	featuresWait = 5 * time.Second
)

// NewCloud returns the projects as one cloud.
func NewCloud(now func() time.Time, projects ...Project) *Cloud {
	return &Cloud{
		projects: projects, now: now,
		lists: newReading[[]client.Instance](now, listFor), features: newReading[client.Features](now, featuresFor),
	}
}

// Instance is an instance together with its project.
type Instance struct {
	Project string
	Shared  bool // another instance of the project has the same name
	client.Instance
}

// display is how an instance is called: project/name where the project has a
// name of its own.
func display(project, name string) string {
	if project == "" || project == DefaultProject {
		return name
	}
	return project + "/" + name
}

func (i Instance) display() string { return display(i.Project, i.Name) }

// reference is what a button names the instance by.
func (i Instance) reference() string {
	if i.Shared {
		return i.ServerID
	}
	return i.Project + "/" + i.Name
}

// target is the instance as a request remembers it.
func (i Instance) target() approvals.Target {
	return approvals.Target{
		Project: i.Project, ServerID: i.ServerID, Name: i.Name, Version: i.Version, Next: string(i.Update), Shared: i.Shared,
	}
}

// Instances lists the instances of all projects by name, at most a minute old.
// With an error, which is that of the projects that cannot be read, come the
// instances of the others.
func (c *Cloud) Instances(ctx context.Context) ([]Instance, error) {
	var (
		mu     sync.Mutex
		all    []Instance
		faults []error
		group  sync.WaitGroup
	)
	for _, project := range c.projects {
		group.Go(func() {
			list, err := c.recent(ctx, project)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, inProject(project.Name, list)...)
			if err != nil {
				faults = append(faults, fmt.Errorf("project %s: %w", project.Name, err))
			}
		})
	}
	group.Wait()
	slices.SortFunc(all, func(a, b Instance) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Project, b.Project), strings.Compare(a.ServerID, b.ServerID))
	})
	return all, errors.Join(faults...)
}

func inProject(project string, list []client.Instance) []Instance {
	named := map[string]int{}
	for _, i := range list {
		named[i.Name]++
	}
	all := make([]Instance, len(list))
	for n, i := range list {
		all[n] = Instance{Project: project, Shared: named[i.Name] > 1, Instance: i}
	}
	return all
}

func (c *Cloud) recent(ctx context.Context, project Project) ([]client.Instance, error) {
	return c.lists.recent(ctx, project.Name, lister(project))
}

// lister reads a project's list. Of a primary/standby pair it keeps the primary:
// the pair has one name, and is upgraded through it.
func lister(project Project) func(context.Context) ([]client.Instance, error) {
	return func(ctx context.Context) ([]client.Instance, error) {
		list, err := project.Client.Instances(ctx)
		return slices.DeleteFunc(list, func(i client.Instance) bool { return strings.EqualFold(i.HARole, "slave") }), err
	}
}

// project finds a project by its name.
func (c *Cloud) project(name string) (Project, error) {
	for _, p := range c.projects {
		if p.Name == name {
			return p, nil
		}
	}
	return Project{}, fmt.Errorf("no project is called %q", name)
}

// channel is where a project's cards go, when not where they were asked for.
func (c *Cloud) channel(project, asked string) string {
	p, err := c.project(project)
	if err != nil || p.Channel == "" {
		return asked
	}
	return p.Channel
}

// Survey implements approvals.Executor with one list call, which those who look
// at the same moment share.
func (c *Cloud) Survey(ctx context.Context, project string) ([]approvals.Observation, error) {
	p, err := c.project(project)
	if err != nil {
		return nil, err
	}
	list, err := c.lists.fresh(ctx, project, lister(p))
	if err != nil {
		return nil, err
	}
	seen := make([]approvals.Observation, len(list))
	for i, instance := range list {
		seen[i] = observe(instance)
	}
	return seen, nil
}

// Supports implements approvals.Executor. A region that does not say is asked by
// the call itself: only a plain no counts.
func (c *Cloud) Supports(ctx context.Context, project string) bool {
	p, err := c.project(project)
	if err != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, featuresWait)
	defer cancel()
	features, err := c.features.recent(ctx, project, p.Client.Features)
	return err != nil || !features.Told || features.UpgradeInstance
}

func observe(i client.Instance) approvals.Observation {
	return approvals.Observation{
		ServerID: i.ServerID, Name: i.Name, Version: i.Version, Next: string(i.Update),
		UpgradeTime: i.UpgradeTime, Phase: phase(i), Idle: i.Idle(), Running: i.Running() || i.RollingBack(), Broken: i.Broken(),
		Latest: i.Update == client.Latest, CanRollback: i.Update == client.CanRollback,
	}
}

func phase(i client.Instance) string {
	var parts []string
	for _, part := range []string{i.Status, i.TaskStatus} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Call implements approvals.Executor with one POST.
func (c *Cloud) Call(ctx context.Context, r approvals.Request) approvals.Outcome {
	p, err := c.project(r.Target.Project)
	if err != nil {
		return approvals.Outcome{Kind: approvals.NotSent, Code: "no_project", Raw: err.Error()}
	}
	receipt, err := send(ctx, p.Client, r)
	if err != nil {
		return outcomeOf(err)
	}
	return approvals.Outcome{Kind: approvals.Accepted, Status: receipt.Status, RequestID: receipt.RequestID}
}

func send(ctx context.Context, api *client.Client, r approvals.Request) (client.Receipt, error) {
	switch r.Action {
	case approvals.Cancel:
		return api.CancelUpgrade(ctx, r.Target.ServerID, r.At)
	case approvals.Rollback:
		return api.Rollback(ctx, r.Target.ServerID)
	}
	return api.Upgrade(ctx, r.Target.ServerID, r.At)
}

// outcomeOf tells a clear no from an unclear answer from a call that never left.
func outcomeOf(err error) approvals.Outcome {
	outcome := approvals.Outcome{Kind: approvals.Refused, Code: codeOf(err), Raw: err.Error()}
	var cloud *client.Error
	if errors.As(err, &cloud) {
		outcome.Status, outcome.RequestID, outcome.Raw = cloud.Status, cloud.RequestID, cloud.Message
	}
	switch {
	case client.Unclear(err):
		outcome.Kind = approvals.Unclear
	case cloud == nil || cloud.Kind == client.Unavailable:
		outcome.Kind = approvals.NotSent
	}
	return outcome
}

// codeOf is the kind of the client's error as a word.
func codeOf(err error) string {
	if kind := client.KindOf(err); kind != 0 {
		return kind.String()
	}
	return approvals.CodeUnreached
}
