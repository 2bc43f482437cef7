package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cbhbot/bot/slackemu"
)

// closeSockets ends every socket of the bot, for a reason.
func (b *sandbox) closeSockets(a act) (string, error) {
	end := func(id string) error { return b.slack.Disconnect(id, a.Value) }
	switch a.Value {
	case "killed":
		end = b.slack.Kill
	case "frozen":
		end = b.slack.Freeze
	}
	sockets := b.slack.Sockets()
	for _, socket := range sockets {
		if err := end(socket.ID); err != nil {
			return "", err
		}
	}
	if len(sockets) == 0 {
		return "", errors.New("the bot holds no socket that could be closed")
	}
	return fmt.Sprintf("%d sockets: %s", len(sockets), a.Value), nil
}

const (
	// limitedFor is what a limited Slack asks to wait, in seconds.
	limitedFor = 3
	// slowBy is how long a slow Slack takes for each call.
	slowBy = 2 * time.Second
)

// slackTroubles are what Slack can be made to do, by name: how it is switched, and
// whether it is on.
var slackTroubles = map[string]struct {
	set func(f *slackemu.Faults, on bool)
	is  func(f slackemu.Faults) bool
}{
	"drop acks": {
		func(f *slackemu.Faults, on bool) { f.DropAcks = share(on) },
		func(f slackemu.Faults) bool { return f.DropAcks > 0 },
	},
	"deliver twice": {
		func(f *slackemu.Faults, on bool) { f.Duplicate, f.Redeliver = share(on), share(on) },
		func(f slackemu.Faults) bool { return f.Duplicate > 0 },
	},
	"lose deliveries": {
		func(f *slackemu.Faults, on bool) { f.Lose = share(on) },
		func(f slackemu.Faults) bool { return f.Lose > 0 },
	},
	"429": {
		func(f *slackemu.Faults, on bool) { methods(f, on, isSlow(*f)) },
		func(f slackemu.Faults) bool { return f.Methods["chat.postMessage"].Status != 0 },
	},
	"slow": {
		func(f *slackemu.Faults, on bool) { methods(f, f.Methods["chat.postMessage"].Status != 0, on) },
		isSlow,
	},
}

func isSlow(f slackemu.Faults) bool { return f.Methods["*"].Delay > 0 }

func share(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// methods sets the faults of the Web API's methods.
func methods(f *slackemu.Faults, limited, slow bool) {
	f.Methods = map[string]slackemu.MethodFault{}
	var each slackemu.MethodFault
	if slow {
		each.Delay = slowBy
		f.Methods["*"], f.Methods["response_url"] = each, each
	}
	if limited {
		each.Status, each.RetryAfter = http.StatusTooManyRequests, limitedFor
		f.Methods["chat.postMessage"], f.Methods["chat.update"] = each, each
	}
}

// setSlack switches one of the troubles with Slack.
func (b *sandbox) setSlack(a act) (string, error) {
	trouble, known := slackTroubles[a.Name]
	if !known {
		return "", fmt.Errorf("Slack has no trouble %q; there are %s", a.Name, strings.Join(slices.Sorted(maps.Keys(slackTroubles)), ", "))
	}
	f := b.slack.Faults()
	trouble.set(&f, a.On)
	b.slack.SetFaults(f)
	return "", nil
}

// slackState is which of them are on.
func (b *sandbox) slackState() map[string]bool {
	f, all := b.slack.Faults(), map[string]bool{}
	for name, trouble := range slackTroubles {
		all[name] = trouble.is(f)
	}
	return all
}

// ambush kills the bot at the worst moment: when the cloud has carried out a call, and
// before the bot reads that.
type ambush struct {
	bot   *bot
	cloud http.Handler
	armed atomic.Bool
}

func (a *ambush) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/instance/upgrade") || !a.armed.CompareAndSwap(true, false) {
		a.cloud.ServeHTTP(w, r)
		return
	}
	a.cloud.ServeHTTP(unread{}, r)
	_ = a.bot.kill() // fails when it is dead already
	panic(http.ErrAbortHandler)
}

// unread is an answer that nobody gets.
type unread struct{}

func (unread) Header() http.Header            { return http.Header{} }
func (unread) Write(text []byte) (int, error) { return len(text), nil }
func (unread) WriteHeader(int)                {}

// setRedis stops or starts Redis.
func (b *sandbox) setRedis(a act) (string, error) {
	if a.On {
		return "Redis runs", b.storage.start()
	}
	return "Redis is stopped", b.storage.stop()
}

// setBot kills or starts the bot, or arms the ambush.
func (b *sandbox) setBot(a act) (string, error) {
	switch a.Value {
	case "kill":
		return "The bot is killed", b.bot.kill()
	case "start":
		return "The bot starts", b.bot.start()
	case "ambush":
		b.ambush.armed.Store(a.On)
		return "", nil
	}
	return "", fmt.Errorf("the bot cannot %q", a.Value)
}
