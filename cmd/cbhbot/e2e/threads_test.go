package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/client/cbhemu"
)

// story is one way in which an upgrade can go: what the cloud does, and what
// people and time do.
type story struct {
	seed  string // of the cloud; "": prod
	tells func(*box)
}

// stories are the cloud's scenarios, faults and switches, under the name of the
// thread that comes of each.
var stories = map[string]story{
	"scheduled (verified), running, succeeded": {tells: func(b *box) {
		b.starts()
		b.skip(34 * time.Minute)
		b.sees("*Finished.*")
	}},
	"running": {tells: func(b *box) {
		b.starts()
		b.skip(16 * time.Minute)
		b.sees("Running for 17 min")
	}},
	"scheduled, and about to come": {tells: func(b *box) {
		b.scheduled()
		b.skip(untilStart - 24*time.Hour + time.Minute)
		b.holds(3)
		b.skip(23 * time.Hour)
		b.holds(4)
	}},
	"accepted, not yet visible": {tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{Lag: cbhemu.Duration(3 * time.Minute)})
		b.approves("upgrade bastion-prod sunday 2am")
		b.sees("not yet read back")
		b.skip(time.Minute)
		b.sees("*Accepted, not yet visible.*")
		b.skip(3 * time.Minute)
		b.sees("*Scheduled.*")
	}},
	"scheduled by a cloud that keeps whole minutes, cancelled": {tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{Round: cbhemu.Duration(time.Minute), CancelNeedsTime: true})
		b.approves("upgrade bastion-prod 2026-11-28T18:00:40Z")
		b.sees("*Scheduled.*")
		b.approves("cancel bastion-prod -- the release slipped")
		b.sees("*Cancelled.* CBH-2")
	}},
	"changed outside - cancelled in the console": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = time.Time{} })
		b.passes(16*time.Minute, "*Changed outside.*")
	}},
	"changed outside - moved in the console": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = i.UpgradeTime.Add(24 * time.Hour) })
		b.passes(16*time.Minute, "*Changed outside.*")
		b.presses(rita, b.sees("*Changed outside.*"), "Cancel that upgrade")
		b.sees("CBH-2 waiting for approval: Cancel the upgrade of bastion-prod")
	}},
	"changed outside - moved in the console, and taken back": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = i.UpgradeTime.Add(24 * time.Hour) })
		b.passes(16*time.Minute, "*Changed outside.*")
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = time.Time{} })
		b.passes(16*time.Minute, "*Taken back.*")
	}},
	"changed outside - moved in the console, and it runs": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = i.UpgradeTime.Add(24 * time.Hour) })
		b.passes(16*time.Minute, "*Changed outside.*")
		b.skipTo(untilStart + 24*time.Hour + time.Minute)
		b.sees("*Started.*")
		b.skip(33 * time.Minute)
		b.sees("*Finished.*")
	}},
	"changed outside - moved in the console, and back": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = i.UpgradeTime.Add(24 * time.Hour) })
		b.passes(16*time.Minute, "*Changed outside.*")
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = i.UpgradeTime.Add(-24 * time.Hour) })
		b.passes(16*time.Minute, "*Changed back.*")
	}},
	"changed outside - upgraded in the console": {tells: func(b *box) {
		b.scheduled()
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime, i.Version, i.Path = time.Time{}, "3.3.52.1", nil })
		b.passes(16*time.Minute, "*Changed outside.*")
	}},
	"changed outside - deleted": {tells: func(b *box) {
		b.scheduled()
		b.send(http.MethodDelete, "/_control/cbh/instances/bastion-prod", nil, nil)
		b.passes(16*time.Minute, "*Changed outside.*")
	}},
	"failed - the same version": {seed: "will fail", tells: func(b *box) {
		b.starts()
		b.skip(34 * time.Minute)
		b.passes(time.Minute, "*Failed.*")
	}},
	"failed - an error state": {seed: "ends in error", tells: func(b *box) {
		b.starts()
		b.skip(20 * time.Minute)
		b.passes(time.Minute, "*Failed.*")
	}},
	"stuck, and closed": {seed: "gets stuck", tells: func(b *box) {
		b.starts()
		b.skip(4*time.Hour + time.Minute)
		b.presses(rita, b.sees("*Stuck.*"), "Stop following")
		b.sees("*Closed* by")
	}},
	"stuck, and over in the end": {seed: "gets stuck", tells: func(b *box) {
		b.starts()
		b.skip(4*time.Hour + time.Minute)
		b.sees("*Stuck.*")
		b.changes(func(i *cbhemu.Instance) {
			i.Status, i.TaskStatus, i.InstanceStatus, i.UpgradeTime, i.Version, i.Path = "", "", "", time.Time{}, "3.3.52.1", nil
		})
		b.passes(16*time.Minute, "*Finished.*")
	}},
	"failed - the cloud offers a rollback": {tells: func(b *box) {
		b.starts()
		b.skip(20 * time.Minute)
		b.changes(func(i *cbhemu.Instance) {
			i.Status, i.TaskStatus, i.InstanceStatus, i.UpgradeTime = "", "", "", time.Time{}
			i.RollbackUntil = i.CreatedAt.AddDate(9, 0, 0)
		})
		b.passes(time.Minute, "*Failed.*")
	}},
	"missed": {seed: "never starts", tells: func(b *box) {
		b.scheduled()
		b.skip(untilStart + 31*time.Minute)
		b.sees("*Missed.*")
	}},
	"replaced, succeeded, rolled back": {seed: "changes ids", tells: func(b *box) {
		b.starts()
		b.skip(80 * time.Minute)
		b.sees("*Another server id.*")
		b.sees("*Finished.*")
		b.approves("rollback bastion-prod -- nobody can log in")
		b.sees("*Rollback started.*")
		b.skip(20 * time.Minute)
		b.sees("*Rolled back.*")
	}},
	"second hop": {seed: "old two-hop", tells: func(b *box) {
		b.starts()
		b.skip(34 * time.Minute)
		b.presses(rita, b.sees("*Finished.*"), "Schedule the second upgrade")
		b.get("/_control/slack/views?wait=30s&user="+rita, nil)
		b.acked("/_control/slack/submit", object{"user": rita, "values": object{"time": boxBegins().Add(6 * 24 * time.Hour).Unix()}})
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("the cloud holds the upgrade of `bastion-prod` for <!date^" + fmt.Sprint(boxBegins().Add(6*24*time.Hour).Unix()))
	}},
	"a pair": {seed: "HA pair", tells: func(b *box) {
		b.starts()
		b.skip(34 * time.Minute)
		b.sees("*Finished.*")
	}},
	"a pair whose parts are upgraded in turn": {seed: "HA pair", tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{PairInTurn: true})
		b.starts()
		b.skip(34 * time.Minute)
		b.sees("*Roles changed.*")
		b.skip(34 * time.Minute)
		b.sees("*Finished.*")
	}},
	"a pair that changes its roles while it is scheduled": {seed: "HA pair", tells: func(b *box) {
		b.scheduled()
		b.send(http.MethodPost, "/_control/cbh/switch", object{"name": "bastion-prod"}, nil)
		b.passes(16*time.Minute, "*Roles changed.*")
		b.skipTo(untilStart - 59*time.Minute)
		b.sees("*Upgrade ahead.*")
		b.skipTo(untilStart + time.Minute)
		b.sees("*Started.*")
		b.skip(33 * time.Minute)
		b.sees("*Finished.*")
	}},
	"active in the middle of the restart": {tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{ActiveMidRestart: true, HideUpgradeTime: true, KeepUpgradeTime: true})
		b.starts()
		b.skip(29 * time.Minute)
		b.skip(5 * time.Minute)
		b.sees("*Finished.*")
	}},
	"the cloud cannot be read for a while": {tells: func(b *box) {
		b.scheduled()
		b.fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Status: http.StatusForbidden, Times: -1})
		b.skip(untilStart + time.Minute)
		b.looked()
		b.passes(6*time.Minute, "*I cannot see.*")
		b.skip(40 * time.Minute)
		b.unfault()
		b.passes(2*time.Minute, "*Finished.*")
	}},
	"moved while it is scheduled": {tells: func(b *box) {
		b.scheduled()
		b.types("reschedule CBH-1 monday 3am -- the release slipped", "CBH-2 is recorded; its card goes to")
		b.presses(ana, b.sees("Move the upgrade of bastion-prod (Mon 30 Nov"), "Approve")
		b.sees("the cloud holds the upgrade of `bastion-prod` for <!date^" + fmt.Sprint(boxBegins().Add(untilStart+25*time.Hour).Unix()))
		b.skip(untilStart + 25*time.Hour + time.Minute)
		b.sees("*Started.*")
	}},
	"moved with the button, and the second step is refused": {tells: func(b *box) {
		b.scheduled()
		b.presses(rita, b.sees("Upgrade bastion-prod (Sun 29 Nov"), "Reschedule")
		b.get("/_control/slack/views?wait=30s&user="+rita, nil)
		b.acked("/_control/slack/submit", object{"user": rita, "values": object{"time": boxBegins().Add(6 * 24 * time.Hour).Unix()}})
		b.fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultDocumented, Status: http.StatusConflict, Message: "The instance has a task."})
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.presses(rita, b.sees("*nothing is scheduled any more*"), "Ask for the old time")
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("the cloud holds the upgrade of `bastion-prod` for <!date^" + fmt.Sprint(boxBegins().Add(untilStart).Unix()))
	}},
	"moved too close to the old time": {tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{CancelNeedsLead: true})
		b.scheduled()
		b.skip(untilStart - 10*time.Hour)
		b.types("reschedule bastion-prod tuesday 3am", "CBH-2 is recorded; its card goes to")
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("*Not moved*")
	}},
	"cancelled": {tells: func(b *box) {
		b.scheduled()
		b.approves("cancel bastion-prod -- the release slipped")
		b.sees("*Cancelled.* CBH-2")
		b.sees("the cloud holds no upgrade of `bastion-prod`")
	}},
	"cancel refused after the start": {tells: func(b *box) {
		b.starts()
		b.types("cancel bastion-prod", "has started, and a started upgrade cannot be cancelled")
		b.skip(34 * time.Minute)
		b.sees("*Finished.*")
	}},
	"cancel refused close to the time": {tells: func(b *box) {
		b.cloud(cbhemu.Behaviour{CancelNeedsLead: true})
		b.scheduled()
		b.skip(untilStart - 10*time.Hour)
		b.approves("cancel bastion-prod")
		b.sees("*Not cancelled*")
	}},
	"cancel of an upgrade from outside": {tells: func(b *box) {
		b.changes(func(i *cbhemu.Instance) { i.UpgradeTime = boxBegins().Add(3 * 24 * time.Hour) })
		b.presses(rita, b.types("upgrade bastion-prod sunday 2am", "outside the bot"), "Cancel that upgrade")
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("the cloud holds no upgrade of `bastion-prod`")
	}},
	"cancel not approved before the start": {tells: func(b *box) {
		b.scheduled()
		b.types("cancel bastion-prod", "is recorded; its card goes to")
		b.skip(untilStart + time.Minute)
		b.sees("*Started.*")
		b.sees("*Expired.*")
	}},
	"cancel - reset after it took effect": {tells: func(b *box) {
		b.scheduled()
		b.fault(cbhemu.Fault{Op: cbhemu.OpCancel, Kind: cbhemu.FaultResetAfter})
		b.approves("cancel bastion-prod")
		b.passes(5*time.Second, "*Cancelled.* CBH-2")
		b.sees("the cloud holds no upgrade of `bastion-prod`")
	}},
	"cancel - 500 before it took effect": {tells: func(b *box) {
		b.scheduled()
		b.fault(cbhemu.Fault{Op: cbhemu.OpCancel, Kind: cbhemu.FaultDocumented, Code: "CBH.10020000", Message: "Unknown error."})
		b.approves("cancel bastion-prod")
		b.sees("*Unclear.*")
		b.passes(30*time.Second, "*Cancelled.* CBH-2")
		b.sees("the cloud holds no upgrade of `bastion-prod`")
	}},
	"rollback refused": {tells: func(b *box) {
		b.changes(func(i *cbhemu.Instance) { i.RollbackUntil = boxBegins().Add(24 * time.Hour) })
		b.fault(cbhemu.Fault{Op: cbhemu.OpRollback, Kind: cbhemu.FaultDocumented, Status: http.StatusBadRequest, Code: "CBH.10020009", Message: "Invalid parameter."})
		b.approves("rollback bastion-prod -- nobody can log in")
		b.sees("*Not rolled back*")
	}},
	"not sent - the cloud cannot be read": {tells: func(b *box) {
		b.types("upgrade bastion-prod sunday 2am", "is recorded; its card goes to")
		b.fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Status: http.StatusForbidden, Times: -1})
		b.skip(time.Second)
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("Nothing was sent")
		b.unfault()
		b.passes(10*time.Second, "*Scheduled.*")
	}},
	"given up": {tells: func(b *box) {
		b.fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetBefore, Times: -1})
		b.approves("upgrade bastion-prod sunday 2am")
		b.passes(time.Minute, "I asked the cloud 3 times")
	}},
	"refused before anybody is asked": {tells: func(b *box) {
		b.types("upgrade bastion-prdo sunday 2am", "Do you mean one of these?")
		b.types("upgrade bastion-lab sunday 2am", "latest version")
		b.changes(func(i *cbhemu.Instance) { i.Status = "SHUTOFF" })
		b.types("upgrade bastion-prod sunday 2am", "not active and idle")
		b.types("rollback bastion-dev", "offers no rollback")
		b.types("cancel bastion-dev", "nothing to cancel")
		b.cloud(cbhemu.Behaviour{NoUpgradeFeature: true})
		b.skip(time.Second)
		b.types("upgrade bastion-dev sunday 2am", "does not support upgrades")
	}},
	"changed between request and call": {tells: func(b *box) {
		b.types("upgrade bastion-prod sunday 2am", "is recorded; its card goes to")
		b.changes(func(i *cbhemu.Instance) {
			i.Version, i.Path = "3.3.50.0", []cbhemu.Step{{Update: "CROSS_OS", Version: "3.3.62.0"}}
		})
		b.presses(ana, b.sees("waiting for approval"), "Approve")
		b.sees("*Not scheduled*")
	}},
	"agent down":                      {seed: "agent down", tells: refused},
	"400":                             {tells: refusedWith(cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: http.StatusBadRequest, Code: "CBH.10020009", Message: "Invalid parameter."})},
	"401":                             {tells: shutOutBy(cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: http.StatusUnauthorized, Code: "CBH.10020100", Times: -1})},
	"401 in the shape of the gateway": {tells: shutOutBy(cbhemu.Fault{Kind: cbhemu.FaultGateway, Status: http.StatusUnauthorized, Code: "APIG.0301", Message: "Incorrect IAM authentication information", Times: -1})},
	"401 in shape of IAM":             {tells: shutOutBy(cbhemu.Fault{Kind: cbhemu.FaultIAM, Message: "The request you have made requires authentication.", Times: -1})},
	"403 no permission": {tells: func(b *box) {
		b.fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultDocumented, Status: http.StatusForbidden, Code: "CBH.10020002", Message: "No permission.", Times: -1})
		b.approves("upgrade bastion-prod sunday 2am")
		b.sees("The bot's cloud account may not do this")
		b.unfault()
		b.presses(rita, b.sees("approved, not yet with the cloud"), "Try again")
		b.sees("*Scheduled.*")
	}},
	"403 latest":                          {tells: refusedWith(cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: http.StatusForbidden, Message: "The current version is the latest. There is no need to upgrade."})},
	"403 latest in Chinese, numeric code": {tells: refusedWith(cbhemu.Fault{Kind: cbhemu.FaultNumeric, Message: "已是最新版本"})},
	"404":                                 {tells: refusedWith(cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: http.StatusNotFound, Message: "Instance not found."})},
	"409":                                 {tells: refusedWith(cbhemu.Fault{Kind: cbhemu.FaultDocumented, Status: http.StatusConflict, Message: "The instance has a task."})},
	"429":                                 {tells: throttledBy(cbhemu.Fault{Kind: cbhemu.FaultThrottled, RetryAfter: "7"})},
	"429 without a time":                  {tells: throttledBy(cbhemu.Fault{Kind: cbhemu.FaultThrottled})},
	"APIG.0308 with another status":       {tells: throttledBy(cbhemu.Fault{Kind: cbhemu.FaultGateway, Status: http.StatusServiceUnavailable, Code: "APIG.0308", Message: "The throttling threshold has been reached"})},
	"500":                                 {tells: unclear(cbhemu.FaultDocumented)},
	"500 after it took effect":            {tells: unclear(cbhemu.FaultLateError)},
	"500 in plain text":                   {tells: unclear(cbhemu.FaultPlain)},
	"500 without a body":                  {tells: unclear(cbhemu.FaultBare)},
	"502 page":                            {tells: unclear(cbhemu.FaultHTML)},
	"reset before it took effect":         {tells: unclear(cbhemu.FaultResetBefore)},
	"reset after it took effect":          {tells: unclear(cbhemu.FaultResetAfter)},
	"200 without a body":                  {tells: accepted(cbhemu.FaultEmpty)},
	"200 with {}":                         {tells: accepted(cbhemu.FaultObject)},
	"200 in plain text":                   {tells: accepted(cbhemu.FaultText)},
	"200 with a page":                     {tells: unclear(cbhemu.FaultPage)},
}

