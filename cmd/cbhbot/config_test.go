package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// complete is a configuration with nothing wrong.
func complete(more ...string) []string {
	return append([]string{
		"SLACK_BOT_TOKEN=xoxb-secret-1", "SLACK_APP_TOKEN=xapp-secret-2", "REDIS_URL=redis://:secret-3@127.0.0.1:6379/0",
		"CBH_REGION=ap-southeast-3", "CBH_PROJECT_ID=p1", "CBH_IAM_USER=u", "CBH_IAM_PASSWORD=secret-4", "CBH_IAM_DOMAIN=d",
	}, more...)
}

func TestConfigReportsEveryProblemAtOnce(t *testing.T) {
	_, err := readConfig("run", []string{"--cbhbot-quorum=many"}, []string{
		"SLACK_CONNECTIONS=99", "CBHBOT_APPROVERS=U1,ana", "CBHBOT_MIN_LEAD=soon", "REDIS_URL=127.0.0.1:7301", "CBHBOT_LISTEN=9391", "CBHBOT_CHANNEL=ops",
		"CBH_REGION=ap southeast",
		"CBHBOT_LOG_LEVEL=verbose", "CBH_ENDPOINT=127.0.0.1:8092", "REDIS_WAIT_REPLICAS=-1", "SLACK_API_URL=slack.com/api/",
	}, os.Stdout)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{
		"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "REDIS_URL", "CBH_PROJECT_ID", `CBH_REGION: "ap southeast"`, "CBH_IAM_USER",
		"SLACK_CONNECTIONS", `"ana"`, `"9391"`, `"ops"`, "CBHBOT_LOG_LEVEL must be", `CBH_ENDPOINT: "127.0.0.1:8092"`, "REDIS_URL is no URL", "REDIS_WAIT_REPLICAS must not be negative", "SLACK_API_URL must begin with", "CBHBOT_QUORUM is not a whole number", "CBHBOT_MIN_LEAD is not a duration",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("no word of %s in: %v", name, err)
		}
	}
}

func TestTheBaseOfSlacksAPIMayEndWithASlash(t *testing.T) {
	for _, base := range []string{"http://127.0.0.1:8091/api", "http://127.0.0.1:8091/api/"} {
		c, err := readConfig("run", nil, complete("SLACK_API_URL="+base), os.Stdout)
		if err != nil || c.SlackAPIURL != "http://127.0.0.1:8091/api/" {
			t.Errorf("%s: %q, %v", base, c.SlackAPIURL, err)
		}
	}
}

// TestCardsGoToNoDirectMessage, where no approver but one would see them.
func TestCardsGoToNoDirectMessage(t *testing.T) {
	if _, err := readConfig("run", nil, complete("CBHBOT_CHANNEL=D012ABCDE"), os.Stdout); err == nil || !strings.Contains(err.Error(), `"D012ABCDE" is no id of a channel`) {
		t.Error(err)
	}
}

// TestOnlyWhatIsMissingOfTheCredentialsIsNamed, with what to set it to.
func TestOnlyWhatIsMissingOfTheCredentialsIsNamed(t *testing.T) {
	for set, want := range map[string]string{
		"CBH_IAM_DOMAIN=":          "CBH_IAM_DOMAIN is required: the name of the account (domain) that the IAM user belongs to",
		"CBH_IAM_PASSWORD=":        "CBH_IAM_PASSWORD is required: the IAM user's password",
		"CBH_IAM_USER=":            "CBH_IAM_USER is required: the IAM user's name",
		"HUAWEICLOUD_SDK_AK=key-5": "HUAWEICLOUD_SDK_SK is required: its secret key",
		"HUAWEICLOUD_SDK_SK=key-6": "HUAWEICLOUD_SDK_AK is required: the access key",
	} {
		_, err := readConfig("run", nil, complete(set), os.Stdout)
		if err == nil || !strings.Contains(err.Error(), "the configuration has 1 problem(s):\n  - "+want+"\n") {
			t.Errorf("%s: %v", set, err)
		}
	}
}

func TestConfigNeverPrintsSecrets(t *testing.T) {
	environ := complete("SLACK_CONNECTIONS=x", "HUAWEICLOUD_SDK_AK=secret-5")
	_, err := readConfig("run", nil, environ, os.Stdout)
	if err == nil {
		t.Fatal("accepted")
	}
	_, redisErr := openRedis("http://:secret-3@host")
	_, hostErr := openRedis("redis://:secret-3@ho st/0")
	_, slashErr := openRedis("redis://:a@b/secret-3@host/0")
	_, queryErr := openRedis("redis://a:1?secret-3@host/0")
	for _, text := range []string{err.Error(), redisErr.Error(), hostErr.Error(), slashErr.Error(), queryErr.Error()} {
		if strings.Contains(text, "secret-") {
			t.Errorf("a secret in: %s", text)
		}
	}
}

