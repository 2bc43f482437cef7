// Package cloud is the cloud projects together, as one cloud: it finds the
// instance somebody names, lists all there are, and is the approvals' executor.
//
// A project's list is read once for all who want it. How old a list may be is
// for each caller to say, as the time at which its read must have been begun at
// the earliest: [Recent] ago before people are asked, at most 2 s ago before a
// call, not before the call when it is read back. These times are of the
// process's own clock, time.Now, and are compared with nothing else.
package cloud

import (
	"context"
	"fmt"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
)

// Recent is how old a list may be to find a name in, or to look at before people
// are asked.
const Recent = 5 * time.Second

// Project is one cloud project whose instances the bot looks after.
type Project struct {
	Name   string // how people and the policy call it; unique
	Client *client.Client
}

// Cloud is the projects together. It is safe for concurrent use.
type Cloud struct{ projects []*project }

type project struct {
	Project
	lists    feed
	features features
}

// New returns the projects as one cloud. It reads nothing yet.
func New(projects ...Project) *Cloud {
	c := &Cloud{}
	for _, p := range projects {
		c.projects = append(c.projects, &project{
			Project: p, lists: feed{read: lister(p), ended: make(chan struct{})}, features: features{ask: p.Client.Features},
		})
	}
	return c
}

// lister reads a project's list.
func lister(p Project) func(context.Context, time.Time) (*snapshot, error) {
	return func(ctx context.Context, begun time.Time) (*snapshot, error) {
		list, err := p.Client.Instances(ctx)
		if err != nil {
			return nil, err
		}
		return newSnapshot(p.Name, begun, list), nil
	}
}

// Forget drops all that was read: for a sandbox whose clock was moved, in which
// the age of a read says nothing.
func (c *Cloud) Forget() {
	for _, p := range c.projects {
		p.lists.forget()
		p.features.forget()
	}
}

// Insist has a project's next call log in although that was refused a moment ago.
func (c *Cloud) Insist(project string) {
	if p, err := c.project(project); err == nil {
		p.Client.Insist()
	}
}

func (c *Cloud) project(name string) (*project, error) {
	for _, p := range c.projects {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no project is called %q", name)
}

// Survey looks at all instances of a project by a read that was begun at since
// or later. The error wraps the client's, or the context's.
func (c *Cloud) Survey(ctx context.Context, project string, since time.Time) (approvals.Survey, error) {
	p, err := c.project(project)
	if err != nil {
		return approvals.Survey{}, &approvals.ReadError{Outcome: unlisted(err), Err: err}
	}
	s, err := p.lists.snapshot(ctx, since)
	if err != nil {
		return approvals.Survey{}, &approvals.ReadError{Outcome: unread(err), Err: err}
	}
	return s.survey, nil
}

// Supports reports whether the project's region has upgrades through the API:
// false only when the region says no. It waits 2 s at most.
func (c *Cloud) Supports(ctx context.Context, project string) bool {
	p, err := c.project(project)
	return err != nil || p.features.supported(ctx)
}
