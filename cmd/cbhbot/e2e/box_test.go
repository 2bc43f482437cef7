package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// box is one run of the built sandbox, with a clock of its own, driven through
// its control APIs.
type box struct {
	*testing.T
	base    string
	skipped time.Duration
	again   bool // something was done again that may have been kept the first time
}

// boxStart is when every box's clock begins: a Wednesday.
const boxStart = "2026-11-25T12:00:05Z"

// startSandbox runs the built program's sandbox on a free port and returns its
// address and what it said.
func startSandbox(t *testing.T, args ...string) (address, greeting string) {
	t.Helper()
	return startSandboxWith(t, nil, args...)
}

func startSandboxWith(t *testing.T, env []string, args ...string) (address, greeting string) {
	t.Helper()
	_, address, greeting = runSandbox(t, env, args...)
	return address, greeting
}

func runSandbox(t *testing.T, env []string, args ...string) (p *process, address, greeting string) {
	t.Helper()
	env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, env...)
	p = launch(t, 0, env, append([]string{"sandbox", "--port=0"}, args...)...)
	await(t, "the greeting", func() bool {
		text := p.log.String()
		return strings.Contains(text, "Ctrl-C") || strings.Contains(text, "Control APIs") || p.ended()
	})
	greeting = p.log.String()
	_, address, _ = strings.Cut(greeting, "The sandbox is at ")
	address, _, _ = strings.Cut(address, "\n")
	return p, address, greeting
}

// openBox starts the sandbox with a scenario of the cloud.
func openBox(t *testing.T, seed string, args ...string) *box {
	t.Helper()
	b := &box{T: t}
	b.base, _ = startSandbox(t, append([]string{"--headless", "--seed=" + seed, "--now=" + boxStart}, args...)...)
	b.connected()
	return b
}

// connected waits for the bot's sockets.
func (b *box) connected() {
	b.Helper()
	await(b, "the bot's sockets", func() bool {
		var sockets []slackemu.Socket
		b.get("/_control/slack/sockets", &sockets)
		return len(sockets) >= 2
	})
}

func (b *box) get(path string, into any) {
	b.Helper()
	answer, err := http.Get(b.base + path)
	b.read(answer, err, into)
}

func (b *box) send(method, path string, body, into any) {
	b.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.Context(), method, b.base+path, bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	b.read(answer, err, into)
}

func (b *box) read(answer *http.Response, err error, into any) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s: %v: %s", answer.Request.URL.Path, answer.Status, err, text)
	}
}

// skip moves the clock ahead, when nothing is under way any more: it would
// seem to have taken that long.
func (b *box) skip(d time.Duration) {
	b.Helper()
	b.idle()
	b.jump(d)
}

// skipTo moves the clock to so long after the box's start, however many steps
// have led here.
func (b *box) skipTo(sinceStart time.Duration) {
	b.Helper()
	b.skip(sinceStart - b.skipped)
}

func (b *box) jump(d time.Duration) {
	b.Helper()
	b.skipped += d
	answer, err := http.PostForm(b.base+"/_control/clock", url.Values{"by": {d.String()}})
	b.read(answer, err, nil)
}

// cloud changes what the cloud does.
func (b *box) cloud(f cbhemu.Behaviour)  { b.send("PUT", "/_control/cbh/behaviour", f, nil) }
func (b *box) fault(f cbhemu.Fault)      { b.send("POST", "/_control/cbh/faults", f, nil) }
func (b *box) console(i cbhemu.Instance) { b.send("POST", "/_control/cbh/instances", i, nil) }
func (b *box) unfault()                  { b.send("DELETE", "/_control/cbh/faults", nil, nil) }
func (b *box) instance() (i cbhemu.Instance) {
	var all []cbhemu.Instance
	b.get("/_control/cbh/instances", &all)
	if len(all) > 0 {
		i = all[0]
	}
	return i
}

// posts counts the writes that reached the cloud.
func (b *box) posts() int {
	var all []cbhemu.Request
	b.get("/_control/cbh/requests?op="+cbhemu.OpUpgrade+"&op="+cbhemu.OpRollback, &all)
	return len(all)
}

