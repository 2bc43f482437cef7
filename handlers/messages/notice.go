package messages

import (
	"cmp"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// NoticeOf draws what people are told: from the stored record, the language of where it
// is read, and the time.
func NoticeOf(l *Language, r *approvals.Request, n approvals.Notice, now time.Time) bot.Message {
	if n.Kind == approvals.NoticeReminder {
		asked := *r
		asked.Reminders = r.Reminders[:min(n.N, len(r.Reminders))]
		r = &asked
	}
	told := notification{ViewOf(r, min(n.Item, len(r.Items)-1)), n, now}
	if slices.Contains(ofTheWhole, n.Kind) {
		told.View = Whole(r)
	}
	v := Voice{Language: l, Zone: ZoneOf(r.Zone), Now: told.frozen()}
	text := v.text(append(lines{v.paragraph(told.sayings()...)}, told.lines()...))
	m := bot.Message{Text: text.Cut(longestNotice), Blocks: sections(text), Metadata: Marked(r, n.Key())}
	if reason := told.reason(); !reason.None() {
		m.Blocks = append(m.Blocks, paragraphs(v.Plain(reason)))
	}
	if buttons := told.buttons(); len(buttons) > 0 {
		m.Blocks = append(m.Blocks, v.buttons(buttons))
	}
	m.Broadcast = n.Broadcast
	return m
}

// ofTheWhole are the notices about a request as a whole, which has the time of what is left
// of it.
var ofTheWhole = []approvals.NoticeKind{
	approvals.NoticeDenied, approvals.NoticeWithdrawn, approvals.NoticeExpired, approvals.NoticeReminder, approvals.NoticeDirect,
	approvals.NoticeEmergency, approvals.NoticeCalled,
}

// notification is a notice about an item, at a moment. It is a source of facts. People
// whom it is not for, such as who has pressed something, are called by name: a mention
// calls somebody.
type notification struct {
	View
	notice approvals.Notice
	now    time.Time
}

// frozen is the moment that a notice counts from: one that is changed in place says the
// same however late it is drawn.
func (n notification) frozen() time.Time {
	if !n.notice.Live() {
		return n.now
	}
	return cmp.Or(n.It.Progress.VerifiedAt, n.It.Call.FinishedAt)
}

// fact knows besides what its item does.
func (n notification) fact(name string) any {
	if know, ok := noticeFacts[name]; ok {
		return know(n)
	}
	return n.View.fact(name)
}

var noticeFacts = map[string]func(n notification) any{
	"decided":    func(n notification) any { return decided(n.R) },
	"reminded":   func(n notification) any { return reminded(n.R) },
	"announced":  func(n notification) any { return mentions(n.R.Announced.To) },
	"from":       func(n notification) any { return n.R.Previous.Add(Whole(n.R).It.Offset) },
	"to":         func(n notification) any { return Whole(n.R).At },
	"closer":     func(n notification) any { return named(n.R.Closing.By) },
	"outby":      func(n notification) any { return named(n.It.Closing.By) },
	"mover":      func(n notification) any { return named(n.R.MovedBy) },
	"asker":      func(n notification) any { return named(n.R.Requester) },
	"approved":   func(n notification) any { return n.approved() },
	"breaker":    func(n notification) any { return n.breaker() },
	"heldsecond": func(n notification) any { return code(toTheSecond(n.R.HeldAt(n.I))) },
	"second":     func(n notification) any { return code(toTheSecond(n.At)) },
	"guide":      func(notification) any { return guide{} },
	"bastions": func(n notification) any {
		return listed(each(n.R.Beside(n.I), func(i int) any { return n.R.Items[i].Target }))
	},
	"before": func(n notification) any { return n.before() },
	"slack":  func(n notification) any { return code(n.R.Closing.Code) },
	"code":   func(n notification) any { return string(n.It.Call.Outcome.Code) },
}

// approved are those for whose approvals the cloud was called: in an emergency, nobody.
func (n notification) approved() listed {
	if n.R.Emergency != nil {
		return listed{}
	}
	return namesOf(n.R.Approvals())
}

func (n notification) breaker() any {
	if n.R.Emergency == nil {
		return nil
	}
	return n.R.Emergency.By
}

// before is how long before an upgrade a heads-up is given.
func (n notification) before() any {
	if i := n.notice.N - 1; i >= 0 && i < len(n.R.HeadsUp) {
		return ample(n.R.HeadsUp[i])
	}
	return nil
}

// guide is what to look at before and after an upgrade, and why one may fail.
type guide struct{}

func toTheSecond(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// reminded are those of the latest reminder.
func reminded(r *approvals.Request) listed {
	if len(r.Reminders) == 0 {
		return nil
	}
	return each(r.Reminders[len(r.Reminders)-1].Whom, func(id string) any { return user(id) })
}

// sayings are the sentences of a notice, in their order. Most notices have one text of
// their own; the others choose theirs by the facts.
func (n notification) sayings() []Saying {
	keys := []Key{n.own()}
	if choose := choices[n.notice.Kind]; choose != nil {
		keys = choose(n)
	}
	return each(keys, func(key Key) Saying { return Say(key, n) })
}

// lines stand below the sentences of a notice: one for each item of a batch, and what
// people have to know besides.
func (n notification) lines() lines {
	var all lines
	if n.notice.Kind == approvals.NoticeCalled && crosses(n.R) {
		all = lines{Say(CardCrossing)}
	}
	if !n.R.Batch() {
		return all
	}
	for _, v := range Views(n.R) {
		switch {
		case n.notice.Kind == approvals.NoticeCalled && v.It.Call.Outcome.Kind == approvals.Accepted:
			all = append(all, Say(NoticeCalledLine, v))
		case n.notice.Kind == approvals.NoticeSummary && v.Stage == approvals.Succeeded:
			all = append(all, Say(NoticeSummaryWent, v))
		case n.notice.Kind == approvals.NoticeSummary:
			all = append(all, Say(NoticeSummaryLine, v))
		}
	}
	return all
}

// reason is the words of whoever made the notice necessary.
func (n notification) reason() Saying {
	if n.notice.Kind == approvals.NoticeTakenOut && n.It.Closing.Reason != "" {
		return Say(WhyClosed, "reason", n.It.Closing.Reason)
	}
	switch reason := n.R.Closing.Reason; {
	case n.notice.Kind == approvals.NoticeEmergency && n.R.Emergency != nil:
		return Say(WhySkipped, "reason", n.R.Emergency.Reason)
	case reason != "" && (n.notice.Kind == approvals.NoticeDenied || n.notice.Kind == approvals.NoticeWithdrawn):
		return Say(WhyClosed, "reason", reason)
	}
	return Saying{}
}
