package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/bot"
)

// written is a log, and the lines in it.
func written(t *testing.T, c Config) (*logrus.Logger, func() []map[string]any) {
	t.Helper()
	c.LogLevel, c.LogFormat = "debug", "json"
	var text bytes.Buffer
	log := newLog(c, &text)
	redis.SetLogger(redisLog{new(logrus.Logger)}) // silent: what is left of another test's client speaks of that one
	return log, func() (lines []map[string]any) {
		for line := range strings.Lines(text.String()) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, fields)
		}
		return lines
	}
}

// TestATroubleThatLastsIsSaidEveryHalfMinute has Redis away for a minute, in which it is
// tried every second, and two requests suffer.
func TestATroubleThatLastsIsSaidEveryHalfMinute(t *testing.T) {
	log, lines := written(t, Config{})
	begun := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for second := range 60 {
		at := log.WithTime(begun.Add(time.Duration(second) * time.Second))
		at.WithField("queue", "act").WithError(fmt.Errorf("the %d-th", second)).Warn("the queue cannot be read")
		for _, request := range []string{"CBH-1", "CBH-2"} {
			at.WithField("request", request).Error("put off")
		}
		at.Info("request changed")
	}
	counts := map[string]int{}
	var last map[string]any
	for _, line := range lines() {
		counts[fmt.Sprint(line["msg"], line["request"])]++
		if line["queue"] != nil {
			last = line
		}
	}
	want := map[string]int{"the queue cannot be read<nil>": 2, "put offCBH-1": 2, "put offCBH-2": 2, "request changed<nil>": 60}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("%v", counts)
	}
	if last["repeated"] != 29.0 || last["error"] != "the 30-th" {
		t.Errorf("the second line is %v", last)
	}
}

// TestEachMistakeInAPolicyIsSaid to whoever mends one and makes the next within half a minute.
func TestEachMistakeInAPolicyIsSaid(t *testing.T) {
	log, lines := written(t, Config{})
	for _, mistake := range []string{"line 1", "line 1", "line 2"} {
		log.WithError(errors.New(mistake)).Error("the policy file is bad")
	}
	if said := lines(); len(said) != 2 || said[1]["error"] != "line 2" {
		t.Errorf("%v", said)
	}
}

func TestTroublesThatAreOverAreForgotten(t *testing.T) {
	lines := &calm{inner: &logrus.JSONFormatter{}, cover: covering(nil), said: map[string]*silence{}}
	begun := time.Now()
	for n := range 3 * mostSaid {
		entry := logrus.NewEntry(logrus.New()).WithField("envelope", n).WithTime(begun.Add(time.Duration(n) * time.Second))
		entry.Level = logrus.WarnLevel
		if _, err := lines.Format(entry); err != nil {
			t.Fatal(err)
		}
	}
	if len(lines.said) > mostSaid {
		t.Errorf("%d are remembered", len(lines.said))
	}
}

var (
	fieldCalls = regexp.MustCompile(`WithField\("([a-z_]+)"`)
	fieldLists = regexp.MustCompile(`(?s)(?:logrus\.Fields\{|range map\[string\]string\{\n)(.*?)\n?\t*\}`)
	fieldNames = regexp.MustCompile(`"([a-z_]+)": `)
	fieldRows  = regexp.MustCompile("(?m)^\\| `([a-z_]+)`")
)

