package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cbhbot/approvals"
	"cbhbot/client"
)

// Project is one cloud project whose instances the bot looks after.
type Project struct {
	Name   string // how people and the policy call it
	Client *client.Client
}

// Cloud is the projects together: it implements approvals.Executor and finds
// the instances that people name.
type Cloud struct {
	projects []Project
	now      func() time.Time
	flight   singleflight.Group

	mu     sync.Mutex
	cached map[string]cachedList
}

type cachedList struct {
	instances []client.Instance
	at        time.Time
}

// listFor is how long a list of instances is good enough to find a name in.
const listFor = time.Minute

// NewCloud returns the projects as one cloud.
func NewCloud(now func() time.Time, projects ...Project) *Cloud {
	return &Cloud{projects: projects, now: now, cached: map[string]cachedList{}}
}

// Instance is an instance together with its project.
type Instance struct {
	Project string
	client.Instance
}

// target is the instance as a request remembers it.
func (i Instance) target() approvals.Target {
	return approvals.Target{
		Project: i.Project, ServerID: i.ServerID, Name: i.Name, Version: i.Version, Next: string(i.Update),
	}
}

// Instances lists all instances, at most a minute old.
func (c *Cloud) Instances(ctx context.Context) ([]Instance, error) {
	var all []Instance
	for _, project := range c.projects {
		list, ok := c.recent(project.Name)
		if !ok {
			var err error
			if list, err = c.list(ctx, project.Name); err != nil {
				return nil, err
			}
		}
		for _, instance := range list {
			if instance.HARole != "slave" { // the pair has one name, and is upgraded through its master
				all = append(all, Instance{Project: project.Name, Instance: instance})
			}
		}
	}
	slices.SortFunc(all, func(a, b Instance) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (c *Cloud) recent(project string) ([]client.Instance, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, ok := c.cached[project]
	return list.instances, ok && c.now().Sub(list.at).Abs() < listFor
}

// list asks the cloud. Callers at the same time share one call, which does not
// end when the first of them goes away.
func (c *Cloud) list(ctx context.Context, project string) ([]client.Instance, error) {
	api, err := c.client(project)
	if err != nil {
		return nil, err
	}
	answer := c.flight.DoChan(project, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), approvals.CallTimeout)
		defer cancel()
		list, err := api.Instances(ctx)
		if err == nil {
			c.remember(project, list)
		}
		return list, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-answer:
		list, _ := result.Val.([]client.Instance)
		return list, result.Err
	}
}

func (c *Cloud) remember(project string, list []client.Instance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cached[project] = cachedList{instances: list, at: c.now()}
}

func (c *Cloud) client(project string) (*client.Client, error) {
	for _, p := range c.projects {
		if p.Name == project {
			return p.Client, nil
		}
	}
	return nil, fmt.Errorf("no project is called %q", project)
}

// Survey implements approvals.Executor with one list call.
func (c *Cloud) Survey(ctx context.Context, project string) ([]approvals.Observation, error) {
	list, err := c.list(ctx, project)
	if err != nil {
		return nil, err
	}
	seen := make([]approvals.Observation, len(list))
	for i, instance := range list {
		seen[i] = observe(instance)
	}
	return seen, nil
}

func observe(i client.Instance) approvals.Observation {
	return approvals.Observation{
		ServerID: i.ServerID, Name: i.Name, Version: i.Version, Next: string(i.Update),
		UpgradeTime: i.UpgradeTime, Phase: phase(i), Idle: i.Idle(), Running: i.Running(), Broken: i.Broken(),
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
	api, err := c.client(r.Target.Project)
	if err != nil {
		return approvals.Outcome{Kind: approvals.NotSent, Code: "no_project", Raw: err.Error()}
	}
	receipt, err := send(ctx, api, r)
	if err != nil {
		return outcomeOf(err)
	}
	return approvals.Outcome{Kind: approvals.Accepted, RequestID: receipt.RequestID}
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
