package file

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// problemsIn parses a file that is written with the problems it has: a line that
// ends in "# ! a ! b" has two, whose texts contain a and b. Both are returned as
// "line: text".
func problemsIn(t *testing.T, text string) (got []Problem, want map[int][]string) {
	t.Helper()
	want = map[int][]string{}
	line := 0
	for l := range strings.Lines(text) {
		line++
		_, comment, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "# ! ")
		if comment != "" {
			want[line] = strings.Split(comment, " ! ")
		}
	}
	_, err := parse("p.yaml", []byte(text), 100*time.Hour)
	var bad *Error
	if errors.As(err, &bad) {
		got = bad.Problems
	} else if err != nil {
		t.Fatal(err)
	}
	return got, want
}

// rule is a file with one rule and more keys.
func rule(lines ...string) string {
	return "version: 1\nrules:\n- name: one\n  " + strings.Join(lines, "\n  ") + "\n"
}

const ana = "approvers: {users: [U0ANA]}"

// project is a file with one project and other keys.
func project(lines ...string) string {
	return "version: 1\nprojects:\n- name: eu\n  " + strings.Join(lines, "\n  ") + "\n"
}

func TestEveryProblemIsReportedWithItsLine(t *testing.T) {
	for name, text := range map[string]string{
		"a good file":         rule(ana),
		"an empty policy":     "version: 1\nrules: []\n",
		"nothing":             "# ! the file is empty\n",
		"not a mapping":       "- a # ! must be keys and values, not a list\n",
		"text":                "hello # ! must be keys and values, not text\n",
		"two documents":       "version: 1\n--- # ! second document\nversion: 1\n",
		"no version":          "rules: [] # ! version: 1 is missing\n",
		"another version":     "version: 2 # ! version: is 2; this program reads version 1\n",
		"version as text":     "version: one # ! version: must be a whole number, not text\n",
		"a lead of no length": rule(ana) + "lead: {minor: 0s} # ! minor: \"0s\" is no duration of a minute or more\n",
		"leads too long":      rule(ana) + "lead: {minor: 99h, cross_version: 100h} # ! cross_version: 100 h of notice is not less than the 100 h that an upgrade may lie ahead (CBHBOT_MAX_LEAD)\n",
		"a lead as a number":  rule(ana) + "lead: {minor: 2} # ! minor: \"2\" is no duration of a minute or more\n",
		"a lead of another":   rule(ana) + "lead: {rollback: 24h} # ! unknown key \"rollback\" in lead; the keys are cross_version, minor\n",
		"a lead for all":      rule(ana) + "lead: 24h # ! lead: must be keys and values, not text\n",
		"another language":    rule(ana) + "language: de # ! \"de\" is no language of this program: en or zh-CN\n",
		"a language's family": rule(ana) + "language: zh # ! \"zh\" is no language of this program\n",
		"one of a project":    project("region: x", "project_id: abc", "language: zh-cn # ! language: \"zh-cn\" is no language"),
		"no heads-ups":        rule(ana, "heads_up: []", "broadcast: []"),
		"heads-ups":           rule(ana, "heads_up: [0h, 1h, 60m, 1000h, soon] # ! heads_up: \"0h\" is no duration ! 1h0m0s is listed twice ! 1000 h must be at most 720 h ! \"soon\" is no duration"),
		"many heads-ups":      rule(ana, "heads_up: [1h, 2h, 3h, 4h, 5h, 6h] # ! heads_up: names 6 times; at most 5 are given"),
		"one for a cancel":    rule(ana, "actions: [cancel]", "heads_up: [1h] # ! heads_up means nothing in a rule that is not for upgrade"),
		"broadcasts":          rule(ana, "broadcast: [failed, begun, failed] # ! \"begun\" is nothing that goes to the channel: started, finished or failed ! failed is listed twice"),
		"a broadcast of text": rule(ana, "broadcast: failed # ! broadcast: must be a list, in [ ] or with a dash before each, not text"),
		"a huge version":      "version: 99999999999999999999999 # ! whole number\n",
		"a broken line":       "version: 1\nrules: [ # ! not YAML\n",
		"a line too far in":   rule("instances:", "  - prod-*", ana, " quorum: 2 # ! not YAML", "dm: true"),
		"a line too far out":  rule(ana, "instances:", "  - prod-*") + " quorum: 2 # ! not YAML: did not find expected key\n",
		"a colon left out":    rule(ana, "windows # ! not YAML", "  - {from: '01:00'}"),
		"an open bracket":     rule("approvers: {users: [U0ANA] # ! not YAML", "quorum: 2", "dm: true"),
		"an open text":        rule(ana, "instances: [\"prod-*] # ! not YAML: found unexpected end of stream", "quorum: 2") + "# the end\n",
		"a tab":               "version: 1\nrules:\n\t- a # ! with spaces, not with tabs\n",
		"text, and a key":     "version 1 # text\nrules: [] # ! not YAML: did not find expected <document start>\n",
		"an unknown alias":    "version: 1\nrules: *x # ! not YAML: unknown anchor 'x' referenced; what begins with * goes in quotes\n",
		"a star by itself":    "version: 1\nrules:\n- instances: [*] # ! what begins with * goes in quotes\n",
		"unknown key on top":  "version: 1\nrule: [] # ! unknown key \"rule\" in the file; the keys are language, lead, names, projects, rules, same, version\n",
		"a merge key":         "version: 1\nrules:\n- &a {name: a, approvers: nobody, actions: [upgrade]}\n- <<: *a # ! unknown key \"<<\" in a rule ! a rule needs approvers\n",
		"a key twice":         "version: 1\nrules: []\nversion: 1 # ! the key \"version\" stands here a second time; the first is on line 1\n",
		"a list as a key":     "version: 1\n? [a] # ! a key must be plain text\n: b\n",
		"rules of nothing":    "version: 1\nrules: # ! rules: must be a list, in [ ] or with a dash before each, not nothing\n",
		"a rule of text":      "version: 1\nrules: [a] # ! rules: must be keys and values, not text\n",
		"two of one name":     rule(ana, "actions: [cancel]", "name: one # ! stands here a second time") + "- name: one # ! the name \"one\" is taken by the rule on line 3\n  " + ana + "\n",

		"unknown key in a rule": rule(ana, "approver: {} # ! unknown key \"approver\" in a rule"),
		"empty lists": rule(ana, "instances: [] # ! instances: is an empty list", "projects: [] # ! projects: is an empty list",
			"actions: [] # ! actions: is an empty list", "windows: [] # ! windows: is an empty list"),
		"wrong types": rule("approvers: [U0ANA] # ! approvers: must be keys and values, as in {users: [U012ABCDEF], groups: [S345GHIJKL]}, not a list", "instances: prod-* # ! instances: must be a list, in [ ] or with a dash before each, not text",
			"self_approval: yes # ! self_approval: must be true or false, not text", "dm: 1 # ! dm: must be true or false, not a number",
			"channel: # ! channel: must be text, not nothing", "expiry: 72 # ! expiry: \"72\" is no duration of a minute or more, such as 72h", "quorum: two # ! quorum: must be a whole number, not text"),
		"a name that is none":   "version: 1\nrules:\n- name: \"\" # ! name: must be one line of text\n  " + ana + "\n",
		"a pattern with a set":  rule(ana, "instances: ['prod-[12]'] # ! a pattern knows * for any characters"),
		"a pattern twice":       rule(ana, "instances: [a, b, a] # ! instances: a is listed twice"),
		"an unknown project":    rule(ana, "projects: [eu] # ! unknown project \"eu\"; known are default"),
		"an unknown action":     rule(ana, "actions: [reboot] # ! \"reboot\" is no action"),
		"a bad channel":         rule(ana, "channel: \"#ops\" # ! \"#ops\" does not look like the id of a channel"),
		"bad ids":               rule("approvers:", "  users: [ana, S0SRE, W0ANA] # ! \"ana\" does not look like the id of a user ! \"S0SRE\"", "  groups: [U0ANA] # ! \"U0ANA\" does not look like the id of a user group"),
		"an empty set":          rule("approvers: {} # ! approvers: names nobody: name them, as in approvers: {users: [U012ABCDEF], groups: [S345GHIJKL]}; that nobody can approve is written as approvers: nobody"),
		"an empty list in it":   rule("approvers: {users: []} # ! approvers: names nobody: name them, as in"),
		"empty lists in it":     rule("approvers: {users: [], groups: } # ! approvers: names nobody: name them, as in"),
		"an empty value":        rule("approvers: # ! approvers: names nobody: name them, as in"),
		"an empty list of them": rule("approvers: [] # ! approvers: names nobody: name them, as in"),
		"one empty list of two": rule("approvers: {users: [U1], groups: []} # ! groups: is an empty list: write one at least, or leave the key out"),
		"a user twice":          rule("approvers: {users: [U1, U1]} # ! users: U1 is listed twice"),
		"no approvers":          "version: 1\nrules:\n- name: one # ! a rule needs approvers\n",
		"too short an expiry":   rule(ana, "expiry: 5s # ! \"5s\" is no duration"),
		"expiry in days":        rule(ana, "expiry: 3 days # ! \"3 days\" is no duration"),
		"an empty announcement": rule(ana, "break_glass: {users: [U1], announce: {}} # ! announce: names nobody"),
		"a typo in it":          rule(ana, "break_glass: {users: [U1], anounce: {}} # ! unknown key \"anounce\" in break_glass; the keys are announce, groups, users"),
		"reminders":             rule(ana, "reminders: [0, 1, 50, .nan, half] # ! between 0 and 1 ! between 0 and 1 ! between 0 and 1 ! between 0 and 1 ! not text"),
		"nobody is reminded":    rule(ana, "reminders: []"),

		"a quorum of none":             rule(ana, "quorum: 0 # ! quorum: must be 1 or more"),
		"a quorum larger than the set": rule(ana, "quorum: 2 # ! the quorum wants 2 of 1 named"),
		"one human twice":              "same:\n- [U1, W1]\n" + rule("approvers: {users: [U1, W1]}", "quorum: 2 # ! the quorum wants 2 of 1 named"),
		"a group may be enough":        rule("approvers: {users: [U1], groups: [S1]}", "quorum: 5"),
		"empty keys":                   rule(ana, "quorum: {} # ! quorum: needs n or from"),
		"larger than a set of it":      rule("quorum: {from: [{n: 1, groups: [S1]}, {n: 2, users: [U1]}]} # ! the quorum wants 2 of 1 named"),
		"larger than all together":     rule("quorum: {from: [{users: [U1]}, {users: [U1]}]} # ! wants more people than are named, each counted once"),
		"less than its sets":           rule("quorum: {n: 1, from: [{n: 2, groups: [S1]}]} # ! the quorum is 1 in all, but its sets want 2"),
		"from others":                  rule(ana, "quorum: {from: [{groups: [S1]}]} # ! the quorum wants S1, who is not among the approvers"),
		"nobody, twice":                rule("approvers: nobody", "quorum: 2 # ! quorum means nothing where nobody may approve"),

		"windows": rule(ana, "windows:",
			"- {from: '22:00', to: '04:00', zone: UTC} # ! to must be later than from",
			"- {from: '22:00', to: 04:00 next day, zone: UTC}",
			"- {from: '22:00', to: '22:00', zone: UTC} # ! to must be later than from",
			"- {from: '22:00', to: 22:01 next day, zone: UTC} # ! more than a day",
			"- {from: 01:00 next day, to: 05:00 next day, zone: UTC} # ! from must be before 24:00",
			"- {from: '01:00', to: '02:59', zone: UTC} # ! open for 2 hours or more",
			"- {from: '1:00', to: '25:00', zone: UTC} # ! \"1:00\" is no time of day ! \"25:00\" is no time of day",
			"- {from: '00:00', to: '24:00', zone: Local} # ! unknown zone \"Local\"",
			"- {from: '00:00', to: '24:00', zone: Mars/Base} # ! unknown zone \"Mars/Base\"",
			"- {from: '00:00', to: '24:00', zone: ''} # ! zone: must be one line of text",
			"- {from: '00:00', days: [sat, someday]} # ! a window needs to ! a window needs zone ! \"someday\" is no weekday"),
		"working hours": rule(ana, "working_hours: {days: [mon], from: '18:00', to: '09:00'} # ! to must be later than from"),
		"freezes": rule(ana, "freezes:",
			"- {from: 2026-12-20, to: 2026-12-20, zone: UTC, reason: a day}",
			"- {from: 2026-12-20, to: 2026-12-19, zone: UTC, reason: back} # ! ends before it begins",
			"- {from: 2026-12-20 10:00, to: 2026-12-20 10:00, zone: UTC, reason: none} # ! ends before it begins",
			"- {from: 2026-02-30, to: 20.12.2026, zone: UTC, reason: dates} # ! \"2026-02-30\" is no date ! \"20.12.2026\" is no date",
			"- {from: 2026-12-20} # ! a freeze needs to ! a freeze needs zone ! a freeze needs reason"),
		"an override of nothing": rule(ana, "window_override: {users: [U1]} # ! window_override means nothing without windows or freezes"),
		"windows without upgrade": rule(ana, "actions: [cancel]",
			"windows: [{from: '00:00', to: '24:00', zone: UTC}] # ! windows means nothing in a rule that is not for upgrade"),
		"cancel_alone without cancel": rule(ana, "actions: [upgrade]", "cancel_alone: true # ! cancel_alone means nothing in a rule that is not for cancel"),

		"a rule behind one for everything": rule(ana) + "- approvers: nobody # ! this rule can never match: what it matches is matched first by the rule on line 3\n",
		"a rule behind a wider pattern": rule(ana, "instances: ['Prod-*']") + "- instances: [prod-eu-*, 'prod-?'] # ! can never match\n  " + ana + "\n" +
			"- instances: [prod-1, other]\n  " + ana + "\n",
		"a rule behind two that share it": rule(ana, "actions: [upgrade]") + "- actions: [cancel, rollback]\n  " + ana + "\n" +
			"- instances: [x] # ! matched first by the rule on line 3 or 6\n  approvers: nobody\n",

		"names":                  "version: 1\nnames:\n  ana: U0ANA # ! names: \"ana\" does not look like the id\n  U0BO: 1 # ! names: must be text, in quotes, not a number\n",
		"same":                   "version: 1\nsame:\n- [U1, U2]\n- [U3] # ! one account is the same as no other\n- [U4, U2] # ! U2 is in two lists\n- U5 # ! same: must be a list, in [ ] or with a dash before each, not text\n",
		"a whole project":        project("region: eu-west-101", "project_id: abc"),
		"no projects":            "version: 1\nprojects: [] # ! projects: is an empty list\n",
		"a project of nothing":   "version: 1\nprojects:\n- {} # ! needs name ! needs project_id ! needs a region\n",
		"one endpoint":           "version: 1\nprojects:\n- name: eu # ! a project needs a region, or both endpoint and iam_endpoint\n  project_id: abc\n  endpoint: https://cbh.example.com\n",
		"an endpoint is enough":  project("project_id: abc", "endpoint: https://cbh.example.com", "credentials: {ak: A_B, sk: C_D}"),
		"endpoints":              project("project_id: abc", "endpoint: http://cbh.example.com # ! must be https", "iam_endpoint: https://iam.example.com/v3 # ! without a path"),
		"endpoints by address":   project("project_id: abc", "endpoint: http://10.0.0.1 # ! must be https", "iam_endpoint: https:// # ! must be scheme and host"),
		"other schemes":          project("project_id: abc", "endpoint: ftp://127.0.0.1 # ! must be scheme and host", "iam_endpoint: 127.0.0.1 # ! must be scheme and host"),
		"on this machine":        project("project_id: abc", "endpoint: http://localhost:8080", "iam_endpoint: http://[::1]:8080"),
		"a name for a command":   "version: 1\nprojects:\n- name: a b # ! \"a b\" does not look like a name\n  project_id: abc\n  region: x\n",
		"two projects alike":     project("region: x", "project_id: abc") + "- {name: eu, region: x, project_id: abc} # ! two projects called ! the same project_id\n",
		"credentials of two":     project("region: x", "project_id: abc", "credentials: {user: A_B, ak: C_D} # ! must be either user, password and domain, or ak and sk"),
		"credentials of nothing": project("region: x", "project_id: abc", "credentials: {} # ! must be either"),
		"half of them":           project("region: x", "project_id: abc", "credentials: {user: A_B, password: C_D} # ! must be either"),
		"without a user":         project("region: x", "project_id: abc", "credentials: {password: A_B, domain: C_D} # ! must be either"),
		"without a password":     project("region: x", "project_id: abc", "credentials: {user: A_B, domain: C_D} # ! must be either"),
		"without a secret key":   project("region: x", "project_id: abc", "credentials: {ak: A_B, security_token: C_D} # ! must be either"),
		"without an access key":  project("region: x", "project_id: abc", "credentials: {sk: A_B} # ! must be either"),
		"only a token":           project("region: x", "project_id: abc", "credentials: {security_token: A_B} # ! must be either"),
		"a token beside them":    project("region: x", "project_id: abc", "credentials: {user: A_B, password: C_D, domain: E_F, security_token: G_H} # ! must be either"),
		"a value for a name":     project("region: x", "project_id: abc", "credentials: {ak: HPUASECRET0123456789, sk: s3cret/Value} # ! ak: must be the name of an environment variable ! sk: must be the name"),
	} {
		got, want := problemsIn(t, text)
		missing := map[int][]string{}
		for line, texts := range want {
			missing[line] = slices.Clone(texts)
		}
		for _, p := range got {
			i := slices.IndexFunc(missing[p.Line], func(text string) bool { return strings.Contains(p.Text, text) })
			if i < 0 {
				t.Errorf("%s: line %d, unexpected: %s", name, p.Line, p.Text)
				continue
			}
			missing[p.Line] = slices.Delete(missing[p.Line], i, i+1)
		}
		for line, texts := range missing {
			for _, text := range texts {
				t.Errorf("%s: line %d, not reported: %s", name, line, text)
			}
		}
	}
}

