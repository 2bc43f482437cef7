package cloud

import (
	"context"
	"strings"
	"time"
)

// Projects are the names of the projects, in their order.
func (c *Cloud) Projects() []string {
	var names []string
	for _, p := range c.projects {
		names = append(names, p.Name)
	}
	return names
}

// Kept lists as [Cloud.Search] does the instances with a text in their project/name,
// and never waits: from the lists that were read last, however old they are. What is
// not [Recent] is read again, for whoever comes next.
func (c *Cloud) Kept(ctx context.Context, text string) []Instance {
	lower := strings.ToLower(strings.TrimSpace(text))
	var found []Instance
	for _, p := range c.projects {
		if list := p.lists.last(ctx, time.Now().Add(-Recent)); list != nil {
			found = merge(found, list.containing(lower))
		}
	}
	return found
}

// Recall is as [Cloud.Find] for an instance that is wholly named, and never waits: by
// the lists that were read last. Where they do not tell one alone, nothing is known.
func (c *Cloud) Recall(ctx context.Context, name string) (found Instance, known bool) {
	lower := strings.ToLower(strings.TrimSpace(name))
	var named []Instance
	for _, p := range c.meant(lower) {
		list := p.lists.last(ctx, time.Now().Add(-Recent))
		if list == nil {
			return Instance{}, false // it may hold another of that name
		}
		if n, sure := list.id(lower); sure {
			return list.all[n], true
		}
		named = append(named, list.called(lower)...)
	}
	if len(named) != 1 {
		return Instance{}, false
	}
	return named[0], true
}
