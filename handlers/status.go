package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// This file holds the commands that only tell.

// status says where one request, one instance, or everything open stands.
func (h *Handlers) status(ctx context.Context, a actor, c messages.Draft) error {
	if c.Instance == "" {
		return h.showOpen(ctx, a, messages.Draft{Verb: "status"})
	}
	if id, ok := approvals.ParseName(c.Instance); ok {
		if err := namesOne(c, ""); err != nil {
			return err
		}
		r, err := h.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		return h.tell(ctx, a, &messages.Answer{Lines: messages.StatusInFull(r, h.link(ctx, r))})
	}
	instance, err := h.find(ctx, behind(c), messages.Draft{Verb: "status"})
	if err != nil {
		return err
	}
	answer := messages.Tell(messages.Bastion(instance, h.Now()))
	history, _, err := h.Store.List(ctx, store.IndexInstance(instance.Target()), 0, 3)
	if err != nil {
		return err
	}
	for _, r := range history {
		answer.Lines = append(answer.Lines, messages.Status(r, h.link(ctx, r))...)
	}
	return h.tell(ctx, a, answer)
}

// policy says who may approve what: of one bastion, or where no rule is for some only.
func (h *Handlers) policy(ctx context.Context, a actor, c messages.Draft) error {
	inForce, target := h.Engine.Authority.Policy(), approvals.Target{}
	answer := messages.Tell(messages.Say(messages.PolicyHead))
	apart := inForce.Apart()
	if c.Instance != "" {
		instance, err := h.find(ctx, behind(c), messages.Draft{Verb: "policy"})
		if err != nil {
			return err
		}
		target, apart = instance.Target(), nil
	}
	for _, action := range approvals.Actions {
		answer.Lines = append(answer.Lines, messages.PolicyOf(action, inForce.Rule(action, target))...)
	}
	if len(apart) > 0 {
		answer.Text = []messages.Saying{messages.Say(messages.PolicyHeadElse)}
		answer.Lines = append(answer.Lines, messages.PolicyApartFor(apart))
	}
	return h.tell(ctx, a, answer)
}

// help says what can be typed: what people need first, one command, or all of it.
func (h *Handlers) help(ctx context.Context, a actor, c messages.Draft) error {
	switch verb := messages.Understood(c.Instance); {
	case verb == "", verb == "me":
		return h.tell(ctx, a, messages.Help())
	case verb == "all":
		answer := messages.HelpAll()
		answer.Lines = append(answer.Lines, messages.Say(messages.HelpTimes), h.noticeWords())
		return h.tell(ctx, a, answer)
	case verb == "approve", verb == "deny":
		return h.useButtons(ctx, a, messages.Draft{})
	case !slices.Contains(messages.Commands, verb):
		return unknownVerb(c.Instance, c.Phrase)
	default:
		return h.tell(ctx, a, messages.Tell(messages.HelpWith(verb)))
	}
}

// onMessage answers the same words in a direct message, or behind a mention.
func (h *Handlers) onMessage(ctx context.Context, e bot.Event) error {
	if e.BotID != "" || e.User == "" || (e.Type == "message" && !strings.HasPrefix(e.Channel, "D")) {
		return nil
	}
	a := actor{event: e.ID, user: e.User, channel: e.Channel, at: e.Received, to: e.From(), shared: e.Shared, typed: true}
	return h.serve(ctx, a, func(a actor) error { return h.command(ctx, a, withoutMention(e.Text, e.Type == "app_mention")) })
}

// mention is somebody's name in what is written, or several, and what people put behind it.
var mention = regexp.MustCompile(`(?:<@[^>]*>[ :,：，]*)+`)

// withoutMention drops the bot's own name: that at the beginning, or the only one in what
// mentions the bot.
func withoutMention(text string, mentioned bool) string {
	text = strings.TrimSpace(text)
	named := mention.FindAllStringIndex(text, 2)
	if len(named) > 0 && (named[0][0] == 0 || len(named) == 1 && mentioned) {
		text = strings.TrimSpace(text[:named[0][0]] + text[named[0][1]:])
	}
	return text
}
