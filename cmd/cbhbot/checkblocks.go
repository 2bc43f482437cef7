package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// cutBlocks takes the flag that asks check to let Slack look at all messages out of its
// arguments: --blocks, or --blocks=PAUSE with the pause between two questions.
func cutBlocks(args []string) (rest []string, pause time.Duration, asked bool, err error) {
	pause = checkPause
	for _, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		if name != "--blocks" && name != "-blocks" {
			rest = append(rest, arg)
			continue
		}
		asked = true
		if given {
			if pause, err = time.ParseDuration(value); err != nil {
				err = usageError{fmt.Errorf("%q is no pause between two questions: type one like --blocks=200ms", value)}
			}
		}
	}
	return rest, pause, asked, err
}

// checkPause is how long to wait between two questions: Slack has limits of its own for
// this method, and says nowhere which
// (https://docs.slack.dev/reference/methods/blocks.validate).
const checkPause = 200 * time.Millisecond

// checkBlocks asks Slack what it objects to in anything that the bot may ever show, in
// all languages. It posts nothing, and needs no setting but Slack's.
func checkBlocks(ctx context.Context, args []string, pause time.Duration, stdout io.Writer) error {
	values, err := gather("check", args, environment(), stdout)
	if err != nil {
		return err
	}
	var c Config
	_ = env.ParseWithOptions(&c, env.Options{Environment: values}) // nothing but what is asked for here has to be there
	if c.SlackBotToken == "" {
		return usageError{errors.New("check --blocks asks Slack: set SLACK_BOT_TOKEN")}
	}
	sender, _, err := introduced(ctx, c)
	if err != nil {
		return err
	}
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
		var limited *bot.LimitedError
		if !errors.As(err, &limited) {
			return objections, err
		}
		wait = limited.After
	}
}
