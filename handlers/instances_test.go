package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

func TestInstancesListsWhatIsKnownOfEach(t *testing.T) {
	d := newDesk(t, DefaultProject)
	cloud := d.clouds[DefaultProject]
	at := now.Add(72 * time.Hour)
	change := func(name string, f func(*cbhemu.Instance)) {
		i := cloud.Instance(name)
		f(&i)
		cloud.Put(i)
	}
	change("bastion-dev", func(i *cbhemu.Instance) { i.UpgradeTime = at })
	change("bastion-dr", func(i *cbhemu.Instance) { i.Status = "SHUTOFF" })
	change("bastion-staging", func(i *cbhemu.Instance) { i.RollbackUntil = at })
	d.types("upgrade bastion-prod sunday 2am")
	golden(t, "instances", content(d.types("instances"))+"\n")
}

func TestNamesThatDoNotFit(t *testing.T) {
	d := newDesk(t, DefaultProject)
	for text, c := range map[string]struct {
		says    string
		buttons []string
	}{
		"instances BASTION-pr":            {"1 bastion:", nil},
		"instances bastoin-prod":          {"Do you mean one of these?", []string{"bastion-prod"}},
		"instances zzz":                   {"There is no instance called `zzz`", nil},
		"status bastion-p":                {"minor upgrade available", nil},
		"status bastion-":                 {"These are the first 5; 1 more fit", []string{"bastion-archive", "bastion-dev", "bastion-dr", "bastion-lab", "bastion-prod"}},
		"cancel bastion-d":                {"Which one do you mean?", []string{"bastion-dev", "bastion-dr"}},
		"policy bastion-d":                {"Which one do you mean?", []string{"bastion-dev", "bastion-dr"}},
		"rollback bastion-d":              {"Which one do you mean?", []string{"bastion-dev", "bastion-dr"}},
		"reschedule bastion-d friday 4am": {"Which one do you mean?", []string{"bastion-dev", "bastion-dr"}},
		"upgrade bastion-d sunday 2am":    {"Which one do you mean?", []string{"bastion-dev", "bastion-dr"}},
	} {
		t.Run(text, func(t *testing.T) {
			m := d.types(text)
			var labels []string
			for _, b := range buttonsOf(m) {
				labels = append(labels, b.label)
			}
			if !strings.Contains(content(m), c.says) || c.buttons != nil && !slices.Equal(labels[:min(len(labels), len(c.buttons))], c.buttons) {
				t.Errorf("%s\nbuttons %v", content(m), labels)
			}
		})
	}
}

func TestAChosenNameContinuesTheCommand(t *testing.T) {
	d := newDesk(t, DefaultProject)
	for _, step := range []struct{ text, want string }{
		{"upgrade bastion-d sunday 2am", "CBH-1 is asked for"},
		{"upgrade bastion-d sunday 3am", "There is an open request for `bastion-dev` already"},
		{"status bastion-d", "`bastion-dev` · version"},
		{"reschedule bastion-d monday 4am -- a holiday", "Moved to"},
		{"cancel bastion-d -- not needed", "is withdrawn"},
		{"rollback bastion-d", "offers no rollback"},
		{"instances bastion-deb", "1 bastion:"},
	} {
		if got := content(d.presses(d.types(step.text), "bastion-dev")); !strings.Contains(got, step.want) {
			t.Errorf("%s: %s", step.text, got)
		}
	}
}

func TestAButtonHasRoomForTheLongestCommand(t *testing.T) {
	d := newDesk(t, DefaultProject)
	d.types("upgrade bastion-dev sunday 2am")
	m := d.types("reschedule bastion-d " + strings.Repeat("monday ", 42) + "-- " + strings.Repeat("<", 500))
	if got := content(d.presses(m, "bastion-dr")); !strings.Contains(got, "There is no open request for `bastion-dr`") {
		t.Errorf("%s", got)
	}
}

func TestCardsGoWhereTheProjectsCardsGo(t *testing.T) {
	c := NewCloud(time.Now, Project{Name: "prod", Channel: "C_PROD"}, Project{Name: "test"})
	for project, want := range map[string]string{"prod": "C_PROD", "test": "C_ASKED", "gone": "C_ASKED"} {
		if got := c.channel(project, "C_ASKED"); got != want {
			t.Errorf("%s: %s", project, got)
		}
	}
}

func TestProjectsWithTheSameNames(t *testing.T) {
	d := newDesk(t, "prod", "test")
	m := d.types("upgrade bastion-prod sunday 2am")
	if got := content(d.presses(m, "test/bastion-prod")); !strings.Contains(got, "CBH-1 is asked for") || !strings.Contains(got, "`test/bastion-prod`") {
		t.Errorf("%s", got)
	}
	if got := content(d.types("upgrade prod/bastion-prod sunday 2am")); !strings.Contains(got, "CBH-2 is asked for") {
		t.Errorf("%s", got)
	}
	for id, project := range map[int64]string{1: "test", 2: "prod"} {
		if r, err := d.Store.Load(context.Background(), id); err != nil || r.Target.Project != project {
			t.Errorf("CBH-%d is for project %q: %v", id, r.Target.Project, err)
		}
	}
	if got := content(d.types("instances")); !strings.Contains(got, "12 bastions:") {
		t.Errorf("%s", got)
	}
}

