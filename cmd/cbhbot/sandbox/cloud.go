package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cbhbot/client/cbhemu"
)

// bastion is an instance of the cloud as the panel shows it.
type bastion struct {
	Name    string      `json:"name"`
	Role    string      `json:"role"` // of a pair's part
	Version string      `json:"version"`
	Offer   string      `json:"offer"`
	State   string      `json:"state"`
	At      time.Time   `json:"at,omitzero"` // of its upgrade; zero: none is scheduled
	Fate    cbhemu.Fate `json:"fate"`
}

func (b *sandbox) bastions() []bastion {
	all := []bastion{}
	for _, i := range b.cloud.Instances() {
		all = append(all, bastion{
			Name: i.Name, Role: i.HARole, Version: i.Version, Offer: offer(i, b.clock.now()), State: state(i), At: i.UpgradeTime, Fate: i.Fate,
		})
	}
	return all
}

func offer(i cbhemu.Instance, now time.Time) string {
	switch {
	case now.Before(i.RollbackUntil) && i.Before != nil:
		return "rollback to " + i.Before.Version
	case len(i.Path) == 0:
		return "none, it has the latest"
	case i.Path[0].Update == "CROSS_OS":
		return i.Path[0].Version + ", cross-version"
	}
	return i.Path[0].Version
}

func state(i cbhemu.Instance) string {
	words := []string{i.Status}
	if i.TaskStatus != "NO_TASK" {
		words = append(words, i.TaskStatus)
	}
	if i.AgentDown {
		words = append(words, "agent down")
	}
	return strings.Join(words, ", ")
}

// cloudCall is a call as the panel lists it. Reads in a row are one.
type cloudCall struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Op     string    `json:"op"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"`
	Fault  string    `json:"fault"`
	Times  int       `json:"times"`
}

// mostCalls is how many lines of calls the panel shows.
const mostCalls = 30

// calls are the latest calls of the bot, the latest first.
func (b *sandbox) calls() []cloudCall {
	all := []cloudCall{}
	for _, r := range slices.Backward(b.cloud.Requests()) {
		if n := len(all) - 1; n >= 0 && r.Op == cbhemu.OpList && all[n].Op == r.Op && all[n].Status == r.Status && all[n].Fault == r.Fault {
			all[n].Times++
			continue
		}
		if len(all) == mostCalls {
			break
		}
		all = append(all, cloudCall{ID: r.ID, At: r.At, Op: r.Op, Method: r.Method, Path: r.Path, Status: r.Status, Fault: r.Fault, Times: 1})
	}
	return all
}

func (b *sandbox) call(id string) (cbhemu.Request, bool) {
	for _, r := range slices.Backward(b.cloud.Requests()) {
		if r.ID == id {
			return r, true
		}
	}
	return cbhemu.Request{}, false
}

// changesIDs is a fate of the panel: the cloud has an update for it.
const changesIDs = "changes ids"

// setFate says what becomes of the next upgrade of a bastion.
func (b *sandbox) setFate(a act) (string, error) {
	fates := []cbhemu.Fate{cbhemu.Succeeds, cbhemu.Unchanged, cbhemu.EndsInError, cbhemu.Stuck, cbhemu.NeverStarts, changesIDs}
	fate := cbhemu.Fate(a.Value)
	if !slices.Contains(fates, fate) {
		return "", fmt.Errorf("an upgrade has no fate %q; there are %q", a.Value, fates[1:])
	}
	var wrong error
	err := b.cloud.Change(a.Name, func(i *cbhemu.Instance) {
		switch {
		case fate != changesIDs:
			i.Fate = fate
		case len(i.Path) == 0:
			wrong = fmt.Errorf("%s has no upgrade on offer that could change its ids", a.Name)
		default:
			i.Fate, i.Path = cbhemu.Succeeds, slices.Clone(i.Path)
			i.Path[0].Update = "CROSS_OS"
		}
	})
	return "", errors.Join(err, wrong)
}

// What people do in the cloud's console.
const (
	consoleSchedule = "schedule"
	consoleLater    = "later"
	consoleEarlier  = "earlier"
	consoleCancel   = "cancel"
)