func boxBegins() time.Time {
	at, err := time.Parse(time.RFC3339, boxStart)
	if err != nil {
		panic(err)
	}
	return at.Truncate(time.Hour)
}

// changes is somebody at work on bastion-prod in the cloud's console, a while ago:
// what was due until then has been read, and what is read each second is read anew.
func (b *box) changes(change func(*cbhemu.Instance)) {
	b.Helper()
	b.idle()
	i := b.instance()
	change(&i)
	b.console(i)
	b.skip(2 * time.Second)
}

func refused(b *box) {
	b.approves("upgrade bastion-prod sunday 2am")
	b.sees("*Not scheduled*")
}

func refusedWith(f cbhemu.Fault) func(*box) {
	f.Op = cbhemu.OpUpgrade
	return func(b *box) { b.fault(f); refused(b) }
}

// shutOutBy keeps the bot out of the cloud until the hour is over in which the
// approval stands.
func shutOutBy(f cbhemu.Fault) func(*box) {
	f.Op = cbhemu.OpUpgrade
	return func(b *box) {
		b.fault(f)
		b.approves("upgrade bastion-prod sunday 2am")
		b.sees("The cloud does not accept the bot's own login")
		b.passes(11*time.Minute, "*Not scheduled*")
	}
}

// throttledBy refuses the call twice because of the number of calls: one approval
// is enough for the third.
func throttledBy(f cbhemu.Fault) func(*box) {
	f.Op, f.Times = cbhemu.OpUpgrade, 2
	return func(b *box) {
		b.fault(f)
		b.approves("upgrade bastion-prod sunday 2am")
		b.sees("The cloud gets too many requests")
		b.passes(10*time.Second, "*Scheduled.*")
		if n := b.posts(); n != 3 {
			b.Errorf("%d POSTs", n)
		}
	}
}

