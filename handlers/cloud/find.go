package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// AmbiguousError is the answer to a name that fits several instances: wholly, in
// any case, or, where it is nobody's whole name, as the beginning of theirs.
type AmbiguousError struct {
	Name  string     // as it was typed
	Found []Instance // the first 5 of them by name
	Total int        // how many fit
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d instances are called like %q", e.Total, e.Name)
}

// UnknownError is the answer to a name that no instance has.
type UnknownError struct {
	Name string     // as it was typed
	Near []Instance // what may have been meant, the likeliest first, at most 5
}

func (e *UnknownError) Error() string { return fmt.Sprintf("no instance is called %q", e.Name) }

// UnreadError is the answer to a name while a project cannot be read: it may hold
// a namesake of those that are found.
type UnreadError struct {
	Name     string     // as it was typed
	Found    []Instance // the first 5 with that whole name in the other projects
	Projects []string   // those that cannot be read
	Errs     []error    // why, of each of them; the client's, or the context's
}

func (e *UnreadError) Error() string   { return errors.Join(e.Errs...).Error() }
func (e *UnreadError) Unwrap() []error { return e.Errs }

// Find returns the instance that is wholly named: by its name in any case, by
// project/name, by its server id or by a [Reference]. Whatever else is typed is an
// [*AmbiguousError] or an [*UnknownError] about a list that is read for it.
//
// While a project cannot be read, a name alone is an [*UnreadError]; project/name
// and a server id still act.
func (c *Cloud) Find(ctx context.Context, name string) (Instance, error) {
	began, lower := time.Now(), strings.ToLower(strings.TrimSpace(name))
	projects := c.meant(lower)
	seen := look(ctx, projects, lower, want{since: began.Add(-Recent)})
	if len(seen.named) == 0 && seen.away == nil {
		seen = look(ctx, projects, lower, want{since: began, name: lower})
	}
	switch {
	case seen.sure:
		return seen.named[0], nil
	case seen.away != nil:
		return Instance{}, &UnreadError{Name: name, Found: first(seen.named), Projects: seen.away, Errs: seen.errs}
	case len(seen.named) == 1:
		return seen.named[0], nil
	case len(seen.named) > 1:
		return Instance{}, ambiguous(name, seen.named)
	}
	if begin := beginning(seen.lists, lower); len(begin) > 1 {
		return Instance{}, ambiguous(name, begin)
	}
	return Instance{}, &UnknownError{Name: name, Near: nearest(seen.lists, lower)}
}

func ambiguous(name string, found []Instance) error {
	return &AmbiguousError{Name: name, Found: first(found), Total: len(found)}
}

func first(found []Instance) []Instance { return found[:min(len(found), mostOffered)] }

// meant are the projects in which a name is looked for: that of project/name.
func (c *Cloud) meant(lower string) []*project {
	var named []*project
	for _, p := range c.projects {
		if strings.HasPrefix(lower, strings.ToLower(p.Name)+"/") {
			named = append(named, p)
		}
	}
	if named == nil {
		return c.projects
	}
	return named
}

// sight is what the lists of some projects show of a name.
type sight struct {
	lists []*snapshot // in the order of the projects; without those that cannot be read
	named []Instance  // that have the name
	sure  bool        // one of them has it as its server id
	away  []string    // the names of the projects that cannot be read
	errs  []error     // why
}

// look reads the lists, and stops at one that has the name as a server id.
func look(ctx context.Context, projects []*project, lower string, w want) sight {
	lists, errs, arrived := make([]*snapshot, len(projects)), make([]error, len(projects)), make(chan int, len(projects))
	read := (*feed).glance
	if len(projects) == 1 {
		read = (*feed).await
	}
	for n, p := range projects {
		go func() {
			lists[n], errs[n] = read(&p.lists, ctx, w)
			arrived <- n
		}()
	}
	for range projects {
		list := lists[<-arrived]
		if list == nil {
			continue
		}
		if i, known := list.id(lower); known {
			return sight{named: list.all[i : i+1], sure: true}
		}
	}
	return sighted(projects, lists, errs, lower)
}

func sighted(projects []*project, lists []*snapshot, errs []error, lower string) sight {
	var s sight
	for n, list := range lists {
		if list == nil {
			s.away = append(s.away, projects[n].Name)
			s.errs = append(s.errs, fmt.Errorf("project %s: %w", projects[n].Name, errs[n]))
			continue
		}
		s.lists = append(s.lists, list)
		s.named = append(s.named, list.called(lower)...)
	}
	return s
}
