package file

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
)

func TestEveryKeyArrives(t *testing.T) {
	f := whole(t)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	sre, security := approvals.Set{Groups: []string{"S0SRE"}}, approvals.Set{Groups: []string{"S0SEC"}}
	cto := approvals.Set{Users: []string{"U0CTO"}}
	want := policy.Rule{
		Name: "production", Instances: []string{"prod-*", "bastion-prod"}, Projects: []string{"eu"},
		Actions: []approvals.Action{approvals.Upgrade, approvals.Rollback}, Channel: "C0PROD",
		Approvers:  approvals.Set{Groups: []string{"S0SRE", "S0SEC"}},
		Quorum:     approvals.Quorum{{Count: 2, From: sre}, {Count: 1, From: security}},
		Requesters: approvals.Set{Users: []string{"U0BO"}, Groups: []string{"S0SRE"}},
		BreakGlass: cto, Announce: approvals.Announcement{To: security, Channel: "C0ALL"},
		Calendar: calendar.Calendar{
			Windows: []calendar.Window{
				{Hours: calendar.Hours{Days: []time.Weekday{time.Saturday, time.Sunday}, From: 60, To: 300}, Zone: berlin},
				{Hours: calendar.Hours{Days: []time.Weekday{time.Wednesday}, From: 22 * 60, To: 28 * 60}, Zone: berlin},
			},
			Freezes: []calendar.Freeze{
				{From: time.Date(2026, 12, 20, 0, 0, 0, 0, berlin), To: time.Date(2027, 1, 4, 0, 0, 0, 0, berlin), Reason: "year's end"},
				{From: time.Date(2026, 11, 27, 18, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC), Reason: "sale"},
			},
		},
		Override: cto, Expiry: 72 * time.Hour,
		Remind: policy.Reminders{
			At: []float64{0.25, 0.9}, Direct: true,
			Hours: calendar.Hours{Days: []time.Weekday{time.Monday, time.Tuesday}, From: 8 * 60, To: 16*60 + 30},
		},
		Telling: approvals.Telling{
			HeadsUp:   []time.Duration{72 * time.Hour, 2 * time.Hour},
			Broadcast: []approvals.Milestone{approvals.Started, approvals.Finished},
		},
	}
	if got := f.Policy.Rules[1]; !reflect.DeepEqual(got, want) {
		t.Errorf("the rule is\n%+v, not\n%+v", got, want)
	}
	if same := map[string]string{"U0ANA": "U0ANA", "W0ANA": "U0ANA"}; !reflect.DeepEqual(f.Policy.Same, same) {
		t.Errorf("the same are %v", f.Policy.Same)
	}
	if channels := map[string]string{"eu": "C0EU", "asia": ""}; !reflect.DeepEqual(f.Policy.Channels, channels) {
		t.Errorf("the projects' channels are %v", f.Policy.Channels)
	}
	for project, want := range map[string]policy.Language{"eu": policy.English, "asia": policy.SimplifiedChinese, "": policy.SimplifiedChinese} {
		if got := f.Policy.Language(approvals.Target{Project: project}); got != want {
			t.Errorf("cards of %q are in %s", project, got)
		}
	}
	if lead := (policy.Lead{Minor: 90 * time.Minute, CrossVersion: 26 * time.Hour}); f.Policy.Lead != lead {
		t.Errorf("the lead is %+v", f.Policy.Lead)
	}
	projects := []Project{
		{
			Name: "eu", Region: "eu-west-101", ID: "0123456789abcdef",
			Endpoint: "https://cbh.eu.example.com", IAMEndpoint: "http://127.0.0.1:8080",
			Credentials: Credentials{User: "CBH_EU_USER", Password: "CBH_EU_PASSWORD", Domain: "CBH_EU_DOMAIN"},
		},
		{Name: "asia", Region: "ap-southeast-3", ID: "fedcba9876543210", Credentials: Credentials{AK: "CBH_ASIA_AK", SK: "CBH_ASIA_SK"}},
	}
	if !reflect.DeepEqual(f.Projects, projects) {
		t.Errorf("the projects are %+v", f.Projects)
	}
}

