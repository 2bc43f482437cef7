package bot

import (
	"context"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// This file holds how people are looked up: each by users.info, of which Slack takes 100
// a minute, and a crowd by users.list, of which it takes 20
// (https://docs.slack.dev/apis/web-api/rate-limits).

const (
	crowdFrom   = 20   // people who were looked up within peopleFor; whoever comes next is one of a crowd
	mostListed  = 1000 // people on a page of users.list: as many as it gives
	mostPages   = 2    // of a crowd's workspace; further ones would take longer than somebody waits
	listedAgain = time.Hour
)

// people knows who people are, as they were at most 10 seconds ago.
type people struct {
	each *cache[*slack.User]
	all  *cache[struct{}] // that everybody was listed

	mu    sync.Mutex
	came  []time.Time // when the latest were looked up, at most crowdFrom
	until time.Time   // until then nobody is listed
}

func newPeople() *people {
	return &people{each: newCache[*slack.User](peopleFor), all: newCache[struct{}](peopleFor)}
}

// crowd counts somebody who is looked up, and reports whether there are many of them.
func (p *people) crowd() bool {
	now := p.each.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.came) < crowdFrom {
		p.came = append(p.came, now)
		return false
	}
	first := p.came[0]
	p.came = append(p.came[1:], now)
	return now.Sub(first) < peopleFor && now.After(p.until)
}

// notListed lets nobody be listed for a while.
func (p *people) notListed(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = p.each.now().Add(d)
}

// User is who somebody is, at most 10 seconds old. Failures are not kept. Whoever Slack
// does not know, or answers about another's id, has the ErrorCode user_not_found.
func (s *Sender) User(ctx context.Context, id string) (*slack.User, error) {
	return s.people.each.get(ctx, id, func(ctx context.Context) (*slack.User, error) {
		if s.people.crowd() {
			if user, ok := s.listed(ctx, id); ok {
				return user, nil
			}
		}
		return s.userInfo(ctx, id)
	})
}

// listed is one of a crowd. A list that takes long is left to the others: there has to be
// time to ask for this one alone.
func (s *Sender) listed(ctx context.Context, id string) (*slack.User, bool) {
	ctx, cancel := context.WithTimeout(ctx, askFor/2)
	defer cancel()
	if _, err := s.people.all.get(ctx, "", s.listPeople); err != nil {
		return nil, false
	}
	return s.people.each.recent(id)
}

func (s *Sender) userInfo(ctx context.Context, id string) (*slack.User, error) {
	return reading(ctx, s, "users.info", func(ctx context.Context) (*slack.User, error) {
		found, err := s.api.GetUserInfoContext(ctx, id)
		if err == nil && found.ID != id {
			return nil, slack.SlackErrorResponse{Err: "user_not_found"}
		}
		return found, err
	})
}

// listPeople gets to know everybody at once. Whoever is not on the first pages is looked
// up alone.
func (s *Sender) listPeople(ctx context.Context) (struct{}, error) {
	pages := s.api.GetUsersPaginated(slack.GetUsersOptionLimit(mostListed), slack.GetUsersOptionIncludeLocale(true))
	for range mostPages {
		asked, drops := s.people.each.now(), s.people.each.dropped()
		err := s.once(ctx, "users.list", "", func(ctx context.Context) (err error) {
			pages, err = pages.Next(ctx)
			return err
		})
		if err != nil {
			rest := peopleFor
			if Permanent(err) {
				rest = listedAgain
			}
			s.people.notListed(rest)
			return struct{}{}, err
		}
		for _, user := range pages.Users {
			s.people.each.keep(user.ID, cached[*slack.User]{&user, asked}, drops)
		}
		if pages.Cursor == "" {
			return struct{}{}, nil
		}
	}
	s.people.notListed(listedAgain)
	return struct{}{}, nil
}

// GroupMembers lists a user group, at most 10 seconds old.
func (s *Sender) GroupMembers(ctx context.Context, group string) ([]string, error) {
	return s.groups.get(ctx, group, func(ctx context.Context) ([]string, error) {
		return reading(ctx, s, "usergroups.users.list", func(ctx context.Context) ([]string, error) {
			members, err := s.api.GetUserGroupMembersContext(ctx, group)
			if err == nil && members == nil {
				return nil, errNoVerdict
			}
			return members, err
		})
	})
}
