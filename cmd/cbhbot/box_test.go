package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// box is one run of the built sandbox, with a clock of its own, driven through
// its control APIs. The first thing that goes wrong stays in err, and everything
// after it does nothing.
type box struct {
	base string
	cmd  *exec.Cmd
	log  bytes.Buffer
	err  error
}

// boxStart is when every box's clock begins: a Wednesday.
const boxStart = "2026-11-25T12:00:05Z"

// openBox starts the sandbox with a scenario of the cloud.
func openBox(seed string) *box {
	b := &box{}
	path, err := binary()
	if err != nil {
		b.err = err
		return b
	}
	b.cmd = exec.Command(path, "sandbox", "--headless", "--port=0", "--seed="+seed, "--now="+boxStart)
	b.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	b.cmd.Stderr = &b.log
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		b.cmd, b.err = nil, err
		return b
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_, b.base, _ = strings.Cut(strings.TrimSpace(line), " at ")
	b.fail(err)
	go io.Copy(io.Discard, out)
	b.connected()
	return b
}

// close ends the sandbox, which keeps nothing.
func (b *box) close() {
	if b.cmd == nil {
		return
	}
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

func (b *box) fail(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

// boxPatience is how long a box is waited for, in real time.
const boxPatience = 40 * time.Second

// connected waits for the bot's sockets.
func (b *box) connected() {
	var sockets []slackemu.Socket
	for end := time.Now().Add(boxPatience); b.err == nil && len(sockets) < 2; {
		b.get("/_control/slack/sockets", &sockets)
		if time.Now().After(end) {
			b.fail(fmt.Errorf("the bot never connected: %s", &b.log))
		}
	}
}

func (b *box) get(path string, into any) {
	if b.err != nil {
		return
	}
	answer, err := http.Get(b.base + path)
	if err == nil {
		err = read(answer, into)
	}
	b.fail(err)
}

func (b *box) send(method, path string, body, into any) {
	if b.err != nil {
		return
	}
	text, err := json.Marshal(body)
	b.fail(err)
	request, err := http.NewRequest(method, b.base+path, bytes.NewReader(text))
	b.fail(err)
	if b.err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err == nil {
		err = read(answer, into)
	}
	b.fail(err)
}

func read(answer *http.Response, into any) error {
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", answer.Request.URL.Path, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// skip moves the clock ahead.
func (b *box) skip(d time.Duration) {
	if b.err != nil {
		return
	}
	answer, err := http.PostForm(b.base+"/_control/clock", url.Values{"by": {d.String()}})
	if err == nil {
		err = read(answer, nil)
	}
	b.fail(err)
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

// looked waits for the watcher's next look at the cloud, and for what follows
// from it.
func (b *box) looked() {
	var before, after []cbhemu.Request
	b.get("/_control/cbh/requests?op="+cbhemu.OpList, &before)
	for end := time.Now().Add(boxPatience); b.err == nil && len(after) <= len(before); {
		b.get("/_control/cbh/requests?op="+cbhemu.OpList, &after)
		if time.Now().After(end) {
			b.fail(errors.New("the bot does not look at the cloud"))
		}
	}
	b.settled()
}

// types sends a command as Rita, and waits for a text in what she then reads.
func (b *box) types(text, words string) slackemu.Message {
	b.acked("/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": text})
	return b.sees(words)
}

type object = map[string]any

func (b *box) acked(path string, body object) {
	var d slackemu.Delivery
	b.send("POST", path, body, &d)
	if b.err == nil && (!d.Acked || d.Error != "") {
		b.fail(fmt.Errorf("%s %v: %+v", path, body, d))
	}
}

// sees waits until Rita reads a text in #ops, and returns the latest message
// with it.
func (b *box) sees(words string) slackemu.Message {
	var found []slackemu.Message
	query := url.Values{"channel": {slackemu.ChannelOps}, "user": {rita}, "contains": {words}, "wait": {"100ms"}}.Encode()
	for end := time.Now().Add(boxPatience); b.err == nil && len(found) == 0; {
		b.get("/_control/slack/messages?"+query, &found)
		if len(found) == 0 {
			b.get("/_control/slack/ephemerals?"+query, &found)
		}
		if time.Now().After(end) {
			b.fail(fmt.Errorf("nobody ever read %q; what there is:\n%s", words, b.conversation()))
		}
	}
	if len(found) == 0 {
		return slackemu.Message{}
	}
	return found[len(found)-1]
}

// passes lets time pass in steps until Rita reads a text: for what takes several
// looks, of which nothing is seen before.
func (b *box) passes(step time.Duration, words string) {
	var found []slackemu.Message
	query := url.Values{"channel": {slackemu.ChannelOps}, "contains": {words}, "wait": {"1s"}}.Encode()
	for steps := 0; b.err == nil && len(found) == 0; steps++ {
		b.get("/_control/slack/messages?"+query, &found)
		if len(found) > 0 {
			return
		}
		if steps == 20 {
			b.fail(fmt.Errorf("nobody ever read %q; what there is:\n%s", words, b.conversation()))
		}
		b.skip(step)
	}
}

func (b *box) presses(user string, m slackemu.Message, name string) {
	b.acked("/_control/slack/action", object{"user": user, "channel": m.Channel, "ts": m.TS, "action": name})
}

// approves asks for what the command says and lets Ana approve it.
func (b *box) approves(command string) {
	b.types(command, "is asked for in")
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
