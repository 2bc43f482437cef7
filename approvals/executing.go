package approvals

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cbhbot/approvals/queue"
)

// execute brings an approved request to the cloud, or finds out what became of a
// call whose answer nobody has.
func (r *Runner) execute(ctx context.Context, id int64) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	switch request.State {
	case Approved:
		return r.call(ctx, request)
	case Executing:
		return r.inquire(ctx, request)
	case Unknown:
		return r.settle(ctx, request)
	}
	return nil
}

// inquire is for a call that began and has no answer. As long as it may still be
// under way, somebody else is waiting for it, and it is left to them; a look
// that shows its effect settles it earlier.
func (r *Runner) inquire(ctx context.Context, request Request) error {
	if o, err := r.look(ctx, request.Target); err == nil && request.tookEffect(o, r.Now()) {
		return r.apply(ctx, request.ID, Look{Observation: o})
	}
	if r.Now().Sub(request.Call.StartedAt) < CallTimeout {
		return nil // the guard that Begin set comes back to it
	}
	return r.apply(ctx, request.ID, Finish{Outcome{Kind: Unclear, Code: "no answer"}})
}

// settle looks for the trace of a call with an unclear outcome, and calls again
// only when there clearly is none.
func (r *Runner) settle(ctx context.Context, request Request) error {
	o, err := r.look(ctx, request.Target)
	if err != nil {
		r.log(request).WithError(err).Warn("the cloud cannot be read; the outcome stays unknown")
		return r.apply(ctx, request.ID, Finish{Outcome{Kind: Unclear, Code: CodeUnreached, Raw: err.Error()}})
	}
	request, err = r.commit(ctx, request, Look{Observation: o})
	if err != nil || !request.MayCallAgain(r.Now()) {
		return err
	}
	return r.call(ctx, request)
}

// call is the one way to the cloud: check the clock, the approvals, the
// deadline and the instance; claim; call; record.
func (r *Runner) call(ctx context.Context, request Request) error {
	if r.Trusted != nil {
		if err := r.Trusted(); err != nil {
			said := r.notify(ctx, request.ID, "clock")
			return queue.Later(errors.Join(fmt.Errorf("no call with a wrong clock: %w", err), said))
		}
	}
	if !r.Now().Before(request.Deadline) {
		return r.tooLate(ctx, request)
	}
	if ok, err := r.stillApproved(ctx, request); !ok || err != nil {
		return err
	}
	o, err := r.look(ctx, request.Target)
	if err != nil {
		return r.unreached(ctx, request, err)
	}
	if request.Action == Upgrade && o.UpgradeTime.Equal(request.At) {
		return r.conclude(ctx, request, Outcome{Kind: Accepted, Code: CodeReadBack})
	}
	if code := r.preflight(ctx, request, o); code != "" {
		outcome := Outcome{Kind: Refused, Code: code}
		if code == CodeBusy {
			outcome.Phase = o.Phase
		}
		return r.conclude(ctx, request, outcome)
	}
	if err := r.announce(ctx, request); err != nil {
		return err
	}
	request, err = r.commit(ctx, request, Begin{})
	if err != nil {
		return settled(err)
	}
	return r.conclude(ctx, request, r.send(ctx, request))
}

func (r *Runner) preflight(ctx context.Context, request Request, o Observation) string {
	code := Preflight(request, o, r.Now())
	if code == "" && request.Action == Upgrade && !r.Executor.Supports(ctx, request.Target.Project) {
		return CodeUnsupported
	}
	return code
}

// settled makes losing the claim no error: the winner goes on.
func settled(err error) error {
	if _, lost := err.(*EventError); lost {
		return nil
	}
	return err
}

// send makes the call with a deadline of its own, whatever becomes of the
// process's shutdown: a call that has left is waited for.
func (r *Runner) send(ctx context.Context, request Request) Outcome {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout-time.Second)
	defer cancel()
	outcome := r.Executor.Call(ctx, request)
	r.log(request).WithField("outcome", outcome.Kind).WithField("code", outcome.Code).Info("the cloud was called")
	return outcome
}

func (r *Runner) conclude(ctx context.Context, request Request, outcome Outcome) error {
	return r.apply(ctx, request.ID, Finish{Outcome: outcome})
}

func (r *Runner) tooLate(ctx context.Context, request Request) error {
	if request.State == Approved {
		return r.apply(ctx, request.ID, Deadline{})
	}
	return r.conclude(ctx, request, Outcome{Kind: Refused, Code: CodeTooLate})
}

// stillApproved checks the approvals against the policy and the people of this
// moment. A directory that does not answer puts the call off.
func (r *Runner) stillApproved(ctx context.Context, request Request) (bool, error) {
	strike, quorum, enough, err := r.Authority.Standing(ctx, request)
	if err != nil {
		return false, queue.Later(fmt.Errorf("checking the approvals again: %w", err))
	}
	if enough || request.State != Approved {
		return enough, nil
	}
	return false, r.apply(ctx, request.ID, Lapse{Strike: strike, Quorum: quorum.String()})
}

func (r *Runner) unreached(ctx context.Context, request Request, cause error) error {
	r.log(request).WithError(cause).Warn("the cloud cannot be read before the call")
	return r.conclude(ctx, request, Outcome{Kind: NotSent, Code: CodeUnreached, Raw: cause.Error()})
}

// announce tells an upgrade that its cancel is on the way, so that its vanishing
// from the cloud is not taken for somebody else's doing.
func (r *Runner) announce(ctx context.Context, request Request) error {
	if request.Action != Cancel || request.Of == 0 {
		return nil
	}
	return r.apply(ctx, request.Of, TakeBack{By: request.ID})
}

// release is announce's undoing after a refused cancel.
func (r *Runner) release(ctx context.Context, upgrade int64, cancel string) error {
	request, err := r.Store.Load(ctx, upgrade)
	if err != nil || strconv.FormatInt(request.TakenBack, 10) != cancel {
		return err
	}
	return r.apply(ctx, upgrade, TakeBack{})
}

// look reads one instance.
func (r *Runner) look(ctx context.Context, target Target) (Observation, error) {
	seen, err := r.Executor.Survey(ctx, target.Project)
	if err != nil {
		return Observation{}, err
	}
	return Find(seen, target), nil
}
