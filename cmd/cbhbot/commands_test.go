package main

import (
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
)

// speaks runs the program in this process, without any setting.
func speaks(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	for _, s := range settings() {
		t.Setenv(s.name, "")
	}
	var out, errs strings.Builder
	code = dispatch(t.Context(), args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

// misused is how each subcommand is called wrongly: with a value that its flag does not
// take, and what is said of it.
var misused = map[string][2]string{
	"run":          {"--cbhbot-quorum=many", "CBHBOT_QUORUM is not a whole number"},
	"check":        {"--blocks=soon", `"soon" is no pause between two questions: type one like --blocks=200ms`},
	"sandbox":      {"--port=http", `--port takes a number from 0 to 65535, not "http"`},
	"when":         {"--lang=fr", "it must be en or zh"},
	"requests":     {"--limit=many", `"many" is no whole number`},
	"request":      {"CBH-x", `"CBH-x" is no request: type one such as CBH-142`},
	"parked":       {"--json=perhaps", `"perhaps" is neither true nor false`},
	"health":       {"--json=perhaps", "there is no flag --json"},
	"version":      {"--json=perhaps", `"perhaps" is neither true nor false`},
	"audit verify": {"--seal=abc", `"abc" is no seal: give what an earlier`},
	"audit export": {"--since=monday", `"monday" is no time such as 2026-12-01T00:00:00Z`},
}

// TestEverySubcommandSaysWhatIsWrongAndWhatToType goes through all of them, with help, a
// flag that there is not, an argument too many and a bad value.
func TestEverySubcommandSaysWhatIsWrongAndWhatToType(t *testing.T) {
	for _, name := range append(slices.Sorted(maps.Keys(commands)), "when") {
		if name[0] != '-' && !slices.ContainsFunc(slices.Collect(maps.Keys(misused)), func(known string) bool { return strings.HasPrefix(known+" ", name+" ") }) {
			t.Errorf("%s is not in the table", name)
		}
	}
	for name, bad := range misused {
		words := strings.Fields(name)
		for _, help := range [][]string{append(words, "--help"), append([]string{"help"}, words...), append(words, "-h")} {
			out, errs, code := speaks(t, help...)
			if code != exitOK || errs != "" || !strings.Contains(out, "Usage: cbhbot "+words[0]) {
				t.Errorf("%v: exit %d, stdout %q, stderr %q", help, code, out, errs)
			}
		}
		seeHelp := "\nType `cbhbot " + name + " --help`"
		refuses(t, append(words, "--nonsense"), "there is no flag --nonsense"+seeHelp)
		refuses(t, append(words, bad[0]), bad[1])
		if name != "when" && name != "request" { // whose argument is their own
			refuses(t, append(words, "stray"), "takes no argument")
		}
	}
}

// refuses wants a subcommand to say something on its error output alone.
func refuses(t *testing.T, args []string, says string) {
	t.Helper()
	out, errs, code := speaks(t, args...)
	if code != exitUsage || out != "" || !strings.Contains(errs, says) || inGosWords(errs) {
		t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, out, errs)
	}
}

// inGosWords reports whether a sentence is one of the standard library's.
func inGosWords(text string) bool {
	return slices.ContainsFunc([]string{"strconv.", "parse error", "flag provided", "parsing time", "invalid value", "flag needs"}, func(words string) bool {
		return strings.Contains(text, words)
	})
}

func TestAWrongWordNamesTheNearest(t *testing.T) {
	for args, says := range map[string]string{
		"chekc":                      `Did you mean "check"?`,
		"sandbx":                     `Did you mean "sandbox"?`,
		"frobnicate":                 "there is no command \"frobnicate\".\nType `cbhbot help`",
		"audit prove":                `it knows verify and export, not "prove"`,
		"run --redis-ulr=x":          "did you mean --redis-url?",
		"check --polcy=p.yaml":       "did you mean --policy?",
		"sandbox --foo":              "there is no flag --foo\n",
		"sandbox --mow=noon":         "did you mean --now?",
		"audit verify --seal":        "--seal needs a value, as in --seal=SEAL",
		"sandbox --headless=perhaps": `"perhaps" is neither true nor false`,
		"sandbox --now=noon":         `not "noon"`,
		"request":                    "it has to be given the number of a request, such as CBH-142",
		"request CBH-1 CBH-2":        "it takes one argument: the number of a request",
		"requests --limit=0":         "--limit is at least 1",
		"requests":                   "REDIS_URL is required",
		"parked retry":               "retry has to be given the id of an entry",
		"parked keep 1-1":            `but list, show, retry and drop, not "keep"`,
		"parked list all":            "list takes no arguments",
	} {
		refuses(t, strings.Fields(args), says)
	}
	for _, args := range [][]string{nil, {"help"}, {"--help"}, {"-h"}} {
		if out, errs, code := speaks(t, args...); code != exitOK || errs != "" || !strings.Contains(out, "Usage: cbhbot <command>") {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
}

// TestASecondCopyIsToldToListenElsewhere, as Prometheus' own port is the one that a copy takes by itself.
func TestASecondCopyIsToldToListenElsewhere(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, errs, code := speaks(t, "run", "--slack-bot-token=xoxb-1", "--slack-app-token=xapp-1", "--redis-url=redis://127.0.0.1:1/0",
		"--cbh-region=x", "--cbh-project-id=p", "--cbh-iam-user=u", "--cbh-iam-password=p", "--cbh-iam-domain=d", "--cbhbot-listen="+taken.Addr().String())
	if code != exitFailed || !strings.Contains(errs, "each copy needs an address of its own, such as 127.0.0.1:9191") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestRunWithoutSettingsSaysHowToBegin, in ten lines, and repeats no argument, which may
// be a secret.
func TestRunWithoutSettingsSaysHowToBegin(t *testing.T) {
	_, errs, code := speaks(t, "run")
	if code != exitUsage || !strings.Contains(errs, "cbhbot sandbox") || !strings.Contains(errs, "cbhbot check") || strings.Count(errs, "\n") > 10 {
		t.Errorf("exit %d, %s", code, errs)
	}
	if _, errs, _ := speaks(t, "run", "--slack-bot-token", "=", "xoxb-secret"); strings.Contains(errs, "xoxb-secret") {
		t.Error(errs)
	}
}

func TestFlagsMayStandBehindArguments(t *testing.T) {
	out, errs, code := speaks(t, "when", "sunday 2am", "--tz", "Asia/Shanghai", "--now=2026-08-05T10:17:33+08:00")
	if code != exitOK || out != "2026-08-08T18:00:00Z\n" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
}
