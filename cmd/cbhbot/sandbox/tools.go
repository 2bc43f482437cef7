package sandbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cbhbot/bot/slackemu"
)

// tools are the page's buttons that move the sandbox's clock.
func (b *sandbox) tools() []slackemu.Tool {
	return []slackemu.Tool{
		{Name: "hour", Title: "Skip 1 hour", Help: "Moves the sandbox's clock ahead", Run: b.skipper(time.Hour)},
		{Name: "ten-minutes", Title: "Skip 10 minutes", Help: "Moves the sandbox's clock ahead", Run: b.skipper(10 * time.Minute)},
		{Name: "upgrade", Title: "Skip to the next upgrade", Help: "Moves the clock to a minute after the next scheduled time", Run: b.skipToUpgrade},
	}
}

func (b *sandbox) skipper(d time.Duration) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		b.clock.skip(d)
		return "It is " + b.clock.now().UTC().Format("Mon 2 Jan 15:04 UTC"), nil
	}
}

func (b *sandbox) skipToUpgrade(context.Context) (string, error) {
	var next time.Time
	for _, i := range b.cloud.Instances() {
		if !i.UpgradeTime.IsZero() && (next.IsZero() || i.UpgradeTime.Before(next)) {
			next = i.UpgradeTime
		}
	}
	if next.IsZero() {
		return "Nothing is scheduled. Ask for an upgrade and approve it first.", nil
	}
	b.clock.skipTo(next.Add(time.Minute))
	return "It is " + b.clock.now().UTC().Format("Mon 2 Jan 15:04 UTC"), nil
}

// note shows the cloud's state beside the conversation.
func (b *sandbox) note() string {
	lines := []string{"The sandbox's clock: " + b.clock.now().UTC().Format("Mon 2 Jan 2006 15:04 UTC"), ""}
	for _, i := range b.cloud.Instances() {
		line := fmt.Sprintf("%s  %s  %s", i.Name, i.Version, i.Status)
		if !i.UpgradeTime.IsZero() {
			line += "  upgrade " + i.UpgradeTime.UTC().Format("Mon 2 Jan 15:04 UTC")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
