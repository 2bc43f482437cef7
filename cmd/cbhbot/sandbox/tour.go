package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// tour tells stories, a scene at a time: a sentence, and then somebody does what it
// says. What each scene has to lead to is checked in the bot's own store.
type tour struct {
	box *sandbox

	one sync.Mutex // a scene is under way
	mu  sync.Mutex // over now
	now *telling   // nil: no story is being told
}

// telling is a story that is being told.
type telling struct {
	box     *sandbox
	story   story
	bastion string
	at      int // the scene that comes next; all of them: it is told
	request approvals.Request
	card    string
	told    string // what went wrong
}

// tourState is the tour as the panel shows it.
type tourState struct {
	Stories []titled `json:"stories"`
	Name    string   `json:"name"` // of the story that is told; "": none
	Title   string   `json:"title"`
	Says    string   `json:"says"` // what comes next
	At      int      `json:"at"`
	Of      int      `json:"of"`
	As      string   `json:"as"`      // who sees it
	Channel string   `json:"channel"` // where it is seen
	Card    string   `json:"card"`    // the card's timestamp, once there is one
	Wrong   string   `json:"wrong"`
}

type titled struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (t *tour) state() tourState {
	t.mu.Lock()
	defer t.mu.Unlock()
	language := t.box.flags.language
	s := tourState{Stories: []titled{}}
	for _, story := range stories {
		s.Stories = append(s.Stories, titled{story.name, story.title.in(language)})
	}
	if t.now == nil {
		return s
	}
	n := t.now
	s.Name, s.Title, s.At, s.Of, s.Channel, s.Card, s.Wrong = n.story.name, n.story.title.in(language), n.at, len(n.story.scenes), slackemu.ChannelOps, n.card, n.told
	if n.at == len(n.story.scenes) {
		s.Says, s.As = n.story.end.in(language), slackemu.UserRita
		return s
	}
	s.Says, s.As = n.about(n.story.scenes[n.at].says), n.story.scenes[n.at].as
	return s
}

// begin begins a story with a bastion of its own.
func (t *tour) begin(a act) (string, error) {
	t.one.Lock()
	defer t.one.Unlock()
	for _, story := range stories {
		if story.name == a.Name {
			n := &telling{box: t.box, story: story, bastion: t.box.fresh(story.bastion)}
			t.box.cloud.Put(story.instance(n.bastion))
			t.set(func() { t.now = n })
			return "", nil
		}
	}
	return "", fmt.Errorf("there is no story %q", a.Name)
}

// fresh is a name that no bastion has.
func (b *sandbox) fresh(name string) string {
	for n, free := 2, name; ; n++ {
		if b.cloud.Instance(free).Name == "" {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

func (t *tour) set(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

// leave ends the story where it is.
func (t *tour) leave(act) (string, error) {
	t.set(func() { t.now = nil })
	return "", nil
}

// scene does what the next scene says.
func (t *tour) scene(ctx context.Context, _ act) (string, error) {
	t.one.Lock()
	defer t.one.Unlock()
	n := t.telling()
	if n == nil || n.at == len(n.story.scenes) {
		return "", errors.New("choose a story first")
	}
	ctx, cancel := context.WithTimeout(ctx, sceneWithin)
	defer cancel()
	err := n.story.scenes[n.at].does(ctx, n)
	t.set(func() {
		if err != nil {
			n.told = err.Error()
			return
		}
		n.at, n.told = n.at+1, ""
	})
	return "", err
}

func (t *tour) telling() *telling {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// sceneWithin is how long a scene may take.
const sceneWithin = 30 * time.Second

// waits asks again and again until something is so.
func (n *telling) waits(ctx context.Context, what string, so func() (bool, error)) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		if yes, err := so(); err != nil || yes {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not happen", what)
		case <-tick.C:
		}
	}
}

// types is a command that somebody types in the channel.
func (n *telling) types(user, text string) error {
	if d := n.box.slack.As(user).Command(slackemu.ChannelOps, "/cbh", text); !d.Acked {
		return fmt.Errorf("the bot did not acknowledge %q: is it running?", text)
	}
	return nil
}

// askFor is a scene in which Rita asks for something; the card is there when it ends.
func askFor(en, zh string) func(context.Context, *telling) error {
	return func(ctx context.Context, n *telling) error {
		if err := n.types(rita, n.about(words{en, zh})); err != nil {
			return err
		}
		return n.hasCard(ctx)
	}
}

// about puts the bastion into a text, in the sandbox's language.
func (n *telling) about(w words) string {
	return strings.ReplaceAll(w.in(n.box.flags.language), "%s", n.bastion)
}

// hasCard waits for the newest request of the bastion, and for its card.
func (n *telling) hasCard(ctx context.Context) error {
	before := n.request.ID
	return n.waits(ctx, "the card", func() (bool, error) {
		all, _, err := n.box.store.List(ctx, store.IndexAll, 0, 1)
		if err != nil || len(all) == 0 || all[0].ID == before || all[0].Items[0].Target.Name != n.bastion {
			return false, err
		}
		card, err := n.box.store.Card(ctx, all[0].ID)
		if card != "" {
			n.request, n.card = *all[0], card
		}
		return card != "", err
	})
}

// presses a button of the card.
func (n *telling) presses(ctx context.Context, user, action string) error {
	card, err := n.box.slack.As(user).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool {
		return m.TS == n.card && (&slackemu.Shown{Message: m}).Action(action).Exists()
	})
	if err != nil {
		return fmt.Errorf("the card has no button %q", action)
	}
	card.Action(action).Click() // one that nobody acknowledges is what some stories are about
	return nil
}

// becomes waits until the request is at a stage, and the card and thread show it. What
// is scheduled has been read back.
func (n *telling) becomes(ctx context.Context, stage approvals.State) error {
	err := n.waits(ctx, string(stage), func() (bool, error) {
		r, err := n.box.store.Load(ctx, n.request.ID)
		if err != nil || r.Stage(0) != stage {
			return false, err
		}
		return stage != approvals.Scheduled || !r.Items[0].Progress.VerifiedAt.IsZero(), nil
	})
	if err != nil {
		return err
	}
	return n.box.travel.idle(ctx)
}

// passes lets time pass, from moment to moment, until the request is at a stage.
func (n *telling) passes(ctx context.Context, stage approvals.State) error {
	for range mostMomentsOfAScene {
		if r, err := n.box.store.Load(ctx, n.request.ID); err != nil {
			return err
		} else if r.Stage(0) == stage {
			break
		}
		if _, err := n.box.travel.byNext(ctx); err != nil {
			return err
		}
	}
	return n.becomes(ctx, stage)
}

// mostMomentsOfAScene is how many moments, of other requests too, may lie before what a scene leads to.
const mostMomentsOfAScene = 40

// calls is how often the cloud was asked for an upgrade of the bastion.
func (n *telling) calls() int {
	id, calls := n.box.cloud.Instance(n.bastion).ServerID, 0
	for _, r := range n.box.cloud.Requests(cbhemu.OpUpgrade) {
		if strings.Contains(r.Body, id) {
			calls++
		}
	}
	return calls
}
