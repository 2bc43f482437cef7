package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var listens = regexp.MustCompile(`"listen":"([^"]+)"`)

// address is where the program says that it listens.
func (p *process) address(t testing.TB) string {
	t.Helper()
	at := listens.FindStringSubmatch(p.log.String())
	if at == nil {
		t.Fatal("the program does not say where it listens")
	}
	return at[1]
}

// scrape is what /metrics says.
func (p *process) scrape(t testing.TB) string {
	t.Helper()
	answer, err := http.Get("http://" + p.address(t) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v: %s", answer.Status, err, text)
	}
	return string(text)
}

// metric is what /metrics says of one; "" where it says nothing.
func (p *process) metric(t testing.TB, name string) string {
	t.Helper()
	return valueOf(p.scrape(t), name)
}

func valueOf(scraped, name string) string {
	for line := range strings.Lines(scraped) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// said are the lines of the log with all these words, read.
func (p *process) said(t testing.TB, words ...string) (lines []map[string]any) {
	t.Helper()
next:
	for line := range strings.Lines(p.log.String()) {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue next
			}
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

// TestAHungRedisHoldsNoScrapeUp: what this process knows by itself is told all the same.
func TestAHungRedisHoldsNoScrapeUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	await(t, "a scrape that Redis answered in time", func() bool {
		before := p.scrape(t)
		return valueOf(before, "cbhbot_redis_up") == "1" && valueOf(before, `cbhbot_inbox_entries{lane="presses",state="parked"}`) == "0"
	})
	thaw := w.redis.Freeze()
	defer thaw()
	quickest := time.Hour
	for range 3 { // in one of them the machine itself does not pause
		begun := time.Now()
		text := p.scrape(t)
		quickest = min(quickest, time.Since(begun))
		if valueOf(text, "cbhbot_redis_up") != "0" || valueOf(text, "cbhbot_sockets") != "2" || valueOf(text, "go_goroutines") == "" {
			t.Errorf("a scrape without Redis says %s", text)
		}
		if strings.Contains(text, "cbhbot_inbox_entries{") {
			t.Error("a scrape without Redis tells what it cannot know")
		}
	}
	if quickest > 2*time.Second {
		t.Errorf("each scrape took %s and longer", quickest)
	}
	thaw()
	await(t, "Redis to be seen again", func() bool { return p.metric(t, "cbhbot_redis_up") == "1" })
}

// TestAWholeStoryIsCounted looks at each number that a story moves.
func TestAWholeStoryIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{
		"chat.update": {Times: 1, Status: http.StatusTooManyRequests, RetryAfter: 1},
	}})
	p := w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Scheduled.*")
	w.types(rita, "help")
	w.settles()
	await(t, "the limited call to be made again", func() bool {
		return p.metric(t, `cbhbot_slack_calls_total{method="chat.update",outcome="ok"}`) != "0"
	})
	wants := map[string]string{
		"cbhbot_sockets":                                                      "2",
		"cbhbot_hello_sockets":                                                "2",
		"cbhbot_foreign_sockets":                                              "0",
		"cbhbot_ack_seconds_count":                                            "3",
		`cbhbot_envelopes_total{result="fresh"}`:                              "3",
		`cbhbot_answer_seconds_count{type="command"}`:                         "2",
		`cbhbot_answer_seconds_count{type="interaction"}`:                     "1",
		"cbhbot_press_to_decision_seconds_count":                              "1",
		"cbhbot_press_to_call_seconds_count":                                  "1",
		"cbhbot_call_to_read_back_seconds_count":                              "1",
		`cbhbot_slack_calls_total{method="chat.update",outcome="limited"}`:    "1",
		`cbhbot_cloud_calls_total{operation="upgrade",outcome="ok"}`:          "1",
		`cbhbot_token_refreshes_total{outcome="ok"}`:                          "1",
		`cbhbot_requests{state="scheduled"}`:                                  "1",
		`cbhbot_requests{state="pending"}`:                                    "0",
		`cbhbot_open_items{state="scheduled"}`:                                "1",
		"cbhbot_unknown_outcome_age_seconds":                                  "0",
		`cbhbot_inbox_entries{lane="commands",state="waiting"}`:               "0",
		`cbhbot_inbox_age_seconds{lane="presses",state="waiting"}`:            "0",
		`cbhbot_due_requests{queue="act"}`:                                    "0",
		"cbhbot_policy_bad":                                                   "0",
		"cbhbot_parked_total":                                                 "0",
		"cbhbot_redis_up":                                                     "1",
		`cbhbot_cloud_calls_total{operation="upgrade",outcome="unavailable"}`: "0",
	}
	text, wrong := "", []string(nil)
	defer func() {
		for _, what := range wrong {
			t.Error(what)
		}
	}()
	await(t, "all numbers in one scrape", func() bool { // which leaves out what a busy machine does not answer in time
		text, wrong = p.scrape(t), nil
		for name, want := range wants {
			if got := valueOf(text, name); got != want {
				wrong = append(wrong, fmt.Sprintf("%s is %q, not %s", name, got, want))
			}
		}
		return len(wrong) == 0
	})
	for _, name := range []string{
		`cbhbot_slack_held_total{method="chat.update"}`, "cbhbot_commit_conflicts_total", `cbhbot_pace_waits_total{kind="post"}`,
		`cbhbot_due_lateness_seconds{queue="show"}`, "cbhbot_audit_seal_lag_seconds", "cbhbot_socket_opens_total",
		`cbhbot_clock_difference_seconds{clock="slack"}`, `cbhbot_clock_difference_seconds{clock="cloud/default"}`,
	} {
		if valueOf(text, name) == "" {
			t.Errorf("%s is not told", name)
		}
	}
	if !strings.Contains(text, "cbhbot_build_info{") {
		t.Error("nothing says what runs")
	}
}

func TestAnUnknownOutcomeIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	card := w.card("in 3 days at 2am")
	await(t, "the reads of the start and of the request", func() bool { return len(w.cloud.Requests(cbhemu.OpList)) == 2 })
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetBefore})
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, After: 1, Times: -1})
	w.presses(ana, card, "Approve")
	await(t, "an unknown outcome", func() bool { return p.metric(t, `cbhbot_open_items{state="unknown"}`) == "1" })
	if age := p.metric(t, "cbhbot_unknown_outcome_age_seconds"); age == "0" || age == "" {
		t.Errorf("its age is %q", age)
	}
}

// TestOneGrepLeadsFromAPressToTheCloud follows CBH-1 through the log.
func TestOneGrepLeadsFromAPressToTheCloud(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_LOG_LEVEL=debug")
	p := w.start()
	card := w.card("in 3 days at 2am")
	w.presses(rita, card, "Approve")
	w.sees(rita, "You asked for this yourself")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	p.says(t, "the cloud's list shows it")
	call := w.cloud.Requests(cbhemu.OpUpgrade)[0]

	if lines := p.said(t, "CBH-1", `"msg":"refused"`); len(lines) != 1 || lines[0]["actor"] != rita || lines[0]["verb"] != "approve" {
		t.Errorf("the refused press: %v", lines)
	}
	approved := p.said(t, "CBH-1", "request changed", `"verb":"approve"`)
	if len(approved) != 1 || approved[0]["actor"] != ana || approved[0]["revision"] != 1.0 || approved[0]["envelope"] == nil {
		t.Fatalf("the press: %v", approved)
	}
	if claimed := p.said(t, "CBH-1", "request changed", `"verb":"claim"`); len(claimed) != 1 || claimed[0]["attempt"] != 1.0 || claimed[0]["item"] != 0.0 {
		t.Errorf("the claim: %v", claimed)
	}
	called := p.said(t, "CBH-1", "the cloud was called")
	if len(called) != 1 || called[0]["cloud_request"] != call.ID || called[0]["attempt"] != 1.0 || called[0]["item"] != 0.0 {
		t.Fatalf("the call %s: %v", call.ID, called)
	}
	if took, _ := called[0]["duration"].(float64); took <= 0 {
		t.Errorf("the call took %v", called[0]["duration"])
	}
	shown := p.said(t, "CBH-1", "the cloud's list shows it")
	if len(shown) != 1 || shown[0]["cloud_request"] != call.ID || shown[0]["duration"] == nil {
		t.Errorf("the read-back: %v", shown)
	}
	envelope, _ := approved[0]["envelope"].(string)
	p.says(t, `"msg":"work is done"`)
	await(t, "the end of the work on the press", func() bool { return len(p.said(t, envelope, "work is done")) == 1 })
	if done := p.said(t, envelope, "work is done")[0]; done["actor"] != ana || done["type"] != "interactive" || done["duration"] == nil {
		t.Errorf("the work on the press: %v", done)
	}
}

// TestWhoIsIdleSaysNothing lets the bot poll Redis, sweep and seal for a while.
func TestWhoIsIdleSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	p.says(t, "cbhbot starts")
	before := p.log.String()
	<-time.After(5 * time.Second)
	if after := p.log.String(); after != before {
		t.Errorf("an idle bot said %s", strings.TrimPrefix(after, before))
	}
}

// TestAnOutageOfRedisIsNoStorm lets Redis be away for ten seconds, in which it is tried
// several times a second.
func TestAnOutageOfRedisIsNoStorm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	p.says(t, "cbhbot starts")
	w.redis.Kill()
	<-time.After(10 * time.Second)
	w.redis.Restart()
	for _, words := range []string{"the queue can be read again", "the inbox can be read again", "the audit is in order again"} {
		p.says(t, words)
	}
	said := map[string]int{}
	for _, line := range p.said(t, `"level":"warning"`) {
		said[fmt.Sprint(line["msg"], line["queue"])]++
	}
	if said["the queue cannot be read; trying againact"] != 1 || len(said) < 4 {
		t.Errorf("the outage was said as %v", said)
	}
	for words, n := range said {
		if n > 1 {
			t.Errorf("%d times: %s", n, words)
		}
	}
}
