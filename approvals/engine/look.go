package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// look sees how far the cloud is with an item. The first look after a call must
// have begun after it.
func (e *Engine) look(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	it, since := r.Items[task.Item], time.Now()
	if e.loose(ctx, it.TakenBack, approvals.Ref{Request: r.ID, Item: task.Item}) {
		return e.commit(ctx, r, approvals.TakeBack{Item: task.Item, By: it.TakenBack, Undo: true})
	}
	if !it.Progress.SeenAt.Before(it.Call.FinishedAt) {
		since = since.Add(-readFor)
	}
	survey, err := e.Executor.Survey(ctx, it.Target.Project, since)
	if err != nil {
		e.log(r).WithError(err).Warn("the cloud cannot be read; trying again")
		res, err := e.commit(ctx, r, approvals.Blind{Item: task.Item})
		// As long as has passed since the call: people wait to hear that it was read back.
		res.retry = min(max(e.Store.Now().Sub(it.Call.FinishedAt), lookSoon), lookAfter)
		return res, err
	}
	return e.saw(ctx, r, task.Item, survey)
}

// loose reports whether the cancel that an upgrade was told of has come to nothing
// without saying so: it was announced, and ended before its call, or waits for
// people again.
func (e *Engine) loose(ctx context.Context, cancel int64, of approvals.Ref) bool {
	if cancel == 0 {
		return false
	}
	r, err := e.Store.Load(ctx, cancel)
	return err == nil && r.CameToNothing(of)
}

// saw applies a look. An instance that came back under another id may have been
// asked about under that id already: the item then stays with the old one.
func (e *Engine) saw(ctx context.Context, r *approvals.Request, i int, survey approvals.Survey) (result, error) {
	if err := e.Trusted(r.Items[i].Target.Project, JudgeSkew); err != nil { // the look has compared the clocks
		return result{}, err
	}
	look := approvals.Look{
		Item: i, Observation: survey.Find(r.Items[i].Target), Began: e.Store.Now().Add(-time.Since(survey.Begun)),
	}
	res, err := e.commit(ctx, r, look)
	if _, busy := errors.AsType[*store.BusyError](err); busy {
		look.Taken = true
		return e.commit(ctx, r, look)
	}
	return res, err
}

// inquire looks for the trace of a call whose outcome is unclear, or that nobody has told when its
// claim ended: whoever called died, or waited in vain. It calls again only when there clearly is none.
func (e *Engine) inquire(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	i, untold := task.Item, r.Items[task.Item].State == approvals.Executing
	unclear := approvals.Outcome{Kind: approvals.Unclear, Code: approvals.CodeNoAnswer}
	survey, err := e.Executor.Survey(ctx, r.Items[i].Target.Project, time.Now())
	switch {
	case untold && !r.TookEffect(i, survey.Find(r.Items[i].Target), e.Store.Now()): // nor does what cannot be read show it
		// It is unclear from now on, with pauses of its own.
	case err != nil:
		e.log(r).WithError(err).Warn("the cloud cannot be read; the outcome stays unknown")
		unclear.Code, unclear.Raw = approvals.CodeUnreached, err.Error()
	default:
		res, err := e.saw(ctx, r, i, survey)
		if err != nil || !res.after.MayCallAgain(i, e.Store.Now()) {
			return res, err
		}
		return e.call(ctx, res.after, task)
	}
	return e.commit(ctx, r, approvals.Finish{Item: i, Attempt: r.Items[i].Call.Attempt, Outcome: unclear})
}

// takeBack makes and approves the cancel of a scheduled item in the program's own
// name, because another of its batch has failed.
func (e *Engine) takeBack(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	i := task.Item
	none, cancel := new(approvals.Request), e.draft(Ask{
		Action: approvals.Cancel, Of: approvals.Ref{Request: r.ID, Item: i}, Items: approvals.NewItems(0, r.Items[i].Target),
		Timing: approvals.Timing{At: r.HeldAt(i), Deadline: r.HeldAt(i), Zone: r.Zone}, Channel: r.Channel,
	}, r.Requester)
	cancel.State, cancel.Auto, cancel.Unseen = approvals.Approved, true, r.Unseen
	made, err := e.write(ctx, &store.Change{
		Event: fmt.Sprintf("stop/%d/%d", r.ID, i), Before: none, After: cancel, Entry: entryOf(approvals.VerbAsk, none, cancel),
	})
	switch busy, is := errors.AsType[*store.BusyError](err); {
	case is:
		return e.overtake(ctx, r, task, busy.Holder())
	case err != nil:
		return result{}, err
	}
	return e.commit(ctx, r, approvals.TakeBack{Item: i, By: made.Request.ID, For: r.Requester.ID, Stop: true})
}

// overtake withdraws somebody's own cancel, or move, of an item that is to be taken
// back, if it waits for people still: nobody may decide it in time. One that they
// have approved goes on; if it comes to nothing, the item is taken back then.
func (e *Engine) overtake(ctx context.Context, r *approvals.Request, task approvals.Task, id int64) (result, error) {
	other, err := e.Store.Load(ctx, id)
	if err == nil && other.State != approvals.Pending {
		return result{retry: lookAfter}, nil
	}
	if err == nil {
		_, err = e.commit(ctx, other, approvals.Withdraw{})
	}
	if err != nil {
		return result{}, err
	}
	return e.takeBack(ctx, r, task)
}

// release tells the upgrade what became of its cancel: one that came to nothing
// is taken off it, after one that was read back it is looked at.
func (e *Engine) release(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	var err error
	of := r.Replaces(task.Item)
	if r.Items[task.Item].State == approvals.Failed {
		_, err = e.apply(ctx, of.Request, approvals.TakeBack{Item: of.Item, By: r.ID, Undo: true})
	} else {
		_, err = retried(func() (result, error) { // another of its batch may be looked at in the same moment
			upgrade, err := e.Store.Load(ctx, of.Request)
			if err != nil {
				return result{}, err
			}
			return e.look(ctx, upgrade, approvals.Task{Item: of.Item})
		})
	}
	if err != nil && !impossible(err) && !errors.Is(err, store.ErrNotFound) { // else it is over already, or forgotten
		return result{}, err
	}
	return e.commit(ctx, r, approvals.Release{Item: task.Item})
}

// takeOver begins the second step of a move, as soon as the upgrade that it replaces
// has let go of the instance.
func (e *Engine) takeOver(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	if r.TooLateToCall(task.Item, e.Store.Now()) {
		return e.conclude(ctx, r, task.Item, refusal(approvals.CodeTooLate))
	}
	res, err := e.commit(ctx, r, approvals.TakeOver{Item: task.Item})
	switch busy, is := errors.AsType[*store.BusyError](err); {
	case !is:
		return res, err
	case busy.Holder() == r.Of.Request:
		return result{retry: takeOverAfter}, nil
	}
	return e.conclude(ctx, r, task.Item, refusal(approvals.CodeHeld))
}
