package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers/messages"
)

// blocksFlag lets Slack look at all messages, and may say how long to wait between two
// questions: --blocks, --blocks=200ms.
type blocksFlag struct {
	asked bool
	pause time.Duration
}

// IsBoolFlag tells the flags that it needs no value.
func (b *blocksFlag) IsBoolFlag() bool { return true }
func (b *blocksFlag) String() string   { return "" }

// Set implements flag.Value.
func (b *blocksFlag) Set(text string) (err error) {
	b.asked, b.pause = true, checkPause
	if text == "true" {
		return nil
	}
	if b.pause, err = time.ParseDuration(text); err != nil || b.pause < 0 {
		return fmt.Errorf("%q is no pause between two questions: type one like --blocks=200ms", text)
	}
	return nil
}

// checkPause is how long to wait between two questions: Slack has limits of its own for
// this method, and says nowhere which
// (https://docs.slack.dev/reference/methods/blocks.validate).
const checkPause = 200 * time.Millisecond

// checkBlocks asks Slack what it objects to in anything that the bot may ever show, in
// all languages. It posts nothing, and needs no setting but Slack's.
func checkBlocks(ctx context.Context, c Config, pause time.Duration, stdout io.Writer) error {
	if c.SlackBotToken == "" {
		return cli.UsageError{Err: errors.New("check --blocks asks Slack: set SLACK_BOT_TOKEN")}
	}
	sender := bot.NewSender(bot.SenderConfig{Token: c.SlackBotToken, APIURL: c.SlackAPIURL, Log: newLog(c, io.Discard)})
	asked, objected := 0, 0
	for _, l := range messages.Languages {
		for _, sample := range messages.Gallery(l) {
			objections, err := objectionsTo(ctx, sender, sample, pause)
			if err != nil {
				return fmt.Errorf("asking Slack about %s %s %s: %w", l.Tag, sample.Group, sample.Name, err)
			}
			for _, o := range objections {
				fmt.Fprintf(stdout, "FAIL  %s %s %q, %s: %s (%s)\n", l.Tag, sample.Group, sample.Name, o.Pointer, o.Message, o.Code)
			}
			asked, objected = asked+1, objected+len(objections)
		}
		fmt.Fprintf(stdout, "ok    Slack has looked at %d messages, forms and pages, the last of them in %s\n", asked, l.Tag)
	}
	if objected > 0 {
		return fmt.Errorf("Slack has %d objection(s)", objected)
	}
	return nil
}

// objectionsTo asks about one sample, at the pace that Slack bears.
func objectionsTo(ctx context.Context, sender *bot.Sender, s messages.Sample, wait time.Duration) (objections []bot.Objection, err error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		switch {
		case s.Modal != nil:
			objections, err = sender.ValidateModal(ctx, *s.Modal)
		case s.Home != nil:
			objections, err = sender.ValidateHome(ctx, *s.Home)
		default:
			objections, err = sender.ValidateMessage(ctx, s.Message)
		}
		limited, ok := errors.AsType[*bot.LimitedError](err)
		if !ok {
			return objections, err
		}
		wait = limited.After
	}
}
