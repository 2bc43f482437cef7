package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var (
	processor = flag.String("processor", "", "`number` of the processor that the bots run on (default: any)")
	rounds    = flag.Int("rounds", 3, "how often each bot has its turn")
	update    = flag.Bool("update", false, "write the tables into the documents")
)

// contender is a bot that is measured.
type contender struct {
	name    string // in the table's head
	folder  string // of its source, within peers; empty: the program itself
	command []string
	env     []string
	plays   []string // the scenarios that it is measured in; none: all
}

// ours comes first: the others are beside it.
const ours = "cbhbot"

var contenders = []contender{
	{name: ours, command: []string{"cbhbot", "run"}},
	{name: "socketmode", command: []string{"socketmode"}},
	{name: "Bolt", folder: "bolt", command: []string{"node", "app.mjs"}},
	{name: "by hand", command: []string{"floor"}, env: []string{"FLOOR_WORKS=1"}},
	{name: "ack only", command: []string{"floor"}, plays: []string{"ack 1", "ack 32", "life"}},
}

func (c contender) playsIn(scenario string) bool {
	return len(c.plays) == 0 || slices.Contains(c.plays, scenario)
}

// built is the folder with the programs, which the first who asks has built, as ours is
// shipped: without C.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cbhbot-bench-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-o", dir, "cbhbot/cmd/cbhbot", "./peers/socketmode", "./peers/floor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the bots: %w: %s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if asked := flag.Lookup("test.bench").Value.String(); asked != "" {
		if dir, err := built(); err == nil {
			os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

// start starts a bot in front of a rig.
func (c contender) start(r *rig) *process {
	r.tb.Helper()
	dir, err := built()
	if err != nil {
		r.tb.Fatal(err)
	}
	command := slices.Clone(c.command)
	switch {
	case filepath.IsAbs(command[0]):
	case c.folder == "":
		command[0] = filepath.Join(dir, command[0])
	default:
		c.installed(r.tb)
	}
	return launch(r.tb, filepath.Join("peers", c.folder), append(r.env(), c.env...), command...)
}

// installed wants what a bot in JavaScript needs.
func (c contender) installed(tb testing.TB) {
	tb.Helper()
	if _, err := os.Stat(filepath.Join("peers", c.folder, "node_modules")); err != nil {
		tb.Fatalf("run npm ci --ignore-scripts in cmd/cbhbot/e2e/bench/peers/%s", c.folder)
	}
}

// env are the settings, which all bots call by the same names.
func (r *rig) env() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.tb.TempDir(), "TZ=Asia/Shanghai", "NODE_ENV=production",
		"SLACK_API_URL=" + r.slackURL + "/api/", "SLACK_BOT_TOKEN=" + slackemu.BotToken, "SLACK_APP_TOKEN=" + slackemu.AppToken,
		"REDIS_URL=" + r.redis.URL(), "CBH_ENDPOINT=" + r.cloudURL, "IAM_ENDPOINT=" + r.cloudURL,
		"CBH_PROJECT_ID=" + cbhemu.DefaultProject, "CBH_IAM_USER=" + cbhemu.DefaultUser,
		"CBH_IAM_PASSWORD=" + cbhemu.DefaultPassword, "CBH_IAM_DOMAIN=" + cbhemu.DefaultDomain,
		"CBHBOT_APPROVERS=" + slackemu.UserAna + "," + slackemu.UserBo, "CBHBOT_LISTEN=127.0.0.1:0",
	}
}
