//go:build bolt

// Package bolttest plays the scenario to an app on @slack/bolt, unchanged. It needs Node.js 20 or later and, once,
// "npm ci --ignore-scripts" in this folder; so it has a build tag of its own: go test -tags bolt.
package bolttest

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/scenario"
)

func TestBolt(t *testing.T) { scenario.Run(t, startBolt) }

func startBolt(t *testing.T, api string) {
	t.Helper()
	if _, err := os.Stat("node_modules/@slack/bolt"); err != nil {
		t.Fatal("@slack/bolt is not installed: run npm ci --ignore-scripts in bot/slackemu/bolttest")
	}
	app := exec.Command("node", "app.mjs")
	app.Env = append(os.Environ(), "SLACK_API_URL="+api, "SLACK_BOT_TOKEN="+slackemu.BotToken, "SLACK_APP_TOKEN="+slackemu.AppToken)
	app.Stdout, app.Stderr = os.Stderr, os.Stderr
	if err := app.Start(); err != nil {
		t.Fatalf("starting node (install Node.js 20 or later): %v", err)
	}
	t.Cleanup(func() { stop(app) })
}

// stop ends the app, by force when it takes long.
func stop(app *exec.Cmd) {
	_ = app.Process.Signal(syscall.SIGTERM)
	force := time.AfterFunc(5*time.Second, func() { _ = app.Process.Kill() })
	_ = app.Wait()
	force.Stop()
}
