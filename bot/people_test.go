package bot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

// crowded is a workspace with so many more people, within Slack's limits, a sender for it,
// and how often it was asked by a method.
func crowded(t *testing.T, more int) (ws *slackemu.Server, sender *bot.Sender, asked func(method string) int) {
	t.Helper()
	ws = slackemu.New(slackemu.Options{RateLimits: true, RetryDelays: []time.Duration{}})
	t.Cleanup(ws.Close)
	for n := range more {
		ws.SetUser(slackemu.User{ID: member(n), TeamID: slackemu.TeamHome, Name: fmt.Sprint("member-", n), TZ: "Asia/Shanghai", Locale: "zh-CN"})
	}
	return ws, senderThrough(t, ws), func(method string) (n int) {
		for _, call := range ws.Calls() {
			if call.Method == method {
				n++
			}
		}
		return n
	}
}

func member(n int) string { return fmt.Sprintf("U0M%05d", n) }

// knows looks somebody up.
func knows(t *testing.T, sender *bot.Sender, id string) {
	t.Helper()
	user, err := sender.User(context.Background(), id)
	if err != nil || user.ID != id || user.TZ != "Asia/Shanghai" || user.Locale != "zh-CN" || user.TeamID != slackemu.TeamHome {
		t.Errorf("%s is %+v, %v", id, user, err)
	}
}

// A crowd is looked up within Slack's limits, which take 100 single questions a minute,
// and what Slack pushes about one of them still counts at once.
func TestACrowdIsLookedUpTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, sender, asked := crowded(t, 500)
		for n := range 500 {
			knows(t, sender, member(n))
		}
		if single, lists := asked("users.info"), asked("users.list"); single != 20 || lists != 1 {
			t.Errorf("%d were looked up alone, and %d lists were read", single, lists)
		}
		ws.SetUser(slackemu.User{ID: member(9), TeamID: slackemu.TeamHome, Deleted: true})
		changes := &bot.Changes{Sender: sender}
		changes.Forget(member(9))
		if user, err := sender.User(context.Background(), member(9)); err != nil || !user.Deleted {
			t.Errorf("who was deactivated is %+v, %v", user, err)
		}
	})
}

// A workspace that is too large for it is listed in part, and not again soon.
func TestALargeWorkspaceIsListedInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sender, asked := crowded(t, 2500)
		for n := range 60 {
			knows(t, sender, member(2499-n)) // behind what is listed
		}
		knows(t, sender, member(3))
		if single, lists := asked("users.info"), asked("users.list"); single != 60 || lists != 2 {
			t.Errorf("%d were looked up alone, and %d lists were read", single, lists)
		}
	})
}

// Whoever cannot be listed is looked up alone, in the time that somebody waits.
func TestACrowdThatCannotBeListedIsLookedUpOneByOne(t *testing.T) {
	for name, fault := range map[string]slackemu.MethodFault{
		"not allowed": {Error: "missing_scope"}, "broken": {Status: 500}, "hangs": {Delay: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ws, sender, asked := crowded(t, 60)
				ws.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.list": fault}})
				for n := range 60 {
					knows(t, sender, member(n))
				}
				if single, lists := asked("users.info"), asked("users.list"); single != 60 || lists > 1 {
					t.Errorf("%d were looked up alone, and %d lists were read", single, lists)
				}
			})
		})
	}
}
