package e2e

import (
	"regexp"
	"strings"
	"testing"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var shownOutput = regexp.MustCompile("(?ms)^```(?:text|json)\n(.*?)^```$")

// isShown compares what the program prints with one of the outputs that a document shows.
func isShown(t *testing.T, document string, n int, printed string) {
	t.Helper()
	blocks := shownOutput.FindAllStringSubmatch(documents(t)["deploy/docs/"+document], -1)
	if n >= len(blocks) {
		t.Errorf("%s shows %d outputs", document, len(blocks))
	} else if want := blocks[n][1]; !matches(want, printed) {
		t.Errorf("the program prints\n%s\nand %s says\n%s", printed, document, want)
	}
}

// TestTheDocumentOfCheckShowsWhatItPrints, where nothing is wrong and where much is.
func TestTheDocumentOfCheckShowsWhatItPrints(t *testing.T) {
	t.Parallel()
	sound := newWorld(t, cbhemu.Options{}, "CBHBOT_CHANNEL="+slackemu.ChannelOps)
	sound.start()
	isShown(t, "check.md", 0, checkedAtRest(t, sound.env))

	wrong := newClockedWorld(t, cbhemu.Options{}, slackemu.Options{Scopes: without(slackemu.DefaultScopes(), "usergroups:read")},
		"CBHBOT_CHANNEL="+slackemu.ChannelOld, "CBHBOT_APPROVERS=U0ANA,U0DEE", "CBH_IAM_PASSWORD=guess", "REDIS_URL="+redistest.Start(t, "--appendonly", "no").URL())
	isShown(t, "check.md", 1, checkedAtRest(t, wrong.env))
	isShown(t, "check.md", 2, checkedAtRest(t, wrong.env, "--json"))
}

// checkedAtRest is what check prints, again where a busy machine made it warn of a slow Redis.
func checkedAtRest(t *testing.T, env []string, flags ...string) (out string) {
	t.Helper()
	for try := 0; try == 0 || try < 10 && strings.Contains(out, "a round trip to Redis takes"); try++ {
		out, _ = output(t, env, append([]string{"check"}, flags...)...)
	}
	return out
}
