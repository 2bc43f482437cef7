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
