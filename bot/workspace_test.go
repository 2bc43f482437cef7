package bot_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/bot/slackemu"
)

// connected runs a mux on a workspace; what rides on an ack comes from it, too.
func connected(t *testing.T, mux *bot.Mux, options slackemu.Options) (*slackemu.Server, *bot.Sender) {
	t.Helper()
	ws, api := workspace(t, options)
	var handlers sync.WaitGroup
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: func(ctx context.Context, e bot.Envelope) (bool, any) {
		handlers.Go(func() {
			if err := mux.Serve(context.WithoutCancel(ctx), e); err != nil {
				t.Error(err)
			}
		})
		return true, mux.Reply(ctx, e)
	}})
	t.Cleanup(handlers.Wait)
	until(t, ws, "a socket", func() bool { return len(ws.Sockets()) == 1 })
	return ws, bot.NewSender(bot.SenderConfig{Token: slackemu.BotToken, APIURL: api, Log: quiet()})
}

func plainText(words string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, words, false, false)
}

// planForm asks for bastions and a channel, or says that it will.
func planForm(ready bool) slack.ModalViewRequest {
	view := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "waiting", Title: plainText("Plan"), Submit: plainText("Go on")}
	view.Blocks.BlockSet = []slack.Block{slack.NewSectionBlock(plainText("One moment."), nil, nil)}
	if ready {
		least := 2
		which := &slack.MultiSelectBlockElement{Type: slack.MultiOptTypeExternal, ActionID: "which", MinQueryLength: &least}
		where := &slack.SelectBlockElement{Type: slack.OptTypeConversations, ActionID: "where", DefaultToCurrentConversation: true, ResponseURLEnabled: true}
		view.CallbackID, view.Blocks.BlockSet = "plan", []slack.Block{
			slack.NewInputBlock("which", plainText("Which?"), nil, which), slack.NewInputBlock("where", plainText("Where?"), nil, where),
		}
	}
	return view
}

