package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

const (
	// readFor is how old a read of the instance may be that a call relies on: when it
	// is asked for a shared one, and again between its coming and the claim. How long
	// the cloud takes for it is not counted, or a slow one could never be called.
	readFor = 2 * time.Second
	// callMargin is how long before its claim's end a call is given up. A commit
	// whose moment differs from Redis' clock by almost as much is refused there.
	callMargin = 5 * time.Second
	// answerFor is how long it is tried to write down what was sent and, once the program
	// ends, an answer.
	answerFor = 10 * time.Second
)

// errOutdated: what a call stands on is out of date before the claim. It is a conflict
// as with a record that has changed: all is read again, at once.
var errOutdated = fmt.Errorf("the read of the instance is not of this moment: %w", store.ErrConflict)

// call is the one way to the cloud: check the notice, read the instance, check the
// approvals, the clock and what was read; claim; call; record. All that is concluded
// before the claim counts against the record that was read. The approvals are weighed
// after the read, which can take long: policy and people are those of the moment of the claim.
func (e *Engine) call(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	i := task.Item
	project := r.Items[i].Target.Project
	if e.Trusted(project, JudgeSkew) == nil && r.TooLateToCall(i, e.Store.Now()) {
		return e.conclude(ctx, r, i, refusal(approvals.CodeTooLate))
	}
	survey, unread := e.readBefore(ctx, r, i)
	read := time.Now()
	lapse, enough, err := e.Authority.Snapshot().Standing(ctx, r)
	switch {
	case errors.Is(err, policy.ErrNoGroup): // which somebody has to put right
		return e.hold(ctx, r, approvals.Hold{Item: i, Group: true}, err)
	case err != nil:
		return result{}, err
	}
	if !enough {
		return e.lapse(ctx, r, i, lapse)
	}
	switch wrong := e.Trusted(project, CallSkew); {
	case wrong != nil:
		return e.hold(ctx, r, approvals.Hold{Item: i}, wrong)
	case e.memory.knowsMore(r, i, e.Store.Now()):
		return e.recall(ctx, r, i, survey)
	}
	if outcome := e.obstacle(ctx, r, i, survey, unread); unread != nil || outcome.Kind != "" {
		return e.conclude(ctx, r, i, outcome)
	}
	if err := e.Store.Reaches(ctx); err != nil { // a claim that stands on the primary alone is no right to call
		return result{}, err
	}
	if err := e.announce(ctx, r, i); err != nil {
		return result{}, err
	}
	return e.attempt(ctx, r, i, survey, read)
}

// readBefore reads the instance that item i is to be called for. What a cancel takes back
// may have been accepted a moment ago: its read is not a shared one from before. That an
// instance is gone, which ends what people approved, two reads have to show.
func (e *Engine) readBefore(ctx context.Context, r *approvals.Request, i int) (approvals.Survey, error) {
	target, since := r.Items[i].Target, time.Now()
	if action, _ := r.Doing(i); action != approvals.Cancel {
		since = since.Add(-readFor)
	}
	survey, err := e.Executor.Survey(ctx, target.Project, since)
	if err == nil && survey.Find(target).Missing {
		return e.Executor.Survey(ctx, target.Project, time.Now())
	}
	return survey, err
}

// recall looks for what came of a call that Redis has forgotten. Until that shows, or
// certainly does not, there is no other call.
func (e *Engine) recall(ctx context.Context, r *approvals.Request, i int, survey approvals.Survey) (result, error) {
	if !r.TookEffect(i, survey.Find(r.Items[i].Target), e.Store.Now()) {
		return result{}, errForgotten
	}
	return e.conclude(ctx, r, i, readBack)
}

// conclude settles item i without a call.
func (e *Engine) conclude(ctx context.Context, r *approvals.Request, i int, outcome approvals.Outcome) (result, error) {
	return e.commit(ctx, r, approvals.Conclude{Item: i, Outcome: outcome})
}

// readBack is what a look shows that the cloud has taken.
var readBack = approvals.Outcome{Kind: approvals.Accepted, Code: approvals.CodeReadBack}

// refusal is for what is not called, for a reason the program has found.
func refusal(code approvals.Code) approvals.Outcome {
	return approvals.Outcome{Kind: approvals.Refused, Code: code}
}

// hold tells people that there is no call for a while, and why. Clocks are judged after
// the look and the look-ups, whose answers compare them: else what was wrong once would
// stay so for want of another answer.
func (e *Engine) hold(ctx context.Context, r *approvals.Request, why approvals.Hold, wrong error) (result, error) {
	e.log(r).WithError(wrong).Error("no call for the moment")
	res, err := e.commit(ctx, r, why)
	res.retry = holdFor
	return res, err
}

// obstacle is why item i is not called at this moment, judging by a read of the
// instance; zero when nothing speaks against it.
func (e *Engine) obstacle(ctx context.Context, r *approvals.Request, i int, survey approvals.Survey, unread error) (none approvals.Outcome) {
	if unread != nil {
		e.log(r).WithError(unread).Warn("the cloud cannot be read before the call")
		if read, is := errors.AsType[*approvals.ReadError](unread); is {
			return read.Outcome
		}
		return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeUnreached, Raw: unread.Error()}
	}
	now, target := e.Store.Now(), r.Items[i].Target
	action, at := r.Doing(i)
	o := survey.Find(target)
	if action == approvals.Upgrade && o.Holds(at) {
		return readBack
	}
	code := approvals.Preflight(action, target, at, o, now)
	switch {
	case code != "":
	case r.Moves() && target.Outdated(o): // the second step would be refused: the first would leave nothing scheduled
		code = approvals.CodeDiffers
	case action == approvals.Upgrade && !e.Executor.Supports(ctx, target.Project):
		code = approvals.CodeUnsupported
	default:
		return none
	}
	outcome := refusal(code)
	if code == approvals.CodeBusy {
		outcome.Phase = o.Phase
	}
	return outcome
}