// unclear is an answer that says neither yes nor no: the bot looks until it is
// clear, and ends with one upgrade in the cloud.
func unclear(kind string) func(*box) {
	return func(b *box) {
		b.fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: kind, Message: "Service Unavailable"})
		b.approves("upgrade bastion-prod sunday 2am")
		b.sees("*Unclear.*")
		b.skip(time.Minute)
		b.skip(time.Minute)
		b.sees("*Scheduled.*")
	}
}

func accepted(kind string) func(*box) {
	return func(b *box) {
		b.fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: kind})
		b.scheduled()
		if n := b.posts(); n != 1 {
			b.Errorf("%d POSTs", n)
		}
	}
}

// TestThreads runs every story through the built program and compares what its
// readers see. -update writes the goldens anew.
func TestThreads(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--databases", fmt.Sprint(len(stories))) // takes a fraction of what the embedded ones take
	database := 0
	for name, s := range stories {
		own := fmt.Sprintf("--redis=redis://%s/%d", server.Addr, database)
		database++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBox(t, cmp.Or(s.seed, "prod"), own)
			s.tells(b)
			b.idle()
			compare(t, filepath.Join("testdata", "threads", name+".golden"), b.conversation())
		})
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./cmd/cbhbot/e2e -run TestThreads -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s reads:\n%s\nand not:\n%s", path, got, want)
	}
}