// TestTheEndOfALineIsNoPartOfASetting: files with secrets end with one, and those with
// variables have a second character there when they were made on Windows.
func TestTheEndOfALineIsNoPartOfASetting(t *testing.T) {
	environ := complete("CBHBOT_APPROVERS=\r\n", "CBHBOT_QUORUM= 2 ")
	for i := range environ {
		environ[i] += "\r\n"
	}
	c, err := readConfig("run", nil, environ, os.Stdout)
	if err != nil || c.SlackBotToken != "xoxb-secret-1" || c.CBHIAMPassword != "secret-4" || len(c.Approvers) > 0 || c.Quorum != 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestWhatStandsInQuotesIsSaid, once each, and not taken for a wrong value: kubectl and docker run leave the quotes
// of a file of variables where they are.
func TestWhatStandsInQuotesIsSaid(t *testing.T) {
	_, err := readConfig("run", nil, complete(`SLACK_BOT_TOKEN="xoxb-secret-1"`, "CBH_IAM_PASSWORD='secret-4'", `SLACK_CONNECTIONS="2"`, `CBHBOT_APPROVERS="U1,S2"`), os.Stdout)
	if err == nil || !strings.Contains(err.Error(), "has 4 problem(s)") || strings.Count(err.Error(), inQuotes) != 4 || strings.Contains(err.Error(), "secret-") {
		t.Errorf("%v", err)
	}
	listed := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(listed, []byte("version: 1\nprojects: [{name: eu, region: eu-west-101, project_id: p1}]\nrules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = readConfig("run", nil, complete("CBHBOT_POLICY="+listed, "CBH_IAM_PASSWORD='secret-4'"), os.Stdout)
	if err == nil || !strings.Contains(err.Error(), "has 1 problem(s)") || !strings.Contains(err.Error(), inQuotes) {
		t.Errorf("for a project of the policy file: %v", err)
	}
	if _, err := readConfig("run", nil, complete(`CBH_IAM_PASSWORD="secret-4`), os.Stdout); err != nil {
		t.Errorf("a password that begins with a quote: %v", err)
	}
}

// TestAPlaceholderIsNoValue, and is said once: of what the instructions show and of what the example of a file leaves open.
func TestAPlaceholderIsNoValue(t *testing.T) {
	_, err := readConfig("run", nil, []string{
		"SLACK_BOT_TOKEN=xoxb-…", "SLACK_APP_TOKEN=xapp-", "REDIS_URL=redis://h", "CBH_REGION=ap-southeast-3",
		"CBH_PROJECT_ID=…", "CBH_IAM_USER=…", "CBH_IAM_PASSWORD=…", "CBH_IAM_DOMAIN=…",
	}, os.Stdout)
	if err == nil || !strings.Contains(err.Error(), "has 6 problem(s)") || strings.Count(err.Error(), placeholder) != 6 {
		t.Errorf("%v", err)
	}
}

// TestWhatIsNotSeenInAValueIsSaid: a token that broke over two lines is no word to HTTP, and Slack would be said not to answer.
func TestWhatIsNotSeenInAValueIsSaid(t *testing.T) {
	_, err := readConfig("run", nil, complete("SLACK_BOT_TOKEN=xoxb-\nsecret-1", "CBH_IAM_PASSWORD=secret\u200b-4"), os.Stdout)
	if err == nil || !strings.Contains(err.Error(), "has 2 problem(s)") || strings.Count(err.Error(), unseen) != 2 || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

// TestATokenInTheOthersPlaceIsSaid before anything is tried: while Slack is away, nothing else would.
func TestATokenInTheOthersPlaceIsSaid(t *testing.T) {
	_, err := readConfig("run", nil, complete("SLACK_BOT_TOKEN=xapp-secret-2", "SLACK_APP_TOKEN=xoxb-secret-1"), os.Stdout)
	if err == nil || !strings.Contains(err.Error(), "has 2 problem(s)") || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN holds a token that begins with xapp-") || strings.Contains(err.Error(), "secret-") {
		t.Errorf("%v", err)
	}
}

// TestATokenOfAnotherKindIsForSlackToJudge: one that is renewed begins with xoxe.
func TestATokenOfAnotherKindIsForSlackToJudge(t *testing.T) {
	if _, err := readConfig("run", nil, complete("SLACK_BOT_TOKEN=xoxe.xoxb-1-2", "SLACK_APP_TOKEN=token"), os.Stdout); err != nil {
		t.Error(err)
	}
}

// TestApproversMayBeDividedAsPeopleType: with the comma of a Chinese keyboard, too.
func TestApproversMayBeDividedAsPeopleType(t *testing.T) {
	for _, typed := range []string{"U1,S2", "U1， S2", "U1、S2", "U1;S2", "U1 S2"} {
		c, err := readConfig("run", nil, complete("CBHBOT_APPROVERS="+typed), os.Stdout)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
		} else if set := c.policy().Rules[1].Approvers; len(set.Users) != 1 || len(set.Groups) != 1 {
			t.Errorf("%s: %+v", typed, set)
		}
	}
}

// TestACommaTooManyNamesNobody: neither as an id, nor as somebody who may approve.
func TestACommaTooManyNamesNobody(t *testing.T) {
	c, err := readConfig("run", nil, complete("CBHBOT_APPROVERS=U1, ,S2,"), os.Stdout)
	if set := c.policy().Rules[1].Approvers; err != nil || len(set.Users) != 1 || len(set.Groups) != 1 {
		t.Errorf("%+v, %v", set, err)
	}
	if c, err = readConfig("run", nil, complete("CBHBOT_APPROVERS=,"), os.Stdout); err != nil || len(c.Approvers) > 0 {
		t.Errorf("%+v, %v", c.Approvers, err)
	}
}

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	c, err := readConfig("run", []string{"--cbh-region", "eu-west-101", "--cbhbot-approvers=U1,S2"}, complete("CBHBOT_QUORUM="), os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	if c.endpoint("cbh", c.CBHEndpoint) != "https://cbh.eu-west-101.myhuaweicloud.com" {
		t.Error(c.endpoint("cbh", c.CBHEndpoint))
	}
	rule := c.policy().Rules[1]
	if len(rule.Approvers.Users) != 1 || len(rule.Approvers.Groups) != 1 || rule.Quorum[0].Count != 1 {
		t.Errorf("%+v", rule)
	}
}

func TestHelpListsEverySetting(t *testing.T) {
	var out strings.Builder
	if _, err := readConfig("run", []string{"--help"}, nil, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, s := range settings() {
		if !strings.Contains(out.String(), s.name+", --"+s.flag()) || s.help == "" {
			t.Errorf("%s is not explained", s.name)
		}
	}
}

// exampleNames are the variables that a file of NAME=value lines mentions, also
// those commented out.
func exampleNames(t *testing.T, path string) map[string]string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "#"), "=")
		if ok && name == strings.ToUpper(name) && !strings.Contains(name, " ") {
			names[name] = value
		}
	}
	return names
}

