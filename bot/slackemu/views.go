package slackemu

import (
	"slices"
	"time"
)

// keptSecrets is how many trigger ids, tickets or response_urls are kept before lapsed ones are forgotten.
const keptSecrets = 1000

const (
	triggerLife = 3 * time.Second
	viewDepth   = 3      // modals on top of each other
	viewBytes   = 250000 // of one view
)

// trigger lets the app open a modal for the person who just did something.
type trigger struct {
	user    string
	channel string // that the person was looking at; "" when none is known
	until   time.Time
	used    bool

	envelope string // of the act that it came with
}

// panel is a modal that is open, or somebody's home tab.
type panel struct {
	id, user string
	content  object // as the app sent it, with ids completed
	blocks   []object
	hash     string
	root     string // the lowest modal of the stack
	previous string // the modal below
	home     bool
	from     string // the channel that its person looked at when it was opened
}

// newTrigger makes a trigger_id for what a person just did. The caller holds s.mu.
func (s *Server) newTrigger(user, channel string) string {
	now := s.opts.Now()
	s.triggersFull = forget(s.triggers, s.triggersFull, func(t *trigger) bool { return now.After(t.until.Add(time.Minute)) })
	id := s.newID("") + "." + s.secret()
	s.triggers[id] = &trigger{user: user, channel: channel, until: now.Add(triggerLife)}
	return id
}

// redeemTrigger uses a call's trigger_id.
func (s *Server) redeemTrigger(c *call) (*trigger, error) {
	t := s.triggers[c.text("trigger_id")]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.opts.Now().After(t.until):
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	s.answered(t.envelope)
	return t, nil
}

// newModal is the form that a call brings, and the call's trigger.
func (s *Server) newModal(c *call) (*panel, *trigger, error) {
	v, err := s.viewArgument(c, surfaceModal)
	if err != nil {
		return nil, nil, err
	}
	if s.named(str(v.content, "external_id")) != nil {
		return nil, nil, refuse("duplicate_external_id")
	}
	t, err := s.redeemTrigger(c)
	if err != nil {
		return nil, nil, err
	}
	v.from = t.channel
	return v, t, nil
}

// openView is https://api.slack.com/methods/views.open.
func (s *Server) openView(c *call) (object, error) {
	v, t, err := s.newModal(c)
	if err != nil {
		return nil, err
	}
	s.closeModals(t.user, "")
	return object{"view": s.stack(v, t.user)}, nil
}

// pushView is https://api.slack.com/methods/views.push.
func (s *Server) pushView(c *call) (object, error) {
	v, t, err := s.newModal(c)
	if err == nil {
		err = s.roomAbove(t.user)
	}
	if err != nil {
		return nil, err
	}
	return object{"view": s.stack(v, t.user)}, nil
}

func (s *Server) roomAbove(user string) error {
	switch depth := len(s.modals[user]); {
	case depth == 0:
		return refuse("not_found")
	case depth >= viewDepth:
		return refuse("push_limit_reached")
	}
	return nil
}

// stack puts a view on top of a person's modals and returns it as the Web API shows it. The caller holds s.mu.
func (s *Server) stack(v *panel, user string) object {
	v.id, v.user, v.hash = s.newID("V"), user, s.secret()
	v.root = v.id
	if below := s.modals[user]; len(below) > 0 {
		v.root, v.previous = below[0], below[len(below)-1]
	}
	s.views[v.id] = v
	s.modals[user] = append(slices.Clone(s.modals[user]), v.id)
	s.preselect(v)
	s.touch()
	return s.viewObject(v)
}

// updateView is https://api.slack.com/methods/views.update.
func (s *Server) updateView(c *call) (object, error) {
	v, err := s.viewArgument(c, surfaceModal)
	if err != nil {
		return nil, err
	}
	old := s.views[c.text("view_id")]
	if old == nil {
		old = s.named(c.text("external_id"))
	}
	if old == nil || old.home {
		return nil, refuse("not_found")
	}
	s.told(old.user)
	return s.swap(old, v, c.text("hash"))
}

// named is the view with an external_id, or nil.
func (s *Server) named(externalID string) *panel {
	for _, v := range s.views {
		if externalID != "" && str(v.content, "external_id") == externalID {
			return v
		}
	}
	return nil
}

// swap gives an open view new content, unless it is not the one the app knows by its hash.
func (s *Server) swap(old, v *panel, hash string) (object, error) {
	if hash != "" && hash != old.hash {
		return nil, refuse("hash_conflict")
	}
	changed := *old
	changed.content, changed.blocks, changed.hash = v.content, v.blocks, s.secret()
	s.views[old.id] = &changed
	s.preselect(&changed)
	s.touch()
	return object{"view": s.viewObject(&changed)}, nil
}

