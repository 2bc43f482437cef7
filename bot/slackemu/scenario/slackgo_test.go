package scenario_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"strconv"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/scenario"
)

func TestSlackGo(t *testing.T) { scenario.Run(t, startSlackGo) }

// slackGo is the scenario's app on slack-go with its own Socket Mode client. ../bolttest/app.mjs is the same app.
type slackGo struct {
	t      *testing.T
	api    *slack.Client
	socket *socketmode.Client
}

func startSlackGo(t *testing.T, address string) {
	api := slack.New(slackemu.BotToken, slack.OptionAPIURL(address), slack.OptionAppLevelToken(slackemu.AppToken), slack.OptionRetry(10))
	app := &slackGo{t: t, api: api, socket: socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))}
	ctx, cancel := context.WithCancel(context.Background())
	served, ran := make(chan struct{}), make(chan struct{})
	go func() { defer close(served); app.serve(ctx) }()
	go func() { defer close(ran); _ = app.socket.RunContext(ctx) }()
	t.Cleanup(func() { cancel(); <-served; <-ran })
}

func (a *slackGo) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-a.socket.Events:
			a.handle(e)
		}
	}
}

func (a *slackGo) handle(e socketmode.Event) {
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		a.command(e, data)
	case slackevents.EventsAPIEvent:
		a.socket.Ack(*e.Request)
		a.event(e, data)
	case slack.InteractionCallback:
		a.interaction(e, data)
	}
}

// say posts a message, and reports what Slack has against it.
func (a *slackGo) say(channel, text string, more ...slack.MsgOption) {
	if _, _, err := a.api.PostMessage(channel, append(more, slack.MsgOptionText(text, false))...); err != nil {
		a.t.Errorf("saying %q: %v", text, err)
	}
}

func (a *slackGo) respond(address string, answer slack.WebhookMessage) {
	if err := slack.PostWebhook(address, &answer); err != nil {
		a.t.Errorf("answering %q: %v", answer.Text, err)
	}
}

func (a *slackGo) must(_ any, err error) {
	if err != nil {
		a.t.Error(err)
	}
}

// in names the organisation, where there is one.
func in(enterprise string) string {
	if enterprise == "" {
		return ""
	}
	return " in " + enterprise
}

func (a *slackGo) command(e socketmode.Event, c slack.SlashCommand) {
	verb, rest, _ := strings.Cut(c.Text, " ")
	switch verb {
	case "respond":
		a.socket.Ack(*e.Request)
		a.respond(c.ResponseURL, slack.WebhookMessage{Text: "responded", ResponseType: slack.ResponseTypeInChannel})
	case "whisper":
		a.socket.Ack(*e.Request)
		to := c.UserID
		if rest != "" {
			to = rest
		}
		if _, err := a.api.PostEphemeral(c.ChannelID, to, slack.MsgOptionText("only for <@"+to+">", false)); err != nil {
			a.respond(c.ResponseURL, slack.WebhookMessage{Text: "Slack says " + err.Error()})
		}
	case "card":
		a.socket.Ack(*e.Request)
		a.say(c.ChannelID, "A card", slack.MsgOptionBlocks(card()...))
	case "flood":
		a.socket.Ack(*e.Request)
		n, _ := strconv.Atoi(rest)
		for i := range n {
			a.say(c.ChannelID, fmt.Sprintf("flood %d", i+1))
		}
	default:
		a.socket.Ack(*e.Request, map[string]string{"text": "heard " + c.Text + in(c.EnterpriseID)})
	}
}

func (a *slackGo) event(e socketmode.Event, outer slackevents.EventsAPIEvent) {
	var payload struct {
		Authorizations []struct {
			TeamID string `json:"team_id"`
		} `json:"authorizations"`
	}
	a.must(nil, json.Unmarshal(e.Request.Payload, &payload))
	switch inner := outer.InnerEvent.Data.(type) {
	case *slackevents.AppMentionEvent:
		said := fmt.Sprintf("heard %s, attempt %d, for %s", inner.Text, e.Request.RetryAttempt, payload.Authorizations[0].TeamID)
		a.say(inner.Channel, said, slack.MsgOptionTS(inner.TimeStamp))
	case *slackevents.MessageEvent:
		if inner.BotID == "" && inner.SubType == "" {
			a.say(inner.Channel, "you said "+inner.Text)
		}
	case *slackevents.AppHomeOpenedEvent:
		home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: blocks(section("Welcome home."))}
		a.must(a.api.PublishView(inner.User, home, ""))
	}
}

func (a *slackGo) interaction(e socketmode.Event, c slack.InteractionCallback) {
	switch c.Type {
	case slack.InteractionTypeBlockSuggestion:
		name := "bastion-" + c.Value
		a.socket.Ack(*e.Request, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject(name, plain(name), nil)}})
	case slack.InteractionTypeBlockActions:
		a.socket.Ack(*e.Request)
		a.press(c)
	case slack.InteractionTypeViewSubmission:
		a.submission(e, c)
	case slack.InteractionTypeViewClosed:
		a.socket.Ack(*e.Request)
		a.say(slackemu.ChannelOps, fmt.Sprintf("closed %s, cleared: %t", c.View.CallbackID, c.IsCleared))
	case slack.InteractionTypeShortcut:
		a.socket.Ack(*e.Request)
		a.must(a.api.OpenView(c.TriggerID, plan()))
	case slack.InteractionTypeMessageAction:
		a.socket.Ack(*e.Request)
		next := blocks(slack.NewActionBlock("", button("page", "Next")))
		a.respond(c.ResponseURL, slack.WebhookMessage{Text: "from " + c.Message.Text, Blocks: &next})
	}
}