func TestTheExampleHoldsEverySettingItsDefaultAndWhatItIs(t *testing.T) {
	const path = "../../deploy/env.example"
	example := exampleNames(t, path)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(string(raw)) // a comment begins with a capital
	for _, s := range settings() {
		value, ok := example[s.name]
		if !ok {
			t.Errorf("deploy/env.example lacks %s", s.name)
		}
		if s.fallback != "" && value != s.fallback {
			t.Errorf("deploy/env.example has %s=%s, the default is %s", s.name, value, s.fallback)
		}
		if !strings.Contains(text, strings.ToLower("\n# "+s.help+".\n")) {
			t.Errorf("deploy/env.example says something else of %s than: %s.", s.name, s.help)
		}
		delete(example, s.name)
	}
	for name := range example {
		t.Errorf("deploy/env.example has %s, which means nothing", name)
	}
}

func TestRedisURLForms(t *testing.T) {
	for text, want := range map[string]struct {
		addrs, master string
		cluster       bool
		db            int
	}{
		"redis://h:1/2":                   {addrs: "h:1", db: 2},
		"redis://h":                       {addrs: "h:6379"},
		"redis://a:1,b:2":                 {addrs: "a:1 b:2"},
		"redis://[::1]":                   {addrs: "[::1]:6379"},
		"redis://[::1]:1,[fe80::2]":       {addrs: "[::1]:1 [fe80::2]:6379"},
		"redis-cluster://a:1":             {addrs: "a:1", cluster: true},
		"redis+cluster://a:1,b":           {addrs: "a:1 b:6379", cluster: true},
		"redis-sentinel://a:1,b:2/main/3": {addrs: "a:1 b:2", master: "main", db: 3},
		"redis+sentinel://a:1/main":       {addrs: "a:1", master: "main"},
		"redis://a:1?master_name=main":    {addrs: "a:1", master: "main"},
		"rediss+sentinel://a:1/main":      {addrs: "a:1", master: "main"},
	} {
		o, err := redisOptions(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if strings.Join(o.Addrs, " ") != want.addrs || o.MasterName != want.master || o.IsClusterMode != want.cluster || o.DB != want.db {
			t.Errorf("%s: %+v", text, o)
		}
	}
	if _, err := redisOptions("unix:///run/redis.sock"); err == nil || !strings.Contains(err.Error(), `begins with "unix"`) {
		t.Errorf("a socket: %v", err)
	}
	for _, wrong := range []string{"", "redis:///run/redis.sock", "localhost:6379", "http://h", "redis://h/x", "redis://h/-1", "redis://h?tls=true", "redis://h?db=2", "redis-sentinel://h:1", "redis-cluster://h/3", "redis://a,b/3"} {
		if _, err := redisOptions(wrong); err == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}

func TestTheTableHoldsEverySetting(t *testing.T) {
	text, err := os.ReadFile("../../deploy/docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		if row := "| `" + s.name + "` | " + s.help + " | " + s.fallback + " |"; !strings.Contains(string(text), row) {
			t.Errorf("deploy/docs/settings.md lacks the row %s", row)
		}
	}
}