// publishView is https://api.slack.com/methods/views.publish.
func (s *Server) publishView(c *call) (object, error) {
	v, err := s.viewArgument(c, surfaceHome)
	if err != nil {
		return nil, err
	}
	user := c.text("user_id")
	if !s.opts.Manifest.Features.Home.HomeTab {
		return nil, refuse("not_enabled")
	}
	if s.users[user] == nil {
		return nil, refuse("user_not_found")
	}
	s.told(user)
	if old := s.views[s.homes[user]]; old != nil {
		return s.swap(old, v, c.text("hash"))
	}
	v.id, v.user, v.hash, v.home = s.newID("V"), user, s.secret(), true
	v.root = v.id
	s.views[v.id], s.homes[user] = v, v.id
	s.touch()
	return object{"view": s.viewObject(v)}, nil
}

// modalShape and homeShape are https://api.slack.com/reference/surfaces/views, less the blocks.
var modalShape = shape{
	"title": must(plainText(24)), "close": may(plainText(24)), "submit": may(plainText(24)),
	"private_metadata": may(text(0, 3000)), "callback_id": may(text(0, 255)), "external_id": may(text(0, 255)),
	"clear_on_close": may(boolean), "notify_on_close": may(boolean), "submit_disabled": may(boolean),
	"blocks": must(anything),
}

var homeShape = shape{
	"private_metadata": may(text(0, 3000)), "callback_id": may(text(0, 255)), "external_id": may(text(0, 255)),
	"blocks": must(anything),
}

func anything(*problems, string, any) {}

func (s *Server) viewArgument(c *call, on surface) (*panel, error) {
	value, err := c.json("view")
	if err != nil || value == nil {
		return nil, refuse("invalid_arguments", "missing required field: view")
	}
	return s.newView(value, on)
}

// newView checks a view the app sent. The caller holds s.mu.
func (s *Server) newView(value any, on surface) (*panel, error) {
	p := &problems{}
	if checkView(p, "/view", value, on); len(p.found) > 0 {
		return nil, refuse("invalid_arguments", p.lines()...)
	}
	if len(encode(value)) > viewBytes {
		return nil, refuse("view_too_large")
	}
	content := completeTexts(clone(value)).(object)
	return &panel{content: content, blocks: s.completed(content["blocks"])}, nil
}

func checkView(p *problems, at string, value any, on surface) {
	typed(p, at, value, map[string]shape{"modal": modalShape, "home": homeShape}, nil)
	view, _ := value.(object)
	if kind := str(view, "type"); kind != on.name {
		p.add(at+"/type", "must be %s", on.name)
	}
	if view["blocks"] != nil {
		checkBlocks(p, at+"/blocks", view["blocks"], on)
	}
	hasInput := slices.ContainsFunc(objects(view, "blocks"), func(b object) bool { return str(b, "type") == "input" })
	if on == surfaceModal && hasInput && view["submit"] == nil {
		p.missing(at, "submit")
	}
}

// viewObject is a view as the Web API and payloads show it. The caller holds s.mu.
func (s *Server) viewObject(v *panel) object {
	text := func(name string) any {
		if t := child(v.content, name); t != nil {
			return t
		}
		return nil
	}
	return object{
		"id": v.id, "team_id": s.opts.TeamID, "type": str(v.content, "type"), "blocks": append([]object{}, v.blocks...),
		"private_metadata": str(v.content, "private_metadata"), "callback_id": str(v.content, "callback_id"),
		"external_id": str(v.content, "external_id"), "state": object{"values": s.inputValues(v.id, v.blocks)},
		"hash": v.hash, "title": text("title"), "close": text("close"), "submit": text("submit"),
		"clear_on_close": flag(v.content, "clear_on_close"), "notify_on_close": flag(v.content, "notify_on_close"),
		"root_view_id": v.root, "previous_view_id": nilIfEmpty(v.previous), "app_id": s.opts.AppID,
		"app_installed_team_id": s.opts.TeamID, "bot_id": BotID,
	}
}

// closeModals takes a person's modals away from one view up, or all of them with "". The caller holds s.mu.
func (s *Server) closeModals(user, from string) {
	open := s.modals[user]
	keep := slices.Index(open, from)
	switch {
	case from == "":
		keep = 0
	case keep < 0:
		return
	}
	for _, id := range open[keep:] {
		delete(s.views, id)
		s.forgetInputs(id)
	}
	s.modals[user] = slices.Clone(open[:keep])
	s.touch()
}