// lapse is for approvals that do not stand by the policy and the people of this
// moment.
func (e *Engine) lapse(ctx context.Context, r *approvals.Request, i int, lapse approvals.Lapse) (result, error) {
	res, err := e.commit(ctx, r, lapse)
	if impossible(err) { // something was called: what the approvals were for is past taking back
		return e.conclude(ctx, r, i, refusal(approvals.CodeLapsed))
	}
	return res, err
}

// announce tells an upgrade that its cancel is on the way, so that its vanishing
// from the cloud is not taken for somebody else's doing.
func (e *Engine) announce(ctx context.Context, r *approvals.Request, i int) error {
	of := r.Replaces(i)
	if action, _ := r.Doing(i); action != approvals.Cancel || of == (approvals.Ref{}) {
		return nil
	}
	_, err := e.apply(ctx, of.Request, approvals.TakeBack{Item: of.Item, By: r.ID, For: r.Requester.ID, Move: r.Moves()})
	if errors.Is(err, store.ErrNotFound) { // Redis has lost it: nobody follows it who could take its end for a stranger's doing
		return nil
	}
	return err
}

// attempt claims the call of an item, makes it and writes its answer down. It does
// not outlive the claim: its time is counted from before the claim.
func (e *Engine) attempt(ctx context.Context, r *approvals.Request, i int, survey approvals.Survey, read time.Time) (result, error) {
	claim := approvals.Claim{Item: i, Worker: rand.Text()[:10]}
	if o := survey.Find(r.Items[i].Target); o.HAID != "" {
		claim.Primary = o.ServerID
	}
	if time.Since(read) > readFor {
		return result{}, errOutdated
	}
	end := time.Now().Add(approvals.CallTimeout - callMargin)
	claimed, err := e.commit(ctx, r, claim)
	if err != nil {
		e.unclaim(ctx, r, claim, err)
		return claimed, err
	}
	called := claimed.after
	attempt := called.Items[i].Call.Attempt
	if attempt == 1 {
		observe(e.Metrics.calls, completedAt(called), e.Store.Now())
	}
	e.memory.note(called, i)
	begun := time.Now()
	outcome := e.send(ctx, called, i, end)
	e.log(called).WithFields(logrus.Fields{
		"item": i, "attempt": attempt, "outcome": string(outcome.Kind), "code": string(outcome.Code), "cloud_request": outcome.RequestID,
		"duration": time.Since(begun).Seconds(),
	}).Info("the cloud was called")
	return e.answer(ctx, called, approvals.Finish{Item: i, Attempt: attempt, Outcome: outcome})
}

// unclaim gives back a claim that may stand although its commit brought an error: an
// answer that was lost, or the second of a command that was sent again. Nobody else can
// know that nothing was called.
func (e *Engine) unclaim(ctx context.Context, r *approvals.Request, claim approvals.Claim, why error) {
	ctx, cancel := context.WithTimeout(ctx, approvals.CallTimeout)
	defer cancel()
	for failed := !impossible(why); failed; {
		_, err := e.apply(ctx, r.ID, approvals.Unclaim{Item: claim.Item, Worker: claim.Worker})
		failed = err != nil && pause(ctx, answerPause)
	}
}

// send makes the call. A shutdown waits for one that has left as long as for all
// else; what is cut off then is unclear. A process that was stopped past the end
// sends nothing.
func (e *Engine) send(ctx context.Context, r *approvals.Request, i int, end time.Time) approvals.Outcome {
	if !time.Now().Before(end) {
		return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeNoAnswer}
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	action, at := r.Doing(i)
	outcome := e.Executor.Call(ctx, action, r.Items[i].Target, at)
	if action == approvals.Upgrade && outcome.Code == approvals.CodeConflict {
		return e.hindered(ctx, r, i, outcome)
	}
	return outcome
}

// hindered is the outcome of a call that the cloud says something stands in the way of. That
// may be its own effect: a gateway that got no answer may have passed it on twice.
func (e *Engine) hindered(ctx context.Context, r *approvals.Request, i int, outcome approvals.Outcome) approvals.Outcome {
	target := r.Items[i].Target
	survey, err := e.Executor.Survey(ctx, target.Project, time.Now())
	switch {
	case err != nil:
		outcome.Kind = approvals.Unclear
	case r.TookEffect(i, survey.Find(target), e.Store.Now()):
		return readBack
	}
	return outcome
}

// answer writes an attempt's answer down, against whatever the record is by then:
// the attempt's number tells whether it still counts. However long Redis is away, nobody else
// knows the answer: who does not find its trace calls again.
func (e *Engine) answer(ctx context.Context, called *approvals.Request, finish approvals.Finish) (result, error) {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(answerFor, cancel) })()
	res, err := e.commit(writing, called, finish)
	for errors.Is(err, store.ErrConflict) || err != nil && !errors.Is(err, store.ErrNotFound) && pause(writing, answerPause) {
		res, err = e.apply(writing, called.ID, finish)
	}
	return res, err
}

const answerPause = 200 * time.Millisecond

// pause waits, and reports whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
