package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	slackbot "cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// graceful is how long the trace of an act is waited for once the inbox has let go
// of it: the audit is sealed each second.
const graceful = 4 * time.Second

// count is what became of all that was acknowledged.
type count struct {
	Acked   int      `json:"acked"`
	Handled int      `json:"handled"`
	Waiting int      `json:"waiting"`
	Aside   int      `json:"aside"` // parked: the person was told
	Lost    int      `json:"lost"`
	Twice   int      `json:"twice"`
	Which   []string `json:"which"` // was lost, or happened twice
}

// ledger keeps count. Slack's log says what was acknowledged, the bot's inbox and
// audit say how far it is, and what the app said in Slack and did at the cloud says
// what came of it.
type ledger struct {
	box   *sandbox
	audit *audit.Log

	mu      sync.Mutex
	handled map[string]bool      // envelopes that need not be looked at again
	let     map[string]time.Time // since when the inbox knows no more of others
}

func newLedger(b *sandbox) *ledger {
	silent := new(logrus.Logger) // whose level is that of a panic
	return &ledger{
		box: b, audit: audit.New(b.storage.client, store.DefaultPrefix, silent, b.clock.Ahead),
		handled: map[string]bool{}, let: map[string]time.Time{},
	}
}

// count counts as things stand. It fails while Redis is away.
func (l *ledger) count(ctx context.Context) (count, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	acked := acknowledged(l.box.slack.Deliveries())
	c := count{Acked: len(acked), Which: []string{}}
	c.twice(l.box)
	left := slices.DeleteFunc(acked, func(d slackemu.Delivery) bool { return l.handled[d.EnvelopeID] })
	c.Handled = c.Acked - len(left)
	if len(left) == 0 {
		return c, nil
	}
	var ids []string
	for _, d := range left {
		ids = append(ids, d.EnvelopeID)
	}
	standings, err := l.box.inbox.Standings(ctx, ids)
	if err != nil {
		return c, err
	}
	audited, err := l.audited(ctx, left, standings)
	if err != nil {
		return c, err
	}
	for _, d := range left {
		l.book(&c, d, standings[d.EnvelopeID], audited[d.EnvelopeID])
	}
	return c, nil
}

// acknowledged are people's acts that were acked, each once. What a menu asks for is
// answered on the ack, and changes nothing.
func acknowledged(all []slackemu.Delivery) []slackemu.Delivery {
	return slices.DeleteFunc(all, func(d slackemu.Delivery) bool {
		return !d.Acked || d.Repeats != "" || d.User == "" || d.Kind == "block_suggestion" || d.Kind == "view_closed"
	})
}

// book counts one act that was acknowledged.
func (l *ledger) book(c *count, d slackemu.Delivery, is slackbot.Standing, audited bool) {
	traced := d.Answered || audited || d.Type == slackbot.TypeEvent // of which many ask for nothing
	switch {
	case is == slackbot.Waiting:
		c.Waiting++
		delete(l.let, d.EnvelopeID)
	case is == slackbot.Aside:
		c.Aside++
	case traced && (is == slackbot.Done || d.Answered): // one that is not ours is answered and not kept
		c.Handled++
		l.handled[d.EnvelopeID] = true
	case l.young(d.EnvelopeID):
		c.Waiting++
	default:
		c.Lost++
		c.Which = append(c.Which, fmt.Sprintf("lost: %s of %s at %s", d.Kind, d.User, d.At.UTC().Format("Mon 15:04:05")))
	}
}

// young reports whether the trace of an act may still come.
func (l *ledger) young(envelope string) bool {
	if l.let[envelope].IsZero() {
		l.let[envelope] = time.Now()
	}
	return time.Since(l.let[envelope]) < graceful
}

// audited are the acts that the audit knows, of those that have left no other trace.
func (l *ledger) audited(ctx context.Context, left []slackemu.Delivery, standings map[string]slackbot.Standing) (map[string]bool, error) {
	found := map[string]bool{}
	for _, d := range left {
		if standings[d.EnvelopeID] == slackbot.Done && !d.Answered {
			found[d.EnvelopeID] = false
		}
	}
	if len(found) == 0 {
		return found, nil
	}
	err := l.audit.Export(ctx, func(e audit.Entry) error {
		if _, asked := found[e.Event]; asked {
			found[e.Event] = true
		}
		return nil
	})
	return found, err
}

// twice counts what happened once too often: a call that the cloud carried out for the
// same bastion and time, without a cancel between, and a message that stands twice.
func (c *count) twice(b *sandbox) {
	scheduled := map[string]int64{} // the last time of each bastion
	for _, r := range b.cloud.Requests(cbhemu.OpUpgrade, cbhemu.OpCancel) {
		var body struct {
			Server string `json:"server_id"`
			Time   int64  `json:"upgrade_time"`
		}
		if !r.Took || json.Unmarshal([]byte(r.Body), &body) != nil {
			continue
		}
		if r.Op == cbhemu.OpCancel {
			delete(scheduled, body.Server)
			continue
		}
		if scheduled[body.Server] == body.Time {
			c.Twice++
			c.Which = append(c.Which, "twice: upgrade call "+r.ID)
		}
		scheduled[body.Server] = body.Time
	}
	c.messages(b)
}

func (c *count) messages(b *sandbox) {
	stands := map[string]bool{}
	for _, channel := range b.slack.Channels() {
		for _, m := range b.slack.Messages(channel.ID) {
			payload, _ := m.Metadata["event_payload"].(map[string]any)
			if payload["id"] == nil || !m.FromApp {
				continue
			}
			name := fmt.Sprint(m.Channel, " ", payload["id"])
			if stands[name] {
				c.Twice++
				c.Which = append(c.Which, "twice: message "+m.TS)
			}
			stands[name] = true
		}
	}
}