func TestProblemsNeverHoldCredentials(t *testing.T) {
	for _, text := range []string{
		project("region: x", "project_id: abc", "credentials: {user: u, password: s3cret, domain: [s3cret]}"),
		project("region: x", "project_id: abc", "credentials: {ak: s3cret, sk: {s3cret: s3cret}}"),
		project("region: x", "project_id: abc", "credentials: s3cret"),
		project("project_id: abc", "endpoint: https://user:s3cret@example.com", "iam_endpoint: https://s3cret@[::1"),
	} {
		_, err := parse("p.yaml", []byte(text), 100*time.Hour)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}

func TestProblemsAreLinesOfTheFile(t *testing.T) {
	_, err := parse("deploy/p.yaml", []byte("version: 2\nrulez: []\n"), 0)
	const want = "the policy file has 2 problem(s):\n  deploy/p.yaml:1: version: is 2; this program reads version 1\n" +
		"  deploy/p.yaml:2: unknown key \"rulez\" in the file; the keys are language, lead, names, projects, rules, same, version"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestAliasesStandForWhatTheyName(t *testing.T) {
	f, err := parse("p.yaml", []byte(rule("approvers: &sre {groups: [S0SRE]}", "break_glass: *sre")), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Policy.Rules[0].BreakGlass.Groups; !slices.Equal(got, []string{"S0SRE"}) {
		t.Errorf("%v may break glass", got)
	}
}

func TestAFileMustBeOfASensibleSize(t *testing.T) {
	path := policyAt(t, "# "+strings.Repeat("x", maxSize))
	if _, err := Read(path, 0); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}

// TestAPipeThatNobodyWritesToIsNotWaitedFor: whoever waits does not end at a SIGTERM.
func TestAPipeThatNobodyWritesToIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, 0); err == nil || !strings.Contains(err.Error(), "the file is empty") {
		t.Errorf("%v", err)
	}
}

// TestALongOpenListIsSoonRefused where it ends: to find where it begins takes the square of its length.
func TestALongOpenListIsSoonRefused(t *testing.T) {
	_, err := parse("p.yaml", []byte(rule("approvers: {users: [")+strings.Repeat("  U0ANA,\n", 2000)), 0)
	if bad, _ := errors.AsType[*Error](err); bad == nil || bad.Problems[0].Line < 2000 {
		t.Errorf("%v", err)
	}
}

func FuzzPolicy(f *testing.F) {
	text, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(rule("approvers: &a {users: [*a]}")))
	f.Add([]byte("&a [*a]"))
	f.Add([]byte("version: !!binary x\n? {a: b}\n: c\n<<: [*x]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parse("p.yaml", text, 0)
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		if again, err2 := parse("p.yaml", text, 0); (again == nil) != (file == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%v, then %v", err, err2)
		}
	})
}

// TestAColonOfAChineseKeyboardIsNamed, on its line: where the parser stumbles is often the next.
func TestAColonOfAChineseKeyboardIsNamed(t *testing.T) {
	for text, line := range map[string]int{
		"version：1\nrules: []\n":            1,
		"version: 1\nrules：[]\n":            2,
		"version：1 # a file\nrules: []\n":   1,
		rule("approvers：", "  users: []"):   4,
		rule("approvers:", "  users： []"):   5,
		rule(ana, "freezes: [{reason： x}]"): 5,
	} {
		_, err := parse("p.yaml", []byte(text), 0)
		bad, _ := errors.AsType[*Error](err)
		if bad == nil || bad.Problems[0].Line != line || !strings.Contains(err.Error(), "the colon behind a key is : and not ：") {
			t.Errorf("%s\n%v", text, err)
		}
	}
	if _, err := parse("p.yaml", []byte("rules: [}\n# 注意：\n"), 0); strings.Contains(err.Error(), "：") {
		t.Errorf("of a comment: %v", err)
	}
}
