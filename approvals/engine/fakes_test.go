package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// people is a directory of everybody a test needs.
type people struct {
	mu     sync.Mutex
	known  map[string]approvals.Person
	groups map[string][]string
	away   error
	hook   func() // during the next look-up of a person
}

func (d *people) Person(_ context.Context, id string) (approvals.Person, error) {
	d.mu.Lock()
	p, ok := d.known[id]
	away, hook := d.away, d.hook
	d.hook = nil
	d.mu.Unlock()
	if hook != nil {
		hook()
	}
	switch {
	case away != nil:
		return approvals.Person{}, away
	case !ok:
		return approvals.Person{ID: id}, policy.ErrNobody
	}
	return p, nil
}

func (d *people) Members(_ context.Context, group string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.groups[group], d.away
}

// meanwhile has something happen while the next person is looked up.
func (d *people) meanwhile(f func()) { d.change(func() { d.hook = f }) }

func (d *people) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// cloud is an executor whose instances do what the test says.
type cloud struct {
	mu          sync.Mutex
	seen        map[string]approvals.Observation // by server id
	err         error
	calls       []string // the action and the server id
	times       []time.Time
	ages        []time.Duration // that each look might have had
	unsupported bool
	call        func(approvals.Action, approvals.Target, time.Time) approvals.Outcome // nil: accept, and show it
	look        func()                                                                // before each look
}

// newCloud has the instances s, s1, s2 and s3.
func newCloud() *cloud {
	c := &cloud{seen: map[string]approvals.Observation{}}
	for _, id := range []string{"s", "s1", "s2", "s3"} {
		c.add(id)
	}
	return c
}

func (c *cloud) add(id string) {
	t := target(id)
	c.seen[id] = approvals.Observation{ServerID: id, Name: t.Name, Version: t.Version, Offer: t.Offer, Idle: true}
}

func (c *cloud) Survey(_ context.Context, _ string, since time.Time) (approvals.Survey, error) {
	c.mu.Lock()
	begun, look := time.Now(), c.look
	c.mu.Unlock()
	if look != nil {
		look()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ages = append(c.ages, begun.Sub(since)); c.err != nil {
		return approvals.Survey{}, c.err
	}
	var all []approvals.Observation
	for _, o := range c.seen {
		all = append(all, o)
	}
	return approvals.NewSurvey(begun, all), nil
}

func (c *cloud) Supports(context.Context, string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.unsupported
}

func (c *cloud) Call(_ context.Context, action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
	c.mu.Lock()
	call := c.call
	c.calls, c.times = append(c.calls, string(action)+" "+target.ServerID), append(c.times, at)
	if call == nil {
		c.take(action, target, at)
	}
	c.mu.Unlock()
	if call != nil {
		return call(action, target, at)
	}
	return approvals.Outcome{Kind: approvals.Accepted}
}

// take makes the instance show what a call asked for. The caller holds c.mu.
func (c *cloud) take(action approvals.Action, target approvals.Target, at time.Time) {
	o := c.seen[target.ServerID]
	if o.UpgradeTime = at; action == approvals.Cancel {
		o.UpgradeTime = time.Time{}
	}
	c.seen[target.ServerID] = o
}

func (c *cloud) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// show changes one instance.
func (c *cloud) show(id string, f func(o *approvals.Observation)) {
	c.change(func() { o := c.seen[id]; f(&o); c.seen[id] = o })
}

func (c *cloud) count() int { return len(c.called()) }

// called is all calls, sorted.
func (c *cloud) called() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.calls))
}

// looks is how often somebody looked.
func (c *cloud) looks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ages)
}

// screen is a presenter that remembers what it showed.
type screen struct {
	mu      sync.Mutex
	posts   []post
	updates []string // timestamps
	told    []string
	found   int

	onPost   func(to Place, p Picture) error // nil: it works
	onUpdate func(ts string) error
	onTell   func() error
	onFind   func() error
	onDraw   func()
	find     bool // whether what was posted can be found
}

// post is one message that stands.
type post struct {
	ts, mark, digest string
	to               Place
}

func newScreen() *screen { return &screen{find: true} }

func (s *screen) Card(r *approvals.Request, _ time.Time) Picture {
	if s.onDraw != nil {
		s.onDraw()
	}
	return Picture{Mark: fmt.Sprint("card of ", r.ID), Digest: fmt.Sprint(r.Stages(), len(r.Decisions), r.Revision)}
}

func (s *screen) Notice(r *approvals.Request, n approvals.Notice, now time.Time) Picture {
	it := r.Items[n.Item]
	late := it.Progress.VerifiedAt.IsZero() && now.Sub(it.Call.FinishedAt) >= approvals.InvisibleAfter
	if n.Kind == approvals.NoticeDirect {
		return Picture{Mark: fmt.Sprint(r.ID, " ", n.Key()), Digest: string(r.State)}
	}
	digest := fmt.Sprint(n.Key(), " ", !it.Progress.VerifiedAt.IsZero(), late)
	if r.Batch() {
		digest += fmt.Sprint(r.Stages())
		for _, it := range r.Items {
			digest += fmt.Sprint(it.Progress.VerifiedAt)
		}
	}
	return Picture{Mark: fmt.Sprint(r.ID, " ", n.Key()), Digest: digest}
}

// Post makes the message stand unless it is refused; where the error is Unclear it stands.
func (s *screen) Post(_ context.Context, to Place, p Picture) (string, error) {
	s.mu.Lock()
	hook := s.onPost
	s.mu.Unlock()
	var err error
	if hook != nil {
		err = hook(to, p)
	}
	var why *SendError
	if errors.As(err, &why) && why.Failure != Unclear {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ts := fmt.Sprintf("%d.0", len(s.posts)+1)
	s.posts = append(s.posts, post{ts: ts, mark: p.Mark, digest: p.Digest, to: to})
	return ts, err
}

func (s *screen) Update(_ context.Context, _ Place, ts string, p Picture) error {
	s.mu.Lock()
	hook := s.onUpdate
	s.mu.Unlock()
	if hook != nil {
		if err := hook(ts); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates = append(s.updates, ts)
	for i := range s.posts {
		if s.posts[i].ts == ts {
			s.posts[i].digest = p.Digest
		}
	}
	return nil
}

func (s *screen) Tell(_ context.Context, _ *approvals.Request, n approvals.Notice, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onTell != nil {
		if err := s.onTell(); err != nil {
			return err
		}
	}
	s.told = append(s.told, n.Key())
	return nil
}

func (s *screen) Find(_ context.Context, _ Place, p Picture, _ time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onFind != nil {
		if err := s.onFind(); err != nil {
			return "", err
		}
	}
	s.found++
	for _, posted := range s.posts {
		if posted.mark == p.Mark && s.find {
			return posted.ts, nil
		}
	}
	return "", nil
}

func (s *screen) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// said counts the messages with a mark: "called", or "card".
func (s *screen) said(mark string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, posted := range s.posts {
		if strings.HasPrefix(posted.mark, mark) || strings.HasSuffix(posted.mark, " "+mark) {
			n++
		}
	}
	return n
}

// counts is how many messages were posted and updated.
func (s *screen) counts() (posts, updates int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.posts), len(s.updates)
}
