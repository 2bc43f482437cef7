package policy

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"cbhbot/approvals"
)

// Quorum is what the policy asks for a request at this moment.
func (s Snapshot) Quorum(ctx context.Context, r *approvals.Request) (approvals.Quorum, error) {
	return s.Demands(ctx, s.ruleOrNone(r), s.asker(r))
}

// Needs is the same, whoever the people are that it names.
func (s Snapshot) Needs(r *approvals.Request) approvals.Quorum {
	return s.needs(s.ruleOrNone(r), s.asker(r))
}

// needs are those of a rule. The asker's own place is left out unless the rule lets it
// count.
func (s Snapshot) needs(rule *Rule, asker string) approvals.Quorum {
	needs := slices.Clone(rule.Quorum)
	for i := range needs {
		if !rule.SelfApprove {
			needs[i].From = s.without(needs[i].From, asker)
		}
	}
	return needs
}

// Demands is what a rule demands of the people of this moment. asker is the human who asks,
// who may be in a group, too; "" is whoever asks.
func (s Snapshot) Demands(ctx context.Context, rule *Rule, asker string) (approvals.Quorum, error) {
	quorum := s.needs(rule, asker)
	for i := range quorum {
		of, err := s.resolve(ctx, quorum[i].From)
		if err != nil {
			return nil, err
		}
		quorum[i].Of = slices.DeleteFunc(of, func(id string) bool { return id == asker && !rule.SelfApprove })
	}
	return quorum, nil
}

// resolve lists the humans of a set.
func (s Snapshot) resolve(ctx context.Context, set approvals.Set) ([]string, error) {
	members, err := atOnce(ctx, set.Groups, s.Directory.Members)
	if err != nil {
		return nil, &Refusal{Ground: Unreachable, Err: err}
	}
	return Humans(s.Policy.Same, append(slices.Concat(members...), set.Users...)), nil
}

// people looks up some people, in their order. Who may not act is the zero
// Person; the error is always Unreachable.
func (s Snapshot) people(ctx context.Context, ids []string) ([]approvals.Person, error) {
	return atOnce(ctx, ids, func(ctx context.Context, id string) (approvals.Person, error) {
		p, err := s.Person(ctx, id)
		if err != nil && !unreachable(err) {
			return approvals.Person{}, nil
		}
		return p, err
	})
}

// lookUps is how many questions to the directory are open at a time.
const lookUps = 8

// atOnce asks for each of some ids, several at a time, until one fails.
func atOnce[T any](ctx context.Context, ids []string, ask func(ctx context.Context, id string) (T, error)) ([]T, error) {
	answers := make([]T, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookUps)
	for i, id := range ids {
		group.Go(func() (err error) {
			answers[i], err = ask(ctx, id)
			return err
		})
	}
	return answers, group.Wait()
}
