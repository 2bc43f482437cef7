//go:build bolt

// Package bolttest runs an app on @slack/bolt, unchanged, against slackemu. It needs Node.js 20 or later and, once,
// "npm ci --ignore-scripts" in this folder; so it has a build tag of its own: go test -tags bolt.
package bolttest

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
)

func startBolt(t *testing.T) *slackemu.Server {
	t.Helper()
	if _, err := os.Stat("node_modules/@slack/bolt"); err != nil {
		t.Fatal("@slack/bolt is not installed: run npm ci --ignore-scripts in bot/slackemu/bolttest")
	}
	ws := slackemu.New(slackemu.Options{})
	web := httptest.NewServer(ws)
	app := exec.Command("node", "app.mjs")
	app.Env = append(os.Environ(), "SLACK_API_URL="+web.URL+"/api/",
		"SLACK_BOT_TOKEN="+slackemu.BotToken, "SLACK_APP_TOKEN="+slackemu.AppToken)
	app.Stdout, app.Stderr = os.Stderr, os.Stderr
	if err := app.Start(); err != nil {
		t.Fatalf("starting node (install Node.js 20 or later): %v", err)
	}
	t.Cleanup(func() { stop(app); ws.Close(); web.Close() })
	if err := ws.Wait(within(t, 30*time.Second), func() bool { return len(ws.Sockets()) == 1 }); err != nil {
		t.Fatalf("bolt did not connect: %v", err)
	}
	return ws
}

// stop ends the app, by force when it takes long.
func stop(app *exec.Cmd) {
	_ = app.Process.Signal(syscall.SIGTERM)
	force := time.AfterFunc(5*time.Second, func() { _ = app.Process.Kill() })
	_ = app.Wait()
	force.Stop()
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func says(words string) func(slackemu.Message) bool {
	return func(m slackemu.Message) bool { return strings.Contains(m.Text, words) }
}

func see(t *testing.T, p *slackemu.Person, words string) *slackemu.Shown {
	t.Helper()
	m, err := p.WaitMessage(within(t, 10*time.Second), slackemu.ChannelOps, says(words))
	if err != nil {
		t.Fatalf("%s does not see %q: %v", p.ID, words, err)
	}
	return m
}

func TestBoltCarriesACommandAButtonAndAModal(t *testing.T) {
	ws := startBolt(t)
	ana, rita := ws.As(slackemu.UserAna), ws.As(slackemu.UserRita)

	if d := rita.Command(slackemu.ChannelOps, "/cbh", "upgrade bastion-prod"); !d.Acked || d.Error != "" {
		t.Fatalf("command: %+v", d)
	}
	if m := see(t, rita, "bolt heard upgrade bastion-prod"); m.EphemeralFor != rita.ID {
		t.Errorf("the answer on the ack is not private: %+v", m.Message)
	}
	if m := see(t, rita, "answered through response_url"); m.EphemeralFor != rita.ID {
		t.Errorf("the answer through response_url is not private: %+v", m.Message)
	}
	card := see(t, ana, "A card from bolt")
	deny(t, ana, card)
	if m := see(t, rita, "Denied by"); m.ThreadTS != card.TS || !strings.HasSuffix(m.Text, "too early") {
		t.Errorf("denial: %+v", m.Message)
	}
	if d := card.Action("Approve").Click(); !d.Acked {
		t.Fatalf("approve: %+v", d)
	}
	if m := see(t, ana, "Approved by <@"+ana.ID+">"); m.TS != card.TS || len(m.Blocks) != 0 {
		t.Errorf("approved card: %+v", m.Message)
	}
}

func deny(t *testing.T, ana *slackemu.Person, card *slackemu.Shown) {
	t.Helper()
	if d := card.Action("Deny").Click(); !d.Acked {
		t.Fatalf("deny: %+v", d)
	}
	form, err := ana.WaitModal(within(t, 10*time.Second), func(v slackemu.View) bool { return v.CallbackID == "denial" })
	if err != nil {
		t.Fatal(err)
	}
	found, d := form.Action("host").Suggest("prod")
	if len(found) != 1 || found[0].Value != "bastion-prod" {
		t.Fatalf("suggestions: %+v %+v", found, d)
	}
	if d := form.Submit(map[string]any{"reason": "no"}); d.Errors["reason"] != "Say more than no." {
		t.Fatalf("a refused form: %+v", d)
	}
	if d := form.Submit(map[string]any{"reason": "too early", "host": found[0]}); !d.Acked || d.Error != "" {
		t.Fatalf("submit: %+v", d)
	}
}

func TestBoltFillsInAFormFromAShortcut(t *testing.T) {
	ws := startBolt(t)
	rita := ws.As(slackemu.UserRita).In(slackemu.ChannelOps)
	if d := rita.Shortcut("schedule_upgrade"); !d.Acked {
		t.Fatalf("shortcut: %+v", d)
	}
	form, err := rita.WaitModal(within(t, 10*time.Second), func(v slackemu.View) bool { return len(v.Blocks) == 2 })
	if err != nil {
		t.Fatal(err)
	}
	found, d := form.Action("host").Suggest("prod")
	if len(found) != 1 || found[0].Value != "bastion-prod" {
		t.Fatalf("suggestions: %+v %+v", found, d)
	}
	if d := form.Submit(map[string]any{"hosts": found}); !d.Acked || d.Error != "" {
		t.Fatalf("submit: %+v", d)
	}
	if m := see(t, rita, "planned bastion-prod"); m.EphemeralFor != rita.ID {
		t.Errorf("the answer where the form said is not private: %+v", m.Message)
	}
}

func TestBoltTakesAMessageShortcutAndPagesInPlace(t *testing.T) {
	ws := startBolt(t)
	rita := ws.As(slackemu.UserRita)
	rita.Say(slackemu.ChannelOps, "prod is old")
	if d := see(t, rita, "prod is old").Shortcut("schedule_from_message"); !d.Acked {
		t.Fatalf("shortcut: %+v", d)
	}
	if d := see(t, rita, "from prod is old").Action("next").Click(); !d.Acked {
		t.Fatalf("press: %+v", d)
	}
	see(t, rita, "the next page")
	if all := rita.Sees(slackemu.ChannelOps); len(all) != 2 {
		t.Errorf("the next page did not take the place of the first: %d messages", len(all))
	}
}

func TestBoltHearsAMentionAndSurvivesARefresh(t *testing.T) {
	ws := startBolt(t)
	rita := ws.As(slackemu.UserRita)
	if _, d := rita.Say(slackemu.ChannelOps, "hello @cbhbot"); !d.Acked {
		t.Fatalf("mention: %+v", d)
	}
	see(t, rita, "bolt was mentioned")
	old := ws.Sockets()[0].ID
	if err := ws.Disconnect(old, "refresh_requested"); err != nil {
		t.Fatal(err)
	}
	err := ws.Wait(within(t, 20*time.Second), func() bool {
		open := ws.Sockets()
		return len(open) == 1 && open[0].ID != old
	})
	if err != nil {
		t.Fatalf("bolt did not come back: %v", err)
	}
	if d := rita.Command(slackemu.ChannelOps, "/cbh", "again"); !d.Acked {
		t.Fatalf("command after the refresh: %+v", d)
	}
}
