package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the form for an upgrade. Whatever Slack waits for is answered from
// memory; what the cloud has to say comes when the form is open.

// listPatience is how long the cloud is waited for while a form is open.
const listPatience = time.Second

// openUpgradeForm opens the form at once, and then sees to the list it chooses from.
func (h *Handlers) openUpgradeForm(ctx context.Context, a actor, draft messages.Draft) error {
	chosen, err := h.mayFill(ctx, a, draft)
	if err != nil {
		return err
	}
	again := messages.Button{Action: messages.ActPickTime, Value: draft.Value()}
	draft = h.spoken(ctx, a, draft)
	draft.Channel = cmp.Or(draft.Channel, a.channel)
	form := messages.UpgradeForm{Draft: draft, At: h.begins(draft, targetsAmong(chosen)), Chosen: chosen}
	form.Where = !h.placed(chosen) && h.isDirect(ctx, a, draft.Channel)
	voice := h.voice(ctx, a.user)
	view, err := h.openView(ctx, a, voice.UpgradeForm(viewUpgrade, form), again)
	if err != nil || len(chosen) > 0 {
		return err
	}
	h.refresh(ctx, voice, view, form)
	return nil
}

// placed reports whether every card has a channel, wherever an upgrade is asked for: of
// any instance, where none is chosen.
func (h *Handlers) placed(chosen []cloud.Instance) bool {
	rules, projects := h.Engine.Authority.Policy(), h.Cloud.Projects()
	if len(chosen) > 0 {
		projects = []string{chosen[0].Project}
	}
	return !slices.ContainsFunc(projects, func(project string) bool { return !rules.Placed(project) })
}

// refresh reads the list anew for whoever is about to choose from it, and says in the
// form where there is little to choose from.
func (h *Handlers) refresh(ctx context.Context, voice messages.Voice, open bot.View, form messages.UpgradeForm) {
	patience, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	all, unread := h.Cloud.Instances(patience)
	switch {
	case unread != nil:
		form.Hint = messages.Say(messages.FormCloudAway, "try", example("upgrade"))
	case !slices.ContainsFunc(all, h.upgradable):
		form.Hint = messages.Say(messages.NothingOffered)
	default:
		return
	}
	if _, err := h.Sender.UpdateView(ctx, open.ID, open.Hash, voice.UpgradeForm(viewUpgrade, form)); err != nil {
		h.Log.WithError(err).Info("a form could not be changed: it may have been closed")
	}
}

func (h *Handlers) upgradable(i cloud.Instance) bool { return messages.Upgradable(i, h.Now()) }

// suggest offers the bastions that can be upgraded, by the lists in memory.
func (h *Handlers) suggest(ctx context.Context, q bot.Query) []*slack.OptionBlockObject {
	var offered []cloud.Instance
	for _, i := range h.Cloud.Kept(ctx, clean(q.Value)) {
		if h.upgradable(i) {
			offered = append(offered, i)
		}
	}
	return h.filling(q.Callback.View.PrivateMetadata).Options(offered)
}

// checkUpgrade says at the inputs what memory alone can tell to be wrong.
func (h *Handlers) checkUpgrade(ctx context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	voice := h.filling(s.Callback.View.PrivateMetadata)
	draft, err := filled(s)
	if err != nil {
		return nil // whoever sent it is told so
	}
	if draft.Instance == "" {
		return voice.Errors(messages.InputInstance, messages.Say(messages.FormChooseBastion))
	}
	if !fits(draft) {
		return voice.Errors(messages.InputReason, messages.Say(messages.FormTooMuch))
	}
	targets, stagger := h.remembered(ctx, draft), staggerOf(draft)
	if wrong := h.outside(s, targets, stagger); !wrong.None() {
		return voice.Errors(messages.InputTime, wrong)
	}
	at := time.Unix(draft.At, 0)
	if closed := h.Engine.Authority.Policy().ClosedToAll(at, stagger, targets); closed != nil {
		return voice.Errors(messages.InputTime, closedThen(closed, at))
	}
	return nil
}

// closedThen says that a time is closed, and the next that is not.
func closedThen(closed *policy.ClosedError, at time.Time) messages.Saying {
	why := messages.Closed(closed)
	for _, near := range closed.Near {
		if near.After(at) {
			return messages.Say(messages.FormClosed, "why", why, "exact", messages.Exact(near))
		}
	}
	return why
}

// remembered are the instances of a draft as the lists in memory show them; none where
// one is not in them.
func (h *Handlers) remembered(ctx context.Context, draft messages.Draft) []approvals.Target {
	var targets []approvals.Target
	for name := range strings.SplitSeq(draft.Instance, listed) {
		found, known := h.Cloud.Recall(ctx, name)
		if !known {
			return nil
		}
		targets = append(targets, found.Target())
	}
	return targets
}

func targetsAmong(instances []cloud.Instance) []approvals.Target {
	var targets []approvals.Target
	for _, i := range instances {
		targets = append(targets, i.Target())
	}
	return targets
}

// filled is the draft that a sent form makes.
func filled(s bot.Submission) (messages.Draft, error) {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return draft, err
	}
	var names []string
	for _, chosen := range typed(s, messages.InputInstance).SelectedOptions {
		names = append(names, clean(chosen.Value))
	}
	draft.Instance, draft.At = strings.Join(names, listed), typed(s, messages.InputTime).SelectedDateTime
	draft.Reason = messages.ReasonOf(typed(s, messages.InputReason).Value)
	draft.Channel = cmp.Or(typed(s, messages.InputChannel).SelectedConversation, draft.Channel)
	return draft, nil
}

// onUpgradeFilled goes on as with a command that was typed.
func (h *Handlers) onUpgradeFilled(ctx context.Context, a actor, s bot.Submission) error {
	draft, err := filled(s)
	if err != nil {
		return err
	}
	if !sound(draft) {
		return messages.Refuse(messages.BadDraft)
	}
	return h.proceed(ctx, a, draft)
}