// looked waits for the next look at the cloud, and for what follows from it.
func (b *box) looked() {
	b.Helper()
	looks := func() int {
		var all []cbhemu.Request
		b.get("/_control/cbh/requests?op="+cbhemu.OpList, &all)
		return len(all)
	}
	before := looks()
	await(b, "a look at the cloud", func() bool { return looks() > before })
	b.idle()
}

// types sends a command as Rita, and waits for a text in what she then reads.
func (b *box) types(text, words string) slackemu.Message {
	b.Helper()
	b.acked("/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": text})
	return b.sees(words)
}

type object = map[string]any

// operationTimeout is what Slack says of a command that was not acked in time.
const operationTimeout = "operation_timeout"

// acked does it again, as people do, where a busy machine was too slow to keep it.
func (b *box) acked(path string, body object) {
	b.Helper()
	var d slackemu.Delivery
	for try := 0; try < 3 && (try == 0 || d.Error == operationTimeout); try++ {
		d, b.again = slackemu.Delivery{}, b.again || try > 0
		b.send("POST", path, body, &d)
	}
	if !d.Acked || d.Error != "" {
		b.Fatalf("%s %v: %+v", path, body, d)
	}
}

// found are the messages in #ops with a text; those to Rita alone where there are
// none for all.
func (b *box) found(words, wait string) []slackemu.Message {
	b.Helper()
	var all []slackemu.Message
	query := url.Values{"channel": {slackemu.ChannelOps}, "user": {rita}, "contains": {words}, "wait": {wait}}.Encode()
	if b.get("/_control/slack/messages?"+query, &all); len(all) == 0 {
		b.get("/_control/slack/ephemerals?"+query, &all)
	}
	return all
}

// sees waits until Rita reads a text in #ops, and returns the latest message
// with it.
func (b *box) sees(words string) slackemu.Message {
	b.Helper()
	var found []slackemu.Message
	for end := time.Now().Add(patience); len(found) == 0; found = b.found(words, "100ms") {
		b.inTime(end, words)
	}
	return found[len(found)-1]
}

// holds waits until #ops has so many messages.
func (b *box) holds(n int) {
	b.Helper()
	for end := time.Now().Add(patience); len(b.found("", "100ms")) < n; {
		b.inTime(end, fmt.Sprint(n, " messages"))
	}
}

func (b *box) inTime(end time.Time, words string) {
	b.Helper()
	if time.Now().After(end) {
		b.Fatalf("nobody ever read %q; what there is:\n%s", words, b.conversation())
	}
}

// passes lets time pass in steps, until what comes of one lets Rita read a text: for what takes
// several looks, of which nothing is seen before.
func (b *box) passes(step time.Duration, words string) {
	b.Helper()
	b.idle()
	for end := time.Now().Add(patience); len(b.found(words, "0s")) == 0; b.idle() {
		b.inTime(end, words)
		b.jump(step)
	}
}

func (b *box) presses(user string, m slackemu.Message, name string) {
	b.Helper()
	b.acked("/_control/slack/action", object{"user": user, "channel": m.Channel, "ts": m.TS, "action": name})
}

// approves asks for what the command says and lets Ana approve it.
func (b *box) approves(command string) {
	b.types(command, "is recorded; its card goes to")
	b.presses(ana, b.sees("waiting for approval"), "Approve")
}

// scheduled is an upgrade of bastion-prod that the cloud has taken: on Sunday
// 2:00 in Shanghai, 3 days and 6 hours after the box's start.
func (b *box) scheduled() {
	b.approves("upgrade bastion-prod sunday 2am -- security fixes")
	b.sees("*Scheduled.*")
}

const untilStart = 3*24*time.Hour + 6*time.Hour

// starts goes on to a minute after the upgrade's time.
func (b *box) starts() {
	b.scheduled()
	b.skip(untilStart + time.Minute)
	b.sees("*Started.*")
}
