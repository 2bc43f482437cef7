package sandbox

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"cbhbot/client/cbhemu"
)

//go:embed panel
var panelFiles embed.FS

// panel serves what stands beside the page: its files, what it shows, and what it
// can do.
//
//	GET  /state       the clock and what comes next, the cloud, the trouble, the count
//	GET  /call ?id=   one call to the cloud, with bodies
//	POST /act  act    -> {text} or {error}
func (b *sandbox) panel() http.Handler {
	files, err := fs.Sub(panelFiles, "panel")
	if err != nil {
		panic(err) // embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) { answer(w, b.state(r.Context())) })
	mux.HandleFunc("GET /call", func(w http.ResponseWriter, r *http.Request) {
		call, known := b.call(r.FormValue("id"))
		if !known {
			http.NotFound(w, r)
			return
		}
		answer(w, call)
	})
	mux.HandleFunc("POST /act", b.serveAct)
	return mux
}

// act is something that is done in the panel; each uses the fields it needs.
type act struct {
	Do    string `json:"do"`
	Name  string `json:"name"`
	Value string `json:"value"`
	On    bool   `json:"on"`
}

// acts by what they do. Each returns a sentence to show, or "".
func (b *sandbox) acts() map[string]func(context.Context, act) (string, error) {
	at := func(do func(act) (string, error)) func(context.Context, act) (string, error) {
		return func(_ context.Context, a act) (string, error) { return do(a) }
	}
	return map[string]func(context.Context, act) (string, error){
		"next":    func(ctx context.Context, _ act) (string, error) { return b.travel.byNext(ctx) },
		"skip":    b.skip,
		"to":      b.goTo,
		"fate":    at(b.setFate),
		"console": at(b.console),
		"bastion": at(b.addBastion),
		"answer":  at(b.answerWith),
		"calm":    at(func(act) (string, error) { b.cloud.ClearFaults(); return "", nil }),
		"hang":    at(func(a act) (string, error) { b.hang(a.On); return "", nil }),
		"sockets": at(b.closeSockets),
		"slack":   at(b.setSlack),
		"redis":   at(b.setRedis),
		"bot":     at(b.setBot),
		"story":   at(b.tour.begin),
		"scene":   b.tour.scene,
		"leave":   at(b.tour.leave),
	}
}

// skip goes ahead by the act's value, such as 1h.
func (b *sandbox) skip(ctx context.Context, a act) (string, error) {
	d, err := time.ParseDuration(a.Value)
	if err != nil || d <= 0 || d > farthest {
		return "", fmt.Errorf("the clock moves ahead by a duration such as 1h, not %q", a.Value)
	}
	return b.travel.to(ctx, func() time.Time { return b.clock.now().Add(d) })
}

// goTo goes to the act's value, a moment that lies ahead.
func (b *sandbox) goTo(ctx context.Context, a act) (string, error) {
	at, err := time.Parse(time.RFC3339Nano, a.Value)
	if err != nil || at.Sub(b.clock.now()) > farthest {
		return "", fmt.Errorf("the clock moves to a moment such as %s, not %q", anExample, a.Value)
	}
	return b.travel.to(ctx, func() time.Time { return at })
}

func (b *sandbox) serveAct(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/json" { // what a form of another site cannot send
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return
	}
	var a act
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&a)
	do, known := b.acts()[a.Do]
	if err == nil && !known {
		err = fmt.Errorf("the panel cannot %q", a.Do)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	text, err := do(r.Context(), a)
	b.slack.Changed()
	if err != nil {
		answer(w, map[string]string{"error": err.Error()})
		return
	}
	answer(w, map[string]string{"text": text})
}

// panelState is all that the panel shows.
type panelState struct {
	Now     time.Time       `json:"now"`
	Going   bool            `json:"going"` // the clock is under way to somewhere
	Next    []moment        `json:"next"`  // null while Redis is away
	Cloud   []bastion       `json:"cloud"`
	Calls   []cloudCall     `json:"calls"`
	Faults  []cbhemu.Fault  `json:"faults"` // of the cloud, that have not run out
	Slack   map[string]bool `json:"slack"`
	Sockets int             `json:"sockets"`
	Hangs   bool            `json:"hangs"`
	Redis   redisState      `json:"redis"`
	Bot     botState        `json:"bot"`
	Ambush  bool            `json:"ambush"`
	Count   *count          `json:"count"` // null while Redis is away
	Tour    tourState       `json:"tour"`
}

// mostMoments is how many of what lies ahead the panel shows.
const mostMoments = 6

// asks is how long Redis may take for one state.
const asks = 500 * time.Millisecond

func (b *sandbox) state(ctx context.Context) panelState {
	ctx, cancel := context.WithTimeout(ctx, asks)
	defer cancel()
	s := panelState{
		Now: b.clock.now(), Going: b.travel.going.Load(), Cloud: b.bastions(), Calls: b.calls(), Faults: b.cloud.Faults(),
		Slack: b.slackState(), Sockets: len(b.slack.Sockets()), Hangs: b.hanging(),
		Redis: b.storage.state(), Bot: b.bot.state(), Ambush: b.ambush.armed.Load(),
		Tour: b.tour.state(),
	}
	if next, err := b.moments(ctx); err == nil {
		s.Next = append([]moment{}, next[:min(len(next), mostMoments)]...)
		_ = b.withCards(ctx, s.Next) // without Redis there is none to lead to
	}
	if c, err := b.ledger.count(ctx); err == nil {
		s.Count = &c
	}
	return s
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // whoever asked is gone
}