func TestNamesakesInOneProjectAreToldApart(t *testing.T) {
	d := newDesk(t, DefaultProject)
	twin := cbhemu.Instance{Name: "bastion-prod", HARole: "other", ServerID: "11111111-2222", Version: "3.3.50.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}}
	d.clouds[DefaultProject].Put(twin)
	m := d.types("upgrade bastion-prod sunday 2am")
	if got := content(d.presses(m, "bastion-prod 11111111…")); !strings.Contains(got, "CBH-1 is asked for") {
		t.Fatalf("%s", got)
	}
	if r, err := d.Store.Load(context.Background(), 1); err != nil || r.Target.ServerID != "11111111-2222" || !r.Target.Shared {
		t.Errorf("%+v %v", r.Target, err)
	}
}

func TestAProjectThatCannotBeReadDoesNotHideTheOthers(t *testing.T) {
	d := newDesk(t, "prod", "test")
	d.clouds["test"].Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.10020002", Times: -1})
	if got := content(d.types("instances")); !strings.Contains(got, "6 bastions:") || !strings.Contains(got, "This list is not whole") {
		t.Errorf("%s", got)
	}
	if got := content(d.types("status prod/bastion-lab")); !strings.Contains(got, "up to date") {
		t.Errorf("%s", got)
	}
	if got := content(d.types("status prod/bastion-l")); !strings.Contains(got, "I could not ask the cloud") {
		t.Errorf("a prefix was taken though a project is unread: %s", got)
	}
}

func TestEverybodySharesOneList(t *testing.T) {
	d := newDesk(t, DefaultProject)
	var group sync.WaitGroup
	d.clouds[DefaultProject].Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Second)})
	for n := range 40 {
		group.Go(func() {
			var err error
			if n%2 == 0 {
				_, err = d.Cloud.Survey(context.Background(), DefaultProject)
			} else {
				_, err = d.Cloud.Instances(context.Background())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	d.types("instances")
	if n := d.listCalls(DefaultProject); n != 1 {
		t.Errorf("%d list calls", n)
	}
}

func bastions(n int) []cbhemu.Instance {
	all := make([]cbhemu.Instance, n)
	for i := range all {
		all[i] = cbhemu.Instance{Name: fmt.Sprintf("bastion-%04d", i), Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}}
	}
	return all
}

// thousand fills a project.
func (d *desk) thousand() { d.clouds[DefaultProject].Replace(bastions(1000)) }

// TestAThousandInstances measures what the person waits for: from the command
// to the answer in Slack, with 300 open requests, on a list that is cached.
func TestAThousandInstances(t *testing.T) {
	d := newDesk(t, DefaultProject)
	d.thousand()
	start := time.Now()
	d.types("instances ba")
	cold := time.Since(start)
	d.openRequestsFor(300)
	var took []time.Duration
	for range 21 {
		start := time.Now()
		m := d.types("instances ba")
		took = append(took, time.Since(start))
		if !strings.Contains(content(m), "Bastions 1 to 20 of 1000:") || !strings.Contains(content(m), "CBH-1: waiting for approval") {
			t.Fatalf("%s", content(m))
		}
		d.slack.As(slackemu.UserRita).Reload()
	}
	slices.Sort(took)
	middle, slowest := took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond)
	t.Logf("1,000 instances: the first answer, with the list call, after %s; then, cached, after %s, %s at most", cold.Round(time.Millisecond), middle, slowest)
	if middle > 150*time.Millisecond {
		t.Errorf("an answer takes %s", middle)
	}
	if n := d.listCalls(DefaultProject); n != 1 {
		t.Errorf("%d list calls", n)
	}
}

// openRequestsFor makes pending requests for the first instances.
func (d *desk) openRequestsFor(n int) {
	d.t.Helper()
	all, err := d.Cloud.Instances(context.Background())
	for i := 0; i < n && err == nil; i++ {
		at := now.Add(72 * time.Hour)
		_, err = d.Service.Ask(context.Background(), approvals.Ask{
			Event: fmt.Sprint("open-", i), By: slackemu.UserRita, Action: approvals.Upgrade, Target: all[i].target(),
			At: at, Deadline: at.Add(-25 * time.Hour), Zone: "UTC", Channel: slackemu.ChannelOps,
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestEveryPageOfAThousandFitsIntoSlack(t *testing.T) {
	d := newDesk(t, DefaultProject)
	d.thousand()
	m := d.types("instances")
	seen := strings.Count(content(m), "• ")
	for pages := 1; pages < 50; pages++ {
		m = d.presses(m, "Next")
		seen += strings.Count(content(m), "• ")
	}
	if seen != 1000 || !strings.Contains(content(m), "Bastions 981 to 1000 of 1000:") {
		t.Errorf("%d instances on 50 pages, the last of which says %.60s", seen, content(m))
	}
	if got := content(d.presses(m, "Previous")); !strings.Contains(got, "Bastions 961 to 980 of 1000:") {
		t.Errorf("%.60s", got)
	}
}

// BenchmarkInstancePage is the work of one answer, without Redis and Slack.
func BenchmarkInstancePage(b *testing.B) {
	var all []Instance
	for n := range 1000 {
		all = append(all, Instance{Project: DefaultProject})
		all[n].Name, all[n].Version, all[n].ServerID = fmt.Sprintf("bastion-%04d", n), "3.3.49.0", fmt.Sprint(n)
	}
	for b.Loop() {
		found := filter(all, "ba", contains)
		instancePage(found, nil, nil, Draft{Verb: "instances", Instance: "ba"}, now)
	}
}