// A form opens at once and is filled in later; its menu is answered on the ack, and
// what became of it is said in the conversation that was chosen.
func TestAFormFromAShortcutInAWorkspace(t *testing.T) {
	t.Parallel()
	mux, ctx := bot.NewMux(), context.Background()
	ws, sender := connected(t, mux, slackemu.Options{})
	mux.Shortcut(func(ctx context.Context, s bot.Shortcut) error {
		opened, err := sender.OpenView(ctx, s.Callback.TriggerID, planForm(false))
		if err != nil {
			return err
		}
		updated, err := sender.UpdateView(ctx, opened.ID, opened.Hash, planForm(false))
		if err != nil {
			return err
		}
		if _, err = sender.UpdateView(ctx, opened.ID, opened.Hash, planForm(false)); !bot.Outdated(err) {
			t.Errorf("an old hash: %v", err)
		}
		if _, err = sender.OpenView(ctx, s.Callback.TriggerID, planForm(false)); bot.ErrorCode(err) != "exchanged_trigger_id" {
			t.Errorf("a trigger for the second time: %v", err)
		}
		_, err = sender.UpdateView(ctx, updated.ID, updated.Hash, planForm(true))
		return err
	})
	mux.Options("which", func(_ context.Context, q bot.Query) (options []*slack.OptionBlockObject) {
		for _, name := range []string{"bastion-prod", "bastion-test"} {
			options = append(options, slack.NewOptionBlockObject(name, plainText(name+" "+q.Value), plainText("8.1 → 8.2")))
		}
		return options
	})
	mux.View("plan", func(ctx context.Context, s bot.Submission) error {
		var names []string
		for _, chosen := range s.Callback.View.State.Values["which"]["which"].SelectedOptions {
			names = append(names, chosen.Value)
		}
		return sender.Private(ctx, s.From(), bot.Message{Text: mrkdwn.Words("planned " + strings.Join(names, ", "))})
	})
	rita := ws.As(slackemu.UserRita).In(slackemu.ChannelCrew)
	rita.Shortcut("schedule_upgrade")
	form, err := rita.WaitModal(soon(t), func(v slackemu.View) bool { return v.CallbackID == "plan" })
	if err != nil {
		t.Fatal(err)
	}
	found, d := form.Action("which").Suggest("ba")
	if len(found) != 2 || found[0].Text != "bastion-prod ba" || d.Within > time.Second {
		t.Fatalf("%v, %+v", found, d)
	}
	if d := form.Submit(map[string]any{"which": found}); !d.Acked || d.Error != "" {
		t.Fatalf("%+v", d)
	}
	if _, err := rita.WaitMessage(soon(t), slackemu.ChannelCrew, func(m slackemu.Message) bool {
		return m.EphemeralFor == slackemu.UserRita && m.Text == "planned bastion-prod, bastion-test"
	}); err != nil {
		t.Error(err)
	}
	if u, err := sender.User(ctx, slackemu.UserRita); err != nil || u.Locale != "en-US" {
		t.Errorf("%q, %v", u.Locale, err)
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// Pages of a list take each other's place, however many there are.
func TestAListIsPagedInPlaceInAWorkspace(t *testing.T) {
	t.Parallel()
	mux := bot.NewMux()
	ws, sender := connected(t, mux, slackemu.Options{})
	page := func(words string) bot.Message {
		next := slack.NewButtonBlockElement("next", words+"+", plainText("Next"))
		return bot.Message{Text: mrkdwn.Words("page " + words), Blocks: []slack.Block{
			slack.NewSectionBlock(plainText("page "+words), nil, nil), slack.NewActionBlock("", next)}}
	}
	mux.Command(func(ctx context.Context, c bot.Command) error { return sender.Private(ctx, c.From(), page("1")) })
	mux.Action("next", func(ctx context.Context, a bot.Action) error {
		return sender.Replace(ctx, a.From(), page(a.Action.Value))
	})
	rita := ws.As(slackemu.UserRita)
	rita.Command(slackemu.ChannelLobby, "/cbh", "list")
	for words := "1"; len(words) < 8; words += "+" {
		shown, err := rita.WaitMessage(soon(t), slackemu.ChannelLobby, func(m slackemu.Message) bool { return m.Text == "page "+words })
		if err != nil {
			t.Fatal(err)
		}
		if all := rita.Sees(slackemu.ChannelLobby); len(all) != 1 {
			t.Errorf("%d messages are there at page %s", len(all), words)
		}
		shown.Action("next").Click()
	}
}

func TestWhoSeesWhatInAWorkspace(t *testing.T) {
	t.Parallel()
	_, all := connected(t, bot.NewMux(), slackemu.Options{})
	_, few := connected(t, bot.NewMux(), slackemu.Options{Scopes: slackemu.RequiredScopes()})
	for channel, want := range map[string]bool{
		slackemu.ChannelOps: false, slackemu.ChannelCrew: true, slackemu.ChannelVault: false, slackemu.GroupNight: true,
	} {
		if got, err := all.Hidden(context.Background(), channel, slackemu.UserBo); err != nil || got != want {
			t.Errorf("%s: %v, %v", channel, got, err)
		}
		if got, err := few.Hidden(context.Background(), channel, slackemu.UserBo); err != nil || got {
			t.Errorf("%s without the optional scopes: %v, %v", channel, got, err)
		}
	}
	if got, err := all.Hidden(context.Background(), slackemu.ChannelCrew, slackemu.UserRita); err != nil || got {
		t.Errorf("%v, %v", got, err)
	}
}

func TestBlocksAreValidatedInAWorkspace(t *testing.T) {
	t.Parallel()
	_, sender := connected(t, bot.NewMux(), slackemu.Options{})
	ctx := context.Background()
	table := slack.NewTableBlock("").AddRow(slack.NewTableRawTextCell("Bastion"), slack.NewTableRawTextCell("Version"))
	right := bot.Message{Text: mrkdwn.Words("x"), Blocks: append(cardLike().Blocks, table)}
	if got, err := sender.ValidateMessage(ctx, right); err != nil || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
	wrong := bot.Message{Text: mrkdwn.Words("x"), Blocks: []slack.Block{slack.NewHeaderBlock(plainText(strings.Repeat("x", 151)))}}
	if got, err := sender.ValidateMessage(ctx, wrong); err != nil || len(got) != 1 || got[0].Pointer != "/blocks/0/text/text" || got[0].Message == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := sender.ValidateModal(ctx, planForm(true)); err != nil || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
	view := planForm(true)
	view.Title = plainText(strings.Repeat("x", 25))
	if got, err := sender.ValidateModal(ctx, view); err != nil || len(got) != 1 || got[0].Pointer != "/title/text" {
		t.Errorf("%+v, %v", got, err)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{table}}}
	if got, err := sender.ValidateHome(ctx, home); err != nil || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
