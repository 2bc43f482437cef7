package handlers

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// This file holds the commands that only tell.

// status says where one request, one instance, or everything open stands.
func (h *Handlers) status(ctx context.Context, a ask, c Command) error {
	if c.Instance == "" {
		return h.overview(ctx, a)
	}
	if id, ok := approvals.ParseName(c.Instance); ok {
		r, _, err := h.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		return h.tell(ctx, a, answer(h.line(r, h.link(ctx, r))))
	}
	instance, err := h.find(ctx, strings.TrimSpace(c.Instance+" "+c.Rest), Draft{Verb: "status"})
	if err != nil {
		return err
	}
	text := instanceLine(instance, h.Now())
	history, _, err := h.Store.List(ctx, store.IndexInstance(instance.Target()), 0, 3)
	if err != nil {
		return err
	}
	for _, r := range history {
		text = text.Then("\n%s", h.line(r, h.link(ctx, r)))
	}
	return h.tell(ctx, a, answer(text))
}

func (h *Handlers) overview(ctx context.Context, a ask) error {
	open, err := h.Store.Open(ctx)
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return h.tell(ctx, a, answer(say("Nothing is open. `/cbh upgrade bastion-prod sunday 2am` asks for an upgrade; `/cbh list all` shows what was.")))
	}
	return h.tell(ctx, a, lines(say("%d open:", len(open)), h.requestLines(open)))
}

// lines is an answer of many lines. What Slack has no room for is counted.
func lines(head mrkdwn.Text, texts []mrkdwn.Text) bot.Message {
	text := head
	for n, line := range texts {
		if text.Len()+line.Len() > longestAnswer {
			text = text.Then("\n%d more do not fit here.", len(texts)-n)
			break
		}
		text = text.Then("\n%s", line)
	}
	m := answer(text)
	m.Text = head
	return m
}

// policy says who may approve what.
func (h *Handlers) policy(ctx context.Context, a ask, c Command) error {
	target := approvals.Target{}
	if c.Instance != "" {
		instance, err := h.find(ctx, c.Instance, Draft{Verb: "policy"})
		if err != nil {
			return err
		}
		target = instance.Target()
	}
	var texts []mrkdwn.Text
	for _, action := range approvals.Actions {
		texts = append(texts, h.policyLine(action, target))
	}
	return h.tell(ctx, a, lines(say("Who has to approve:"), texts))
}

func (h *Handlers) policyLine(action approvals.Action, target approvals.Target) mrkdwn.Text {
	rule := h.Engine.Authority.Policy().Rule(action, target)
	if rule == nil {
		return say("• %s: nobody can approve it; no rule is for it", action)
	}
	if len(rule.Quorum) == 0 {
		return say("• %s: nobody can approve it; the rule names no approvers", action)
	}
	text := say("• %s: %s", action, needs(rule.Quorum))
	if !rule.SelfApprove {
		text = text.Then("; not the requester")
	}
	return text.Then("%s%s", calendarWords(rule), trusted(rule))
}

// calendarWords says when upgrades may run.
func calendarWords(rule *policy.Rule) mrkdwn.Text {
	var text mrkdwn.Text
	for _, w := range rule.Calendar.Windows {
		text = text.Then("; allowed %s", w)
	}
	for _, f := range rule.Calendar.Freezes {
		text = text.Then("; frozen %s", f)
	}
	return text
}

// trusted names those who may skip a part of the rule.
func trusted(rule *policy.Rule) mrkdwn.Text {
	var text mrkdwn.Text
	if !rule.Override.Empty() {
		text = text.Then("; outside the allowed times: %s", mentions(rule.Override))
	}
	if !rule.BreakGlass.Empty() {
		text = text.Then("; break-glass: %s", mentions(rule.BreakGlass))
	}
	return text
}

// help says what can be typed.
func (h *Handlers) help(ctx context.Context, a ask, c Command) error {
	if v, ok := verbs[strings.ToLower(c.Instance)]; ok {
		return h.tell(ctx, a, answer(say("`/cbh %s` %s. For example: `/cbh %s`.", v.form, v.help, v.try)))
	}
	var texts []mrkdwn.Text
	for _, name := range verbNames {
		texts = append(texts, say("• `/cbh %s` %s", verbs[name].form, verbs[name].help))
	}
	texts = append(texts, say("Times are read in your own zone, as in `sunday 2am`, `1 december 02:00`, `周日凌晨2点` or `2026-12-01 02:00 UTC`. %s", h.noticeWords()))
	return h.tell(ctx, a, lines(say("I schedule upgrades of bastions once people have approved them."), texts))
}

// onMessage answers the same words in a direct message, or behind a mention.
func (h *Handlers) onMessage(ctx context.Context, e bot.Event) error {
	if e.BotID != "" || e.User == "" || (e.Type == "message" && !strings.HasPrefix(e.Channel, "D")) {
		return nil
	}
	a := ask{event: e.ID, user: e.User, channel: e.Channel, at: e.Received, to: e.From(), shared: e.Shared}
	return h.serve(ctx, a, func() error { return h.command(ctx, a, withoutMention(e.Text)) })
}

// withoutMention drops the bot's own name, and a "/cbh" typed out of habit.
func withoutMention(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "<@") {
		if end := strings.Index(text, ">"); end > 0 {
			text = strings.TrimSpace(text[end+1:])
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(text, "/cbh"))
}

// onHome shows what is open on the bot's own page, to those who may know.
func (h *Handlers) onHome(ctx context.Context, e bot.Event) error {
	blocks, err := h.home(ctx, e)
	if err != nil {
		m, ok := apology(err)
		if !ok {
			return err
		}
		blocks = m.Blocks
	}
	_, err = h.Sender.Publish(ctx, e.User, "", slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}})
	if bot.Permanent(err) {
		h.Log.WithError(err).WithField("actor", e.User).Warn("a home page could not be shown")
		return nil
	}
	return err
}

func (h *Handlers) home(ctx context.Context, e bot.Event) ([]slack.Block, error) {
	if err := h.Engine.Admit(ctx, engine.Act{Event: e.ID, By: e.User, Verb: approvals.VerbRead}); err != nil {
		return nil, err
	}
	open, err := h.Store.Open(ctx)
	if err != nil {
		return nil, err
	}
	blocks := []slack.Block{header("What is open")}
	if len(open) == 0 {
		blocks = append(blocks, sections(say("Nothing. Type `/cbh upgrade bastion-prod sunday 2am` in a channel to begin."))...)
	}
	for _, text := range h.requestLines(open) {
		blocks = append(blocks, sections(text)...)
	}
	return blocks, nil
}
