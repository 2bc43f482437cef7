package slackemu_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"cbhbot/bot/slackemu"
)

// start serves a workspace on a free port.
func start(t *testing.T, opts slackemu.Options) (*slackemu.Server, string) {
	t.Helper()
	ws := slackemu.New(opts)
	web := httptest.NewServer(ws)
	t.Cleanup(func() { ws.Close(); web.Close() })
	return ws, web.URL
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// echo is a small app on slack-go: it posts a card for a command, opens a form for its first button and writes into the
// thread what was submitted.
type echo struct {
	api    *slack.Client
	socket *socketmode.Client
	card   string // timestamp of the card
}

func startEcho(t *testing.T, ws *slackemu.Server, base string) {
	t.Helper()
	api := slack.New(slackemu.BotToken, slack.OptionAPIURL(base+"/api/"), slack.OptionAppLevelToken(slackemu.AppToken))
	app := &echo{api: api, socket: socketmode.New(api)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go app.serve(ctx)
	go func() { defer close(ended); _ = app.socket.RunContext(ctx) }()
	t.Cleanup(func() { cancel(); ws.Close(); <-ended })
	if err := ws.Wait(soon(t), func() bool { return len(ws.Sockets()) == 1 }); err != nil {
		t.Fatalf("slack-go did not connect: %v", err)
	}
}

func (e *echo) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-e.socket.Events:
			e.handle(event)
		}
	}
}

func (e *echo) handle(event socketmode.Event) {
	switch data := event.Data.(type) {
	case slack.SlashCommand:
		e.socket.Ack(*event.Request, map[string]any{"text": "got " + data.Text})
		_, e.card, _ = e.api.PostMessage(data.ChannelID, slack.MsgOptionText("Card for "+data.Text, false), slack.MsgOptionBlocks(echoCard(data.Text)...))
	case slack.InteractionCallback:
		e.interact(event, data)
	case slackevents.EventsAPIEvent:
		e.socket.Ack(*event.Request)
		if said, ok := data.InnerEvent.Data.(*slackevents.AppMentionEvent); ok {
			_, _, _ = e.api.PostMessage(said.Channel, slack.MsgOptionText("You called?", false), slack.MsgOptionTS(said.TimeStamp))
		}
		if opened, ok := data.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); ok {
			home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: echoCard("home")}}
			_, _ = e.api.PublishView(opened.User, home, "")
		}
	}
}

func (e *echo) interact(event socketmode.Event, data slack.InteractionCallback) {
	switch data.Type {
	case slack.InteractionTypeBlockActions:
		e.socket.Ack(*event.Request)
		if data.ActionCallback.BlockActions[0].ActionID == "approve" {
			_, _, _, _ = e.api.UpdateMessage(data.Channel.ID, data.Message.Timestamp, slack.MsgOptionText("Approved by <@"+data.User.ID+">", false), slack.MsgOptionBlocks())
			return
		}
		_, _ = e.api.OpenView(data.TriggerID, echoForm())
	case slack.InteractionTypeBlockSuggestion:
		e.socket.Ack(*event.Request, slack.OptionsResponse{Options: []*slack.OptionBlockObject{
			slack.NewOptionBlockObject("bastion-"+data.Value, plain("bastion-"+data.Value), nil)}})
	case slack.InteractionTypeViewSubmission:
		reason := data.View.State.Values["reason"]["reason"].Value
		if reason == "no" {
			e.socket.Ack(*event.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Say more than no."}))
			return
		}
		e.socket.Ack(*event.Request)
		said := fmt.Sprintf("Reason: %s\nWhen: %d", reason, data.View.State.Values["when"]["when"].SelectedDateTime)
		_, _, _ = e.api.PostMessage(slackemu.ChannelOps, slack.MsgOptionText(said, false), slack.MsgOptionTS(e.card))
	}
}

func plain(words string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, words, false, false)
}

func echoCard(words string) []slack.Block {
	approve := slack.NewButtonBlockElement("approve", "1", plain("Approve")).WithStyle(slack.StylePrimary)
	approve.Confirm = slack.NewConfirmationBlockObject(plain("Approve it?"), plain("This cannot be undone."), plain("Approve"), plain("Back"))
	deny := slack.NewButtonBlockElement("deny", "1", plain("Deny")).WithStyle(slack.StyleDanger)
	return []slack.Block{
		slack.NewHeaderBlock(plain("A card")),
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*What*\n"+words, false, true), nil, nil),
		slack.NewActionBlock("decision", approve, deny),
	}
}

