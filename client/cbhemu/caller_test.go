package cbhemu_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// start is when every test begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// caller uses a server the way any program does: over HTTP, with a token.
type caller struct {
	*cbhemu.Server
	t     *testing.T
	url   string
	token string
	mu    sync.Mutex
	at    time.Time
}

func newCaller(t *testing.T, seed string) *caller {
	t.Helper()
	c := &caller{t: t, at: start}
	c.Server = cbhemu.New(cbhemu.Options{Seed: seed, Now: c.now})
	mux := http.NewServeMux()
	mux.Handle("/", c.Server)
	mux.Handle("/_control/", http.StripPrefix("/_control", c.Control()))
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	c.url, c.token = listener.URL, c.IssueToken()
	return c
}

func (c *caller) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// skip moves the clock, and takes another token, as the old one may have expired.
func (c *caller) skip(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.mu.Unlock()
	c.token = c.IssueToken()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil when it is no JSON object
}

// do sends a request; a path that does not start with / is below the project.
func (c *caller) do(method, path, body string) answer {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/v2/" + cbhemu.DefaultProject + "/cbs/" + path
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", c.token)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{text: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{status: response.StatusCode, text: err.Error()}
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

func (c *caller) post(op, format string, args ...any) answer {
	c.t.Helper()
	return c.do("POST", "instance/"+op, fmt.Sprintf(format, args...))
}

// order schedules or cancels bastion-prod.
func (c *caller) order(at time.Time, cancel bool) answer {
	c.t.Helper()
	return c.post("upgrade", `{"server_id":%q,"upgrade_time":%d,"cancel":%v}`, c.prod().ServerID, at.UnixMilli(), cancel)
}

// schedule plans the upgrade of bastion-prod 25 hours ahead.
func (c *caller) schedule() time.Time {
	c.t.Helper()
	at := c.now().Add(25 * time.Hour)
	if a := c.order(at, false); a.status != 200 {
		c.t.Fatalf("scheduling: %d %s", a.status, a.text)
	}
	return at
}

func (c *caller) prod() cbhemu.Instance { return c.Instance("bastion-prod") }

// entry is an instance as the list has it.
func (c *caller) entry(name string) map[string]any {
	c.t.Helper()
	all, _ := c.do("GET", "instance/list", "").body["instance"].([]any)
	for _, e := range all {
		if e := e.(map[string]any); e["name"] == name {
			return e
		}
	}
	c.t.Fatalf("%s is not in the list", name)
	return nil
}

// state is the part of an entry that moves.
func (c *caller) state(name string) string {
	c.t.Helper()
	e := c.entry(name)
	s := e["status_info"].(map[string]any)
	return fmt.Sprint(s["status"], " ", s["task_status"], " ", s["instance_status"], " ", e["bastion_version"], " ", e["update"], " ", e["upgrade_time"] != nil)
}

// expect compares the state of bastion-prod.
func (c *caller) expect(want string) {
	c.t.Helper()
	if got := c.state("bastion-prod"); got != want {
		c.t.Errorf("after %v:\ngot  %s\nwant %s", c.now().Sub(start), got, want)
	}
}
