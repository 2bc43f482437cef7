package cloud

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Instances lists the instances of all projects by name, from lists that are at
// most [Recent] old. With an error, which is that of the projects that cannot be
// read, come the instances of the others. The slice is shared: it is not to be
// changed.
func (c *Cloud) Instances(ctx context.Context) ([]Instance, error) {
	found, seen := c.containing(ctx, "", time.Now().Add(-Recent))
	return found, errors.Join(seen.errs...)
}

// Search lists as [Cloud.Instances] does the instances with a text in their
// project/name, in any case. For a text that none has, the lists are read; when
// all could be, the error is then an [*UnknownError].
func (c *Cloud) Search(ctx context.Context, text string) ([]Instance, error) {
	began, lower := time.Now(), strings.ToLower(strings.TrimSpace(text))
	found, seen := c.containing(ctx, lower, began.Add(-Recent))
	if len(found) == 0 && seen.away == nil {
		found, seen = c.containing(ctx, lower, began)
	}
	if len(found) == 0 && seen.away == nil {
		return nil, &UnknownError{Name: text, Near: nearest(seen.lists, lower)}
	}
	return found, errors.Join(seen.errs...)
}

func (c *Cloud) containing(ctx context.Context, lower string, since time.Time) ([]Instance, sight) {
	seen := look(ctx, c.projects, "", want{since: since})
	var found []Instance
	for _, list := range seen.lists {
		found = merge(found, list.containing(lower))
	}
	return found, seen
}

// merge joins two lists by name.
func merge(a, b []Instance) []Instance {
	switch {
	case len(a) == 0:
		return slices.Clip(b)
	case len(b) == 0:
		return a
	}
	all := make([]Instance, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if cmp.Or(compareNames(a[0].Instance, b[0].Instance), strings.Compare(a[0].Project, b[0].Project)) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