func echoForm() slack.ModalViewRequest {
	reason := slack.NewInputBlock("reason", plain("Why?"), nil, slack.NewPlainTextInputBlockElement(plain("Because…"), "reason"))
	when := slack.NewInputBlock("when", plain("When?"), nil, slack.NewDateTimePickerBlockElement("when"))
	when.Optional = true
	what := slack.NewInputBlock("what", plain("Which?"), nil, &slack.SelectBlockElement{Type: slack.OptTypeExternal, ActionID: "what", Placeholder: plain("Search")})
	what.Optional = true
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Deny"), Submit: plain("Deny"), Close: plain("Back"),
		CallbackID: "deny", Blocks: slack.Blocks{BlockSet: []slack.Block{reason, when, what}}}
}

func TestSlackGoCarriesACommandAButtonAndAModal(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	ana, rita := ws.As(slackemu.UserAna), ws.As(slackemu.UserRita)

	d := rita.Command(slackemu.ChannelOps, "/cbh", "upgrade bastion-prod sunday 2am")
	if !d.Acked || d.Error != "" || len(d.Sockets) != 1 || d.AckSocket != d.Sockets[0] {
		t.Fatalf("command: %+v", d)
	}
	if _, err := rita.WaitMessage(soon(t), slackemu.ChannelOps, private("got upgrade")); err != nil {
		t.Fatalf("the answer on the ack is not shown: %v", err)
	}
	card, err := ana.WaitMessage(soon(t), slackemu.ChannelOps, says("Card for"))
	if err != nil {
		t.Fatal(err)
	}
	if title, _, asked := card.Action("Approve").Confirm(); !asked || title != "Approve it?" {
		t.Errorf("confirm = %q, %v", title, asked)
	}
	if d := card.Action("Deny").Click(); !d.Acked {
		t.Fatalf("deny: %+v", d)
	}
	denyForm(t, ana)
	if _, err := rita.WaitMessage(soon(t), slackemu.ChannelOps, says("Reason: too early")); err != nil {
		t.Fatal(err)
	}
	if d := card.Action("Approve").Click(); !d.Acked {
		t.Fatalf("approve: %+v", d)
	}
	done, err := ana.WaitMessage(soon(t), slackemu.ChannelOps, says("Approved by"))
	if err != nil || done.TS != card.TS || len(done.Blocks) != 0 || done.EditedTS == "" {
		t.Fatalf("after approval: %+v, %v", done, err)
	}
}

func denyForm(t *testing.T, ana *slackemu.Person) {
	t.Helper()
	form, err := ana.WaitModal(soon(t), func(v slackemu.View) bool { return v.CallbackID == "deny" })
	if err != nil {
		t.Fatal(err)
	}
	if d := form.Submit(nil); d.Acked || d.Errors["reason"] == "" {
		t.Fatalf("an empty required field went through: %+v", d)
	}
	if d := form.Submit(map[string]any{"reason": "no"}); d.Errors["reason"] != "Say more than no." || ana.Modal() == nil {
		t.Fatalf("errors on the ack: %+v", d)
	}
	found, d := form.Action("what").Suggest("prod")
	if len(found) != 1 || found[0].Value != "bastion-prod" {
		t.Fatalf("suggestions: %+v %+v", found, d)
	}
	d = form.Submit(map[string]any{"reason": "too early", "when": time.Unix(1800000000, 0), "what": found[0]})
	if !d.Acked || d.Error != "" || ana.Modal() != nil {
		t.Fatalf("submit: %+v", d)
	}
}

func TestSlackGoHearsMentionsAndOpensTheHomeTab(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	rita := ws.As(slackemu.UserRita)
	said, d := rita.Say(slackemu.ChannelOps, "hello @cbhbot <there>")
	if !d.Acked || said.Text != "hello <@"+slackemu.UserBot+"> &lt;there&gt;" {
		t.Fatalf("%+v %+v", said, d)
	}
	if _, err := rita.WaitMessage(soon(t), slackemu.ChannelOps, func(m slackemu.Message) bool { return m.ThreadTS == said.TS }); err != nil {
		t.Fatal(err)
	}
	if d := rita.OpenHome("home"); !d.Acked {
		t.Fatalf("%+v", d)
	}
	if _, err := rita.WaitHome(soon(t), func(v slackemu.View) bool { return v.Type == "home" && len(v.Blocks) == 3 }); err != nil {
		t.Fatal(err)
	}
}

func says(words string) func(slackemu.Message) bool {
	return func(m slackemu.Message) bool { return m.EphemeralFor == "" && strings.Contains(m.Text, words) }
}

func private(words string) func(slackemu.Message) bool {
	return func(m slackemu.Message) bool { return m.EphemeralFor != "" && strings.Contains(m.Text, words) }
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
