package handlers

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// openForm asks for what a draft lacks: the form for an upgrade, or that for another
// time of a request.
func (h *Handlers) openForm(ctx context.Context, a actor, draft messages.Draft) error {
	if a.trigger == "" {
		return withoutForm(draft)
	}
	if draft.Request == 0 && draft.Verb == "upgrade" {
		return h.openUpgradeForm(ctx, a, draft)
	}
	return h.openTimeForm(ctx, a, draft)
}

// openTimeForm asks for another time of a request.
func (h *Handlers) openTimeForm(ctx context.Context, a actor, draft messages.Draft) error {
	r, err := h.drafted(ctx, draft)
	if err == nil {
		err = unmovable(r)
	}
	if err != nil {
		return err
	}
	if _, err := h.mayFill(ctx, a, draft); err != nil {
		return err
	}
	draft = h.spoken(ctx, a, draft)
	began := draft
	if kept := r.Kept(); began.At == 0 && len(kept) > 0 {
		began.At = r.Time(kept[0]).Unix() // most moves are small
	}
	form := h.voice(ctx, a.user).TimeForm(viewTime, draft, h.begins(began, targetsOf(r)))
	_, err = h.openView(ctx, a, form, messages.Button{Action: messages.ActPickTime, Value: draft.Value()})
	return err
}

// toDecide is what a form leaves people to approve what is asked for with the time that it begins with: of the earliest
// time, approvals end within minutes.
const toDecide = 4 * time.Hour

// begins is the time that a form begins with: the one that was typed or that there is, or the first at which the policy
// lets upgrades begin and that people can decide on at leisure, or the first in reach.
func (h *Handlers) begins(draft messages.Draft, targets []approvals.Target) time.Time {
	earliest := h.earliest()
	if draft.At > earliest.Unix() {
		return time.Unix(draft.At, 0)
	}
	for _, from := range []time.Time{earliest.Add(toDecide), earliest} {
		if opens := h.Engine.Authority.Policy().Opens(from, targets...); !h.outOfReach(opens) {
			return opens
		}
	}
	return earliest
}

// withoutForm says what is missing where nothing was pressed that a form could open
// from, and offers a button that opens it.
func withoutForm(draft messages.Draft) error {
	lacks := messages.MissingTime
	if draft.Instance == "" && draft.Request == 0 && draft.At != 0 {
		lacks = messages.MissingBastion
	}
	answer := messages.Tell(messages.Say(lacks, "try", example(draft.Verb)))
	answer.Buttons = []messages.Button{{Action: messages.ActPickTime, Label: messages.Say(messages.LabelOpenForm), Value: draft.Value()}}
	return answer
}

// earliest is the first time that a form offers.
func (h *Handlers) earliest() time.Time { return h.reach(h.anyNotice()).Earliest(h.Now()) }

// checkTime refuses a time out of reach, at the input.
func (h *Handlers) checkTime(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	if wrong := h.outside(s, nil, 0); !wrong.None() {
		return h.filling(s.Callback.View.PrivateMetadata).Errors(messages.InputTime, wrong)
	}
	return nil
}

// outside is what is wrong with the time in a form, for upgrades of some instances with
// a stagger between them.
func (h *Handlers) outside(s bot.Submission, targets []approvals.Target, stagger time.Duration) messages.Saying {
	at, notice := time.Unix(typed(s, messages.InputTime).SelectedDateTime, 0), h.anyNotice()
	if len(targets) > 0 {
		notice = h.notice(targets)
	}
	latest := s.Received.Add(h.MaxLead)
	switch {
	case at.Unix() == 0:
		return messages.Say(messages.FormChooseTime)
	case at.Before(s.Received.Add(notice + messages.LeadSlack)):
		return messages.Say(messages.FormTooSoon, "lead", messages.Ample(notice), "exact", messages.Exact(h.earliest().Add(notice-h.anyNotice())))
	case h.MaxLead > 0 && at.Add(stagger*time.Duration(max(0, len(targets)-1))).After(latest):
		return messages.Say(messages.FormTooFar, "exact", messages.Exact(latest))
	}
	return messages.Saying{}
}

func (h *Handlers) onTimePicked(ctx context.Context, a actor, s bot.Submission) error {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return err
	}
	draft.At = typed(s, messages.InputTime).SelectedDateTime
	return h.proceed(ctx, a, draft)
}