// TestTheFieldsOfTheLogAreDocumented compares deploy/docs/logs.md with what the sources
// write.
func TestTheFieldsOfTheLogAreDocumented(t *testing.T) {
	written := map[string]bool{"error": true, "repeated": true}
	for _, file := range sources(t) {
		for _, call := range fieldCalls.FindAllStringSubmatch(file, -1) {
			written[call[1]] = true
		}
		if !strings.Contains(file, "logrus") {
			continue
		}
		for _, list := range fieldLists.FindAllStringSubmatch(file, -1) {
			for _, name := range fieldNames.FindAllStringSubmatch(list[1], -1) {
				written[name[1]] = true
			}
		}
	}
	_, fields, _ := strings.Cut(read(t, "../../deploy/docs/logs.md"), "\n## Fields\n")
	documented := map[string]bool{}
	for _, row := range fieldRows.FindAllStringSubmatch(fields, -1) {
		documented[row[1]] = true
		if !written[row[1]] {
			t.Errorf("deploy/docs/logs.md has the field %s, which nothing writes", row[1])
		}
	}
	for name := range written {
		if !documented[name] {
			t.Errorf("deploy/docs/logs.md does not say what the field %s is", name)
		}
	}
}

// sources are the files of the program, without tests, emulators and tools.
func sources(t *testing.T) (all []string) {
	t.Helper()
	for _, room := range []string{"bot", "approvals", "handlers", "client", "cmd/cbhbot"} {
		err := filepath.WalkDir("../../"+room, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && slices.Contains([]string{"slackemu", "cbhemu", "e2e", "sandbox", "redistest"}, entry.Name()) {
				return fs.SkipDir
			}
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				all = append(all, read(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestALineHoldsNoSecretWhateverPanicsWithIt lets a handler panic with everything there is.
func TestALineHoldsNoSecretWhateverPanicsWithIt(t *testing.T) {
	c := Config{
		SlackBotToken: "xoxb-bot-token", SlackAppToken: "xapp-app-token", CBHIAMPassword: `pass<&"\word`, SK: "secret-key/+=",
		SecurityToken: "security-token", RedisURL: "redis://:redis-pass%2Fword@127.0.0.1/0?sentinel_password=sentinel-pass",
	}
	secrets := append(c.secrets(), "https://hooks.slack.com/commands/T0/1/secretive", "wss://wss-primary.slack.com/link/?ticket=secretive",
		"xoxe-1-another", "7654321.1234567.0123456789abcdef0123456789abcdef")
	mux := bot.NewMux()
	mux.Command(func(context.Context, bot.Command) error { panic(secrets) })
	fault := mux.Serve(t.Context(), bot.Envelope{ID: "E1", Type: bot.TypeCommand, Payload: json.RawMessage(`{"command":"/cbh"}`)})
	log, lines := written(t, c)
	log.WithField("envelope", "E1").WithError(fault).Error("work failed too often and is put aside")
	log.WithFields(logrus.Fields{"panic": secrets, "stack": fault}).Error("a worker failed")
	log.WithError(errors.New(url.QueryEscape(c.CBHIAMPassword))).Warn("the cloud")
	said := lines()
	if len(said) != 3 || !strings.Contains(fmt.Sprint(said[0]["error"]), "panic: ") || !strings.Contains(fmt.Sprint(said), "hooks.slack.com/…") {
		t.Fatal(said)
	}
	text := fmt.Sprint(said)
	for _, secret := range append(secrets, "redis-pass/word", "redis-pass", "sentinel-pass", "secretive", url.QueryEscape(c.CBHIAMPassword)) {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %s", secret, text)
		}
	}
}

// An error says what others have said, on whatever level and in either format.
func TestAnErrorHoldsNoSecretOnAnyLevel(t *testing.T) {
	const secret = `pass<&"\word`
	for _, format := range []string{"text", "json"} {
		var out strings.Builder
		log := newLog(Config{LogLevel: "debug", LogFormat: format, CBHIAMPassword: secret}, &out)
		for _, level := range []logrus.Level{logrus.DebugLevel, logrus.InfoLevel, logrus.WarnLevel, logrus.ErrorLevel} {
			log.WithError(errors.New("refused: "+secret)).WithField("item", level).Log(level, "work is put off")
		}
		if text := out.String(); strings.Contains(text, "word") || strings.Count(text, "refused") != 4 {
			t.Errorf("%s: %s", format, text)
		}
	}
}
