package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
)

// patience is how long anything expected is waited for.
const patience = time.Minute

// An App is what the scenario is played to. It is started with the address of the Web API, such as
// http://127.0.0.1:1234/api/, and ends with the test.
type App func(t *testing.T, api string)

// Run plays the scenario to an app, a test for each scene.
func Run(t *testing.T, start App) {
	var scenes []scene
	decoder := json.NewDecoder(bytes.NewReader(scenesFile))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&scenes); err != nil {
		t.Fatalf("scenario.json: %v", err)
	}
	for _, s := range scenes {
		t.Run(s.Name, func(t *testing.T) { play(t, s, start) })
	}
}

// stage is the workspace of a scene while it is played.
type stage struct {
	t       *testing.T
	ws      *slackemu.Server
	control string
	kept    map[string]any
	wire    *journal
	acks    *journal
	calls   int      // that were looked at
	before  []string // the sockets when the step before ended
}

func play(t *testing.T, s scene, start App) {
	options, err := s.Workspace.options()
	if err != nil {
		t.Fatal(err)
	}
	p := &stage{t: t, kept: map[string]any{}, wire: newJournal(), acks: newJournal()}
	options.Tap = func(f slackemu.Frame) {
		to := p.wire
		if f.FromApp {
			to = p.acks
		}
		to.note(f.Text)
	}
	p.ws = slackemu.New(options)
	web, control := httptest.NewServer(p.ws), httptest.NewServer(p.ws.Control())
	t.Cleanup(func() { p.ws.Close(); web.Close(); control.Close() })
	p.control = control.URL
	start(t, web.URL+"/api/")
	for _, step := range s.Steps {
		if !t.Run(step.Name, func(t *testing.T) { p.at(t).play(step) }) {
			t.Fatalf("what follows %q builds on it", step.Name)
		}
	}
}

// at is the stage for a step's own test.
func (p *stage) at(t *testing.T) *stage { p.t = t; return p }

func (p *stage) play(s step) {
	if s.Do != "" {
		p.do(s)
	}
	for _, f := range s.Wire {
		p.keep(f.Keep, p.expect(p.wire, "frame", f.Frame))
	}
	for _, ack := range s.Acks {
		p.expect(p.acks, "ack", ack)
	}
	p.expectCalls(s.Calls)
	for _, seen := range s.Sees {
		p.look(seen)
	}
	p.expectView("modal", s.Modal)
	p.expectView("home", s.Home)
	if s.Sockets > 0 {
		p.wait("sockets in the place of those before", func() (any, bool) { return p.sockets(), replaced(p.before, p.sockets(), s.Sockets) })
	}
	p.before = p.sockets()
}

func (p *stage) sockets() (ids []string) {
	for _, s := range p.ws.Sockets() {
		ids = append(ids, s.ID)
	}
	return ids
}

func replaced(before, after []string, n int) bool {
	return len(after) == n && !slices.ContainsFunc(after, func(id string) bool { return slices.Contains(before, id) })
}

// do carries an act out and looks at its answer.
func (p *stage) do(s step) {
	p.t.Helper()
	verb, path, _ := strings.Cut(s.Do, " ")
	body, err := json.Marshal(filled(s.With, p.kept))
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), verb, p.control+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v, %v", s.Do, response.StatusCode, answer, err)
	}
	if want := filled(s.Answer, p.kept); want != nil && !fits(want, answer) {
		p.t.Fatalf("%s is answered with\n%s, want\n%s", s.Do, asJSON(answer), asJSON(want))
	}
	p.keep(s.Keep, answer)
}

func (p *stage) keep(what names, of any) {
	for name, path := range what {
		if p.kept[name] = at(of, path); p.kept[name] == nil {
			p.t.Fatalf("there is no %s in %s", path, asJSON(of))
		}
	}
}

// expect waits for the next entry of a journal that fits.
func (p *stage) expect(j *journal, kind string, want any) any {
	p.t.Helper()
	want = filled(want, p.kept)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	found, passed := j.next(ctx, func(entry any) bool { return fits(want, entry) })
	if found == nil {
		p.t.Fatalf("no %s like\n%s; there were\n%s", kind, asJSON(want), asJSON(passed))
	}
	return found
}

// wait waits until the workspace is as expected.
func (p *stage) wait(what string, look func() (seen any, ok bool)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var seen any
	err := p.ws.Wait(ctx, func() (ok bool) { seen, ok = look(); return ok })
	if err != nil {
		p.t.Fatalf("no %s; there is\n%s", what, asJSON(seen))
	}
}

func (p *stage) expectCalls(calls []call) {
	p.t.Helper()
	var last time.Time
	for _, want := range calls {
		p.wait(asJSON(want), func() (any, bool) {
			made := p.ws.Calls()[p.calls:]
			at := slices.IndexFunc(made, func(c slackemu.Call) bool {
				return c.Method == want.Method && c.Status == want.Status && c.Error == want.Error
			})
			if at < 0 {
				return made, false
			}
			if early := made[at].At.Sub(last); early < time.Duration(want.After) {
				p.t.Errorf("%s came %s after the one before, want %s", want.Method, early, time.Duration(want.After))
			}
			last, p.calls = made[at].At, p.calls+at+1
			return nil, true
		})
	}
}

// look waits for a message. One that nobody is to see is looked for once, when all else is there.
func (p *stage) look(s sight) {
	p.t.Helper()
	want, who := filled(s.Message, p.kept), p.ws.As(s.As)
	look := func() (any, bool) {
		seen := []any{}
		for _, m := range who.Sees(s.In) {
			message := generic(m.Message)
			if seen = append(seen, message); fits(want, message) {
				return message, true
			}
		}
		return seen, false
	}
	if s.None {
		if seen, there := look(); there {
			p.t.Fatalf("%s sees %s", s.As, asJSON(seen))
		}
		return
	}
	var found any
	p.wait("message like "+asJSON(want), func() (any, bool) { seen, ok := look(); found = seen; return seen, ok })
	p.keep(s.Keep, found)
}

func (p *stage) expectView(kind string, v *view) {
	p.t.Helper()
	if v == nil {
		return
	}
	want := filled(v.View, p.kept)
	p.wait(kind+" like "+asJSON(want), func() (any, bool) {
		current := p.ws.As(v.As).Modal
		if kind == "home" {
			current = p.ws.As(v.As).Home
		}
		open := generic(current())
		return open, fits(want, open)
	})
}

func asJSON(value any) string {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// journal holds frames in the order they passed.
type journal struct {
	mu      sync.Mutex
	entries []any
	read    int           // how many were looked at
	more    chan struct{} // closed and replaced at each entry
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

func (j *journal) note(text json.RawMessage) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, generic(text))
	close(j.more)
	j.more = make(chan struct{})
}

// next returns the next entry that fits, or nil with those that did not when ctx ends.
func (j *journal) next(ctx context.Context, is func(any) bool) (found any, passed []any) {
	for {
		j.mu.Lock()
		more := j.more
		for j.read < len(j.entries) {
			entry := j.entries[j.read]
			j.read++
			if is(entry) {
				j.mu.Unlock()
				return entry, nil
			}
			passed = append(passed, entry)
		}
		j.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return nil, passed
		}
	}
}
