package handlers

import (
	"context"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// press is somebody pressing a button.
func press(a bot.Action) ask {
	return ask{
		event: a.EnvelopeID, user: a.Callback.User.ID, channel: a.Callback.Channel.ID, at: a.Received,
		trigger: a.Callback.TriggerID, to: a.From(),
	}
}

// pressed reads which request and revision a button belongs to.
func pressed(a bot.Action, verb string) (approvals.Act, error) {
	marker, err := approvals.ParseMarker(a.Action.Value)
	if err != nil {
		return approvals.Act{}, sentence("This button names no request of mine. Nothing was changed; type `/cbh list` for the requests there are.")
	}
	return approvals.Act{
		Event: a.EnvelopeID, By: a.Callback.User.ID, Request: marker.ID, Verb: verb,
		Revision: marker.Revision, Key: marker.Key,
		Channel: a.Callback.Channel.ID, Message: a.Callback.Message.Timestamp,
	}, nil
}

// onDecision is a button that decides by itself; the card shows the result.
func (h *Handlers) onDecision(verb string) func(context.Context, bot.Action) error {
	return func(ctx context.Context, a bot.Action) error {
		act, err := pressed(a, verb)
		if err == nil {
			_, err = h.Service.Act(ctx, act)
		}
		return h.finish(ctx, press(a), err)
	}
}

// onDeny opens the form for the reason, if the person may deny at all.
func (h *Handlers) onDeny(ctx context.Context, a bot.Action) error {
	act, err := pressed(a, "deny")
	if err == nil {
		_, err = h.Service.Check(ctx, act)
	}
	if err == nil {
		err = h.openView(ctx, press(a), denyForm(a.Action.Value, a.Callback.Channel.ID, a.Callback.Message.Timestamp))
	}
	return h.finish(ctx, press(a), err)
}

func (h *Handlers) onCheckAgain(ctx context.Context, a bot.Action) error {
	act, err := pressed(a, "check again")
	if err == nil {
		_, err = h.Service.CheckAgain(ctx, act)
	}
	if err == nil {
		return h.tell(ctx, press(a), answer("I am looking at the cloud; the thread says what I find."))
	}
	return h.finish(ctx, press(a), err)
}

func (h *Handlers) onCancelButton(ctx context.Context, a bot.Action) error {
	act, err := pressed(a, "cancel")
	if err != nil {
		return h.finish(ctx, press(a), err)
	}
	r, err := h.Store.Load(ctx, act.Request)
	if err == nil && r.Key != act.Key {
		err = approvals.ErrNotFound
	}
	if err == nil {
		err = h.cancelRequest(ctx, press(a), r, "")
	}
	return h.finish(ctx, press(a), err)
}

// onContinue goes on with a command whose open question the button answers.
func (h *Handlers) onContinue(ctx context.Context, a bot.Action) error {
	draft, err := parseDraft(a.Action.Value)
	if err == nil {
		err = h.proceed(ctx, press(a), draft)
	}
	return h.finish(ctx, press(a), err)
}

// proceed carries on with a draft as far as it goes.
func (h *Handlers) proceed(ctx context.Context, a ask, draft Draft) error {
	if draft.Channel == "" {
		draft.Channel = a.channel
	}
	c := Command{Verb: draft.Verb, Instance: draft.Instance, Rest: draft.Phrase, Reason: draft.Reason}
	switch {
	case draft.Verb == "list", draft.Verb == "history":
		return h.showRequests(ctx, a, draft)
	case draft.Verb == "instances":
		return h.showInstances(ctx, a, draft)
	case draft.Verb == "reschedule" && draft.Request == 0:
		return h.reschedule(ctx, a, c)
	case draft.Verb == "upgrade" && draft.At == 0, draft.Verb == "reschedule" && draft.At == 0:
		return h.openTimeForm(ctx, a, draft)
	case draft.Verb == "upgrade":
		return h.request(ctx, a, draft, "")
	case draft.Verb == "reschedule":
		return h.move(ctx, a, draft, "")
	}
	if v, ok := verbs[draft.Verb]; ok {
		return v.run(h, ctx, a, c)
	}
	return unknownVerb(draft.Verb)
}

func (h *Handlers) onPickTime(ctx context.Context, a bot.Action) error {
	draft, err := parseDraft(a.Action.Value)
	if err == nil {
		err = h.openTimeForm(ctx, press(a), draft)
	}
	return h.finish(ctx, press(a), err)
}

// submitted is somebody sending a form.
func submitted(s bot.Submission) ask {
	return ask{event: s.EnvelopeID, user: s.Callback.User.ID, at: s.Received, to: s.From()}
}

// typed reads one input of a form.
func typed(s bot.Submission, block string) slack.BlockAction {
	if state := s.Callback.View.State; state != nil {
		for _, action := range state.Values[block] {
			return action
		}
	}
	return slack.BlockAction{}
}
