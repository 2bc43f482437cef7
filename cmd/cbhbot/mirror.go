package main

import (
	"bytes"
	"context"
	"os"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/audit"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers/messages"
)

// mirrorsOf are the places outside Redis that the audit is copied to. A channel
// begins with what happens from its first day on: it is for people to read.
func mirrorsOf(c Config, log *audit.Log, durable redis.Scripter, sender *bot.Sender, language func() *messages.Language) []*audit.Mirror {
	var mirrors []*audit.Mirror
	if c.AuditFile != "" {
		mirrors = append(mirrors, &audit.Mirror{Log: log, Name: "file", Durable: durable, Write: appender(c.AuditFile)})
	}
	if c.AuditChannel != "" {
		mirrors = append(mirrors, &audit.Mirror{
			Log: log, Name: "channel:" + c.AuditChannel, Late: true, Durable: durable, Write: poster(sender, c.AuditChannel, language),
		})
	}
	return mirrors
}

// appender writes lines of JSON to the end of a file, which is opened anew each
// time so that it may be rotated.
func appender(path string) func(context.Context, []audit.Entry) error {
	return func(_ context.Context, entries []audit.Entry) error {
		var lines bytes.Buffer
		encoder := cli.JSON(&lines)
		for _, e := range entries {
			if err := encoder.Encode(e); err != nil {
				return err
			}
		}
		return appendWhole(path, lines.Bytes())
	}
}

// appendWhole adds lines to a file. A torn line at its end, left by a full disk
// or a machine that went down, is ended first, so that it spoils no other.
func appendWhole(path string, lines []byte) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if torn(file, info.Size()) {
		lines = append([]byte("\n"), lines...)
	}
	if _, err := file.Write(lines); err != nil {
		return err
	}
	return file.Sync()
}

func torn(file *os.File, size int64) bool {
	last := make([]byte, 1)
	n, _ := file.ReadAt(last, size-1)
	return n == 1 && last[0] != '\n'
}

// poster writes the entries as one message.
func poster(sender *bot.Sender, channel string, language func() *messages.Language) func(context.Context, []audit.Entry) error {
	return func(ctx context.Context, entries []audit.Entry) error {
		voice := messages.Voice{Language: language()}
		var lines []mrkdwn.Text
		for _, e := range entries {
			lines = append(lines, voice.Say(messages.AuditLine(e)))
		}
		picture, err := bot.Message{Text: mrkdwn.Join(lines, "\n")}.Encode()
		if err == nil {
			_, err = sender.Post(ctx, channel, "", picture)
		}
		return err
	}
}