func (a *slackGo) press(c slack.InteractionCallback) {
	switch c.ActionCallback.BlockActions[0].ActionID {
	case "approve":
		said := fmt.Sprintf("Approved by <@%s> of %s%s", c.User.ID, c.User.TeamID, in(c.Enterprise.ID))
		_, _, _, err := a.api.UpdateMessage(c.Channel.ID, c.Message.Timestamp, slack.MsgOptionText(said, false), slack.MsgOptionBlocks())
		a.must(nil, err)
	case "deny":
		a.must(a.api.OpenView(c.TriggerID, denial("Deny", c.Channel.ID+" "+c.Message.Timestamp)))
	case "clock":
		a.must(a.api.UpdateView(denial("Deny, updated", c.View.PrivateMetadata), "", c.View.Hash, c.View.ID))
	case "next":
		a.must(a.api.PushView(c.TriggerID, details(c.View.PrivateMetadata)))
	case "page":
		a.respond(c.ResponseURL, slack.WebhookMessage{Text: "the next page", ReplaceOriginal: true})
	}
}

func (a *slackGo) submission(e socketmode.Event, c slack.InteractionCallback) {
	values, meta := c.View.State.Values, c.View.PrivateMetadata
	if c.View.CallbackID == "plan" {
		a.socket.Ack(*e.Request)
		var names []string
		for _, o := range values["hosts"]["hosts"].SelectedOptions {
			names = append(names, o.Value)
		}
		a.respond(c.ResponseURLs[0].ResponseURL, slack.WebhookMessage{Text: "planned " + strings.Join(names, ", ")})
		return
	}
	switch reason := values["reason"]["reason"].Value; reason {
	case "no":
		a.socket.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Say more than no."}))
	case "ask":
		sure := denial("Sure?", meta)
		a.socket.Ack(*e.Request, slack.NewUpdateViewSubmissionResponse(&sure))
	case "more":
		more := details(meta)
		a.socket.Ack(*e.Request, slack.NewPushViewSubmissionResponse(&more))
	case "leave":
		a.socket.Ack(*e.Request, slack.NewClearViewSubmissionResponse())
	default:
		a.socket.Ack(*e.Request)
		channel, ts, _ := strings.Cut(meta, " ")
		said := fmt.Sprintf("Denied by <@%s> of %s, installed in %s: %s", c.User.ID, c.Team.ID, c.View.AppInstalledTeamID, reason)
		a.say(channel, said, slack.MsgOptionTS(ts))
	}
}

func plain(words string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, words, false, false)
}

func section(words string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, words, false, false), nil, nil)
}

func button(id, words string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, "1", plain(words))
}

func blocks(all ...slack.Block) slack.Blocks { return slack.Blocks{BlockSet: all} }

func search(kind string, id string) *slack.SelectBlockElement {
	anything := 0
	return &slack.SelectBlockElement{Type: kind, ActionID: id, Placeholder: plain("Search"), MinQueryLength: &anything}
}

func card() []slack.Block {
	deny := button("deny", "Deny").WithStyle(slack.StyleDanger)
	return []slack.Block{section("*A card*"), slack.NewActionBlock("", button("approve", "Approve"), deny, search(slack.OptTypeExternal, "host"))}
}

// modal is what all forms have in common.
func modal(callback, title, meta string, all ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title), Submit: plain("Send"), PrivateMetadata: meta, NotifyOnClose: true, Blocks: blocks(all...),
	}
}

func asking() slack.Block {
	return slack.NewInputBlock("reason", plain("Why?"), nil, slack.NewPlainTextInputBlockElement(nil, "reason"))
}

func denial(title, meta string) slack.ModalViewRequest {
	which := slack.NewInputBlock("host", plain("Which?"), nil, search(slack.OptTypeExternal, "host"))
	which.Optional = true
	return modal("denial", title, meta, asking(), which, slack.NewActionBlock("", button("clock", "Update"), button("next", "More")))
}

func details(meta string) slack.ModalViewRequest { return modal("details", "Details", meta, asking()) }

func plan() slack.ModalViewRequest {
	hosts := slack.NewInputBlock("hosts", plain("Which?"), nil, &slack.MultiSelectBlockElement{Type: slack.MultiOptTypeExternal, ActionID: "hosts"})
	where := slack.NewInputBlock("where", plain("Where?"), nil, &slack.SelectBlockElement{
		Type: slack.OptTypeConversations, ActionID: "where", DefaultToCurrentConversation: true, ResponseURLEnabled: true})
	return modal("plan", "Plan", "", hosts, where)
}
