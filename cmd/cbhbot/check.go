package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/check"
	"cbhbot/cmd/cbhbot/cli"
)

const checkMore = `
  --json
      write what was found as JSON (deploy/docs/check.md)

  --policy FILE
      only explain a policy file, or say all that is wrong with it; no other setting is needed

  --blocks[=PAUSE]
      only ask Slack what it would object to in all that the bot may show; it takes some minutes and posts nothing

Exit codes: 0 nothing is wrong; 1 something is; 2 a setting or the command line is.
`

// checkCommand says what is wrong with the settings and with all that is reached with them.
func checkCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if wantsPolicy(args) {
		return checkPolicyFile(args, stdout)
	}
	var blocks blocksFlag
	asJSON := false
	values, err := gather("check", args, os.Environ(), stdout, func(set *flag.FlagSet) {
		set.Var(&blocks, "blocks", "")
		set.String("policy", "", "") // handled above; here it is what --polcy is near to
		set.BoolVar(&asJSON, "json", false, "")
	})
	if err != nil {
		return helped(err, stdout, checkMore)
	}
	c, err := configOf("check", values)
	if blocks.asked { // it needs nothing but what it asks for itself
		return checkBlocks(ctx, c, blocks.pause, stdout)
	}
	if err != nil {
		return err
	}
	return checkAll(ctx, c, asJSON, stdout)
}

func checkAll(ctx context.Context, c Config, asJSON bool, stdout io.Writer) error {
	settings, err := checked(c)
	if err != nil {
		return err
	}
	defer settings.Redis.Close()
	report := check.Run(ctx, settings)
	if asJSON {
		err = report.JSON(stdout)
	} else {
		err = report.Print(stdout, coloured(stdout))
	}
	switch n := report.Count(check.Fail); {
	case err != nil:
		return err
	case n == 1:
		return errors.New("one thing is wrong")
	case n > 1:
		return fmt.Errorf("%d things are wrong", n)
	}
	return nil
}

// checked are the settings as the checks want them.
func checked(c Config) (check.Settings, error) {
	log := newLog(c, io.Discard)
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return check.Settings{}, cli.UsageError{Err: err}
	}
	s := check.Settings{
		Strays: c.strays(), CertFile: c.environ["SSL_CERT_FILE"],
		BotToken: c.SlackBotToken, AppToken: c.SlackAppToken, SlackURL: c.SlackAPIURL, SlackHTTP: bot.NewHTTPClient(), Connections: c.SlackConnections,
		Redis: rdb, RedisTLS: overTLS(c.RedisURL), Sentinels: viaSentinels(c.RedisURL), WaitReplicas: c.RedisWaitReplicas, Foreign: foreign(rdb), AuditChannel: c.AuditChannel, AuditFile: c.AuditFile,
		Projects: func(onDate func(time.Time)) ([]check.Project, error) {
			return reach(c, log, time.Now, told{date: func(string) func(time.Time) { return onDate }})
		},
	}
	s.Copies = map[string]func(context.Context) (time.Duration, error){}
	for _, m := range mirrorsOf(c, audit.New(rdb, store.DefaultPrefix, log, nil), nil, nil, nil) {
		s.Copies[m.Name] = m.Lag
	}
	s.Policy, s.PolicyWords = checkedPolicy(c)
	return s, nil
}

// coloured reports whether a person reads the output on a terminal that shows colours
// (https://no-color.org).
func coloured(w io.Writer) bool {
	file, is := w.(*os.File)
	if !is || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	about, err := file.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}