func TestWhatTheFileLeavesOut(t *testing.T) {
	f, err := parse("p.yaml", []byte(rule("approvers: {users: [U1], groups: [S1]}")), 0)
	if err != nil {
		t.Fatal(err)
	}
	people := approvals.Set{Users: []string{"U1"}, Groups: []string{"S1"}}
	want := policy.Rule{
		Name: "one", Approvers: people, Quorum: approvals.Quorum{{Count: 1, From: people}}, Remind: policy.UsualReminders(),
		Telling: approvals.Telling{
			HeadsUp: []time.Duration{24 * time.Hour, time.Hour}, Broadcast: []approvals.Milestone{approvals.WentWrong},
		},
	}
	if language := f.Policy.Language(approvals.Target{Project: "x"}); language != policy.English {
		t.Errorf("cards are in %s", language)
	}
	if got := f.Policy.Rules[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("the rule is\n%+v, not\n%+v", got, want)
	}
}

func TestANumberInAllIsFilledUpFromTheApprovers(t *testing.T) {
	f := whole(t)
	cto := approvals.Set{Users: []string{"U0CTO"}}
	all := approvals.Set{Users: []string{"U0ANA", "U0BO", "U0CTO"}}
	want := approvals.Quorum{{Count: 1, From: cto}, {Count: 1, From: all}}
	if got := f.Policy.Rules[4].Quorum; !reflect.DeepEqual(got, want) {
		t.Errorf("the quorum is %+v", got)
	}
}

func TestTheFirstRuleThatMatchesHolds(t *testing.T) {
	policy := whole(t).Policy
	for _, c := range []struct {
		action        approvals.Action
		project, name string
		rule          string // "": none
	}{
		{approvals.Upgrade, "eu", "LEGACY-1", "never"},
		{approvals.Upgrade, "eu", "legacy-10", "the rest of eu"},
		{approvals.Upgrade, "eu", "prod-1", "production"},
		{approvals.Rollback, "eu", "Bastion-Prod", "production"},
		{approvals.Cancel, "eu", "prod-1", "cancels"},
		{approvals.Rollback, "eu", "other", "the rest of eu"},
		{approvals.Upgrade, "asia", "prod-1", ""},
		{approvals.Upgrade, "asia", "prod-test", "rule 5"},
		{approvals.Cancel, "asia", "prod-test", ""},
	} {
		got := ""
		if rule := policy.Rule(c.action, approvals.Target{Project: c.project, Name: c.name}); rule != nil {
			got = rule.Name
		}
		if got != c.rule {
			t.Errorf("%s of %s in %s: rule %q, not %q", c.action, c.name, c.project, got, c.rule)
		}
	}
}

func whole(t *testing.T) *File {
	t.Helper()
	f, err := Read("testdata/whole.yaml", 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWhoseRequestsNobodyCanApprove: theirs of whom too few others are named. A group may
// be enough.
func TestWhoseRequestsNobodyCanApprove(t *testing.T) {
	for text, want := range map[string][]string{
		rule("approvers: {users: [U1, U2]}"):                                                           nil,
		rule("approvers: {users: [U1, U2]}", "quorum: 2"):                                              {"U1", "U2"},
		rule("approvers: {users: [U1, U2]}", "quorum: 2", "self_approval: true"):                       nil,
		rule("approvers: {users: [U1], groups: [S1]}", "quorum: 2"):                                    nil,
		"same:\n- [U1, W1]\n" + rule("approvers: {users: [U1, W1, U2, U3]}", "quorum: 2"):              nil,
		"same:\n- [U1, W1]\n" + rule("approvers: {users: [U1, W1, U2]}", "quorum: 2"):                  {"U1", "W1", "U2"},
		rule("approvers: {users: [U1, U2, U3]}", "quorum: {from: [{users: [U1]}, {users: [U2, U3]}]}"): {"U1"},
	} {
		f, err := parse("p.yaml", []byte(text), 100*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Stuck(f.Policy.Rules[0]); !slices.Equal(got, want) {
			t.Errorf("%s\n%v, not %v", text, got, want)
		}
	}
}
