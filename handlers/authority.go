package handlers

import (
	"cmp"
	"context"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/handlers/messages"
)

// This file holds what is checked before anything is shown to somebody or asked of
// them in a form. The engine checks each act again when it is done.

// acts is what a command begins. Those that are left out are for everybody.
var acts = map[string]approvals.Verb{
	"upgrade": approvals.VerbAsk, "cancel": approvals.VerbAsk, "rollback": approvals.VerbAsk,
	"reschedule": approvals.VerbReschedule, "withdraw": approvals.VerbWithdraw, "break-glass": approvals.VerbBreakGlass,
	"status": approvals.VerbRead, "list": approvals.VerbRead, "history": approvals.VerbRead,
	"instances": approvals.VerbRead, "policy": approvals.VerbRead,
}

// admit lets members of this workspace begin a command, and read where nobody of
// another company is: an answer may name bastions, versions and times.
func (h *Handlers) admit(ctx context.Context, a ask, command string) error {
	act, known := acts[command]
	if !known {
		return nil
	}
	if err := h.Engine.Admit(ctx, engine.Act{Event: a.event, By: a.user, Verb: act, Channel: a.channel}); err != nil {
		return err
	}
	if act != approvals.VerbRead {
		return nil
	}
	shared, err := h.inCompany(ctx, a)
	if err == nil && shared {
		err = messages.Refuse(messages.SharedChannel)
	}
	return err
}

// inCompany reports whether somebody acts where people of another company are.
func (h *Handlers) inCompany(ctx context.Context, a ask) (bool, error) {
	if a.shared || a.channel == "" || isDirect(a.channel) {
		return a.shared, nil
	}
	return h.Sender.Shared(ctx, a.channel)
}

// mayFill checks that somebody may do what a form is to ask them about.
func (h *Handlers) mayFill(ctx context.Context, a ask, draft messages.Draft) error {
	switch {
	case draft.Request != 0 && draft.Override:
		at := time.Unix(draft.At, 0).UTC()
		_, err := h.Engine.Check(ctx, engine.Act{
			Event: a.event, By: a.user, Verb: approvals.VerbReschedule, Request: draft.Request, Reason: cmp.Or(draft.Reason, "yet to be given"), Override: true,
			At: at, Deadline: at.Add(-h.anyNotice() - messages.LeadSlack), Lead: h.anyNotice(), Channel: a.channel,
		})
		return err
	case draft.Request != 0:
		return h.Engine.Admit(ctx, engine.Act{Event: a.event, By: a.user, Verb: approvals.VerbReschedule, Request: draft.Request, Channel: a.channel})
	case draft.Instance == "":
		return nil // whoever is admitted may look for one
	}
	wanted := engine.Ask{Event: a.event, By: a.user, Action: approvals.Upgrade, Reason: draft.Reason, Override: draft.Override,
		Stagger: time.Duration(draft.Stagger) * time.Second, At: time.Unix(draft.At, 0)}
	names := strings.Split(draft.Instance, listed)
	for _, name := range names {
		found, err := h.find(ctx, name, draft)
		if err != nil && len(names) > 1 {
			return inBatch(err)
		}
		if err != nil {
			return err
		}
		wanted.Targets = append(wanted.Targets, found.Target())
	}
	wanted.Channel = h.Cloud.Channel(wanted.Targets[0].Project, cmp.Or(draft.Channel, a.channel))
	wanted.Private = isDirect(wanted.Channel)
	return h.Engine.MayAsk(ctx, wanted)
}

// isDirect reports whether a channel is somebody's conversation with the bot.
func isDirect(channel string) bool { return strings.HasPrefix(channel, "D") }
