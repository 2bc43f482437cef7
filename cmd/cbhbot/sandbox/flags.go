package sandbox

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/cli"
)

var usage = `Usage: cbhbot sandbox [flags]

Serves a Slack workspace and a cloud of its own on 127.0.0.1, with the real bot
between them, and a page to act in. Nothing leaves the machine. The settings of a
real bot (SLACK_BOT_TOKEN, REDIS_URL, CBHBOT_APPROVERS, …) do not count here.

  --port PORT      of the page; 0 takes a free one (8090)
  --lang LANGUAGE  of the people and of the cards: en or zh-CN (en)
  --now MOMENT     when its clock begins, such as ` + anExample + `
                   (the present, or a day ahead where "sunday 2am" is too near)
  --seed SCENARIO  of the cloud (prod): ` + strings.Join(cbhemu.Seeds(), ", ") + `
  --policy FILE    a policy to try (one of Ana and Bo approves, for vaults two of Ana, Bo and Cleo)
  --redis URL      a Redis of yours that no bot but a sandbox's uses, such as
                   redis://127.0.0.1:6379/0 (one in memory)
  --only PART      serve one emulator, without the bot: slack or cbh
  --manifest FILE  with --only slack, your app's manifest, in YAML or JSON (cbhbot's)
  --headless       print where the control APIs are instead of what to try
`

// flags are what the sandbox can be told.
type flags struct {
	port     int
	headless bool
	only     string
	manifest *slackemu.Manifest // of the app that the workspace serves
	redis    string             // the URL of somebody's; "": one of its own
	policy   string             // a file; "": one of its own
	seed     string
	language string
	now      time.Time // when the sandbox's clock begins; zero: at the real time
}

const (
	english   = "en"
	chinese   = "zh-CN"
	onlySlack = "slack"
	onlyCloud = "cbh"
	anExample = "2026-08-05T10:00:00+08:00"
)

// farthest is how far from the present the sandbox's clock may begin.
const farthest = 100 * 365 * 24 * time.Hour

func readFlags(args []string, stdout io.Writer) (flags, error) {
	var f flags
	var port, manifest, now string
	set := cli.Flags("sandbox")
	set.StringVar(&port, "port", "8090", "`PORT`")
	set.BoolVar(&f.headless, "headless", false, "")
	set.StringVar(&f.only, "only", "", "`PART`")
	set.StringVar(&manifest, "manifest", "", "`FILE`")
	set.StringVar(&f.redis, "redis", "", "`URL`")
	set.StringVar(&f.policy, "policy", "", "`FILE`")
	set.StringVar(&f.seed, "seed", "prod", "`SCENARIO`")
	set.StringVar(&f.language, "lang", english, "`LANGUAGE`")
	set.StringVar(&now, "now", "", "`MOMENT`")
	rest, err := cli.Parse(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return f, err
	}
	if err != nil {
		return f, err
	}
	if err := errors.Join(f.check(rest), f.without(set), f.readManifest(manifest), f.readPort(port), f.readNow(now)); err != nil {
		return f, cli.Misuse(set, "%v", err)
	}
	return f, nil
}

func (f *flags) check(args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("it takes no argument, but was given %q", args[0])
	case f.only != "" && f.only != onlySlack && f.only != onlyCloud:
		return fmt.Errorf("--only takes slack or cbh, not %q", f.only)
	case f.language != english && f.language != chinese:
		return fmt.Errorf("--lang takes en or zh-CN, not %q", f.language)
	case !slices.Contains(cbhemu.Seeds(), f.seed):
		return fmt.Errorf("--seed takes one of %s, not %q", strings.Join(cbhemu.Seeds(), ", "), f.seed)
	}
	return nil
}

// without refuses what is for a part that is not served.
func (f *flags) without(set *flag.FlagSet) (err error) {
	parts := map[string][]string{onlySlack: {"policy", "redis", "seed"}, onlyCloud: {"policy", "redis", "lang"}}
	set.Visit(func(given *flag.Flag) {
		if slices.Contains(parts[f.only], given.Name) {
			err = errors.Join(err, fmt.Errorf("--%s means nothing with --only %s", given.Name, f.only))
		}
	})
	return err
}

func (f *flags) readManifest(path string) error {
	app := slackemu.OwnManifest()
	f.manifest = &app
	if path == "" {
		return nil
	}
	if f.only != onlySlack {
		return errors.New("--manifest is for another bot, and goes with --only slack")
	}
	text, err := os.ReadFile(path)
	if err == nil {
		app, err = slackemu.ReadManifest(text)
	}
	if err != nil {
		return fmt.Errorf("--manifest %s: %w", path, err)
	}
	return nil
}

func (f *flags) readPort(text string) error {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return fmt.Errorf("--port takes a number from 0 to 65535, not %q", text)
	}
	f.port = int(port)
	return nil
}

func (f *flags) readNow(text string) error {
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || time.Until(at).Abs() > farthest {
		return fmt.Errorf("--now takes a moment with its zone, such as %s, not %q", anExample, text)
	}
	f.now = at
	return nil
}