// console schedules, moves or cancels an upgrade behind the bot's back.
func (b *sandbox) console(a act) (string, error) {
	var wrong error
	err := b.cloud.Change(a.Name, func(i *cbhemu.Instance) {
		none := i.UpgradeTime.IsZero()
		switch {
		case a.Value == consoleSchedule && none:
			i.UpgradeTime = b.clock.now().Add(26 * time.Hour).Truncate(time.Hour)
		case a.Value == consoleSchedule:
			wrong = fmt.Errorf("an upgrade of %s is scheduled already", a.Name)
		case none:
			wrong = fmt.Errorf("no upgrade of %s is scheduled", a.Name)
		case a.Value == consoleLater:
			i.UpgradeTime = i.UpgradeTime.Add(time.Hour)
		case a.Value == consoleEarlier:
			i.UpgradeTime = i.UpgradeTime.Add(-time.Hour)
		case a.Value == consoleCancel:
			i.UpgradeTime = time.Time{}
		default:
			wrong = fmt.Errorf("the console cannot %q", a.Value)
		}
	})
	return "", errors.Join(err, wrong)
}

// addBastion puts another bastion into the cloud.
func (b *sandbox) addBastion(a act) (string, error) {
	name := strings.TrimSpace(a.Name)
	switch {
	case name == "" || len(name) > 64:
		return "", errors.New("a bastion needs a name of 1 to 64 characters")
	case b.cloud.Instance(name).Name != "":
		return "", fmt.Errorf("%s exists already", name)
	}
	b.cloud.Put(cbhemu.Instance{Name: name, Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}})
	return "", nil
}

// answers are what the cloud can be made to answer, with the words that it has for it.
var answers = map[string]cbhemu.Fault{
	"401":                           {Kind: cbhemu.FaultGateway, Status: 401, Code: "APIG.0301", Message: "Incorrect IAM authentication information: decrypt token fail"},
	"403 latest":                    {Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.0403", Message: "The current version is the latest. There is no need to upgrade."},
	"403 agent":                     {Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.0403", Message: "The agent is not started."},
	"404":                           {Kind: cbhemu.FaultDocumented, Status: 404, Code: "CBH.0404", Message: "Not CBH instances found."},
	"429":                           {Kind: cbhemu.FaultThrottled},
	"500":                           {Kind: cbhemu.FaultDocumented, Status: 500, Code: "CBH.10020000", Message: "Unknown error."},
	"reset after it took effect":    {Kind: cbhemu.FaultResetAfter},
	"reset before it took effect":   {Kind: cbhemu.FaultResetBefore},
	"500 although it took effect":   {Kind: cbhemu.FaultLateError},
	"200 with a page of some proxy": {Kind: cbhemu.FaultPage},
}

// answered are the calls that can be answered so; "" is any.
var answered = []string{"", cbhemu.OpUpgrade, cbhemu.OpCancel, cbhemu.OpRollback, cbhemu.OpList, cbhemu.OpToken}

// answerWith makes the cloud answer the next call of a kind, or all of them, badly.
func (b *sandbox) answerWith(a act) (string, error) {
	fault, known := answers[a.Value]
	if !known {
		return "", fmt.Errorf("the cloud has no answer %q; there are %s", a.Value, strings.Join(slices.Sorted(maps.Keys(answers)), ", "))
	}
	if !slices.Contains(answered, a.Name) {
		return "", fmt.Errorf("nothing calls %q at the cloud; there are %s", a.Name, strings.Join(answered[1:], ", "))
	}
	fault.Op = a.Name
	if a.On {
		fault.Times = -1
	}
	b.cloud.Fault(fault)
	return "", nil
}

// hangs is the fault of a cloud that answers nothing.
var hangs = cbhemu.Fault{Times: -1, Delay: cbhemu.Duration(time.Hour)}

func (b *sandbox) hang(on bool) {
	left := slices.DeleteFunc(b.cloud.Faults(), func(f cbhemu.Fault) bool { return f == hangs })
	b.cloud.ClearFaults()
	if on {
		left = append([]cbhemu.Fault{hangs}, left...)
	}
	b.cloud.Fault(left...)
}

func (b *sandbox) hanging() bool { return slices.Contains(b.cloud.Faults(), hangs) }
