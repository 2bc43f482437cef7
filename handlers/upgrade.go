package handlers

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// upgrade asks for an upgrade: find the instance, understand the time, look
// before asking people, then make the request.
func (h *Handlers) upgrade(ctx context.Context, a actor, c messages.Draft) error {
	c = withDash(withStagger(c), a.at)
	draft := messages.Draft{Verb: "upgrade", Instance: c.Instance, Reason: c.Reason, Channel: a.channel}
	var when string
	when, draft.Stagger = cutStagger(c.Phrase)
	if staggers.MatchString(timephrase.Simplified(when)) {
		return messages.Refuse(messages.StaggerTyped)
	}
	if at, forgotten := h.withoutName(ctx, a, c); forgotten {
		draft.Instance = ""
		return h.openForm(ctx, a, draft.AtTime(at))
	}
	if c.Instance == "" || when == "" {
		return h.hintAtCommas(ctx, c.Instance, when, h.openForm(ctx, a, draft))
	}
	read, err := h.time(ctx, a, when, draft)
	if err != nil {
		return h.hintAtNames(ctx, c.Instance, when, err)
	}
	return h.request(ctx, a, draft.AtTime(read.Time), heard{when, read})
}

// withoutName reports whether somebody typed a time and no instance.
func (h *Handlers) withoutName(ctx context.Context, a actor, c messages.Draft) (time.Time, bool) {
	if _, named := h.Cloud.Recall(ctx, c.Instance); named {
		return time.Time{}, false
	}
	read, unread := parse(c.Instance+" "+c.Phrase, a.at, h.voice(ctx, a.user).Zone, h.reach(h.anyNotice()))
	return read.Time, unread == nil && h.nobodys(ctx, c.Instance)
}

// hintAtNames says what is none of an instance's names in front of what was to be a time, and how
// several are named where another one stands in that.
func (h *Handlers) hintAtNames(ctx context.Context, names, when string, err error) error {
	q, ok := errors.AsType[*messages.Answer](err)
	if !ok {
		return err
	}
	all := strings.Split(names, listed)
	last := all[len(all)-1]
	switch unknown := h.nobodys(ctx, last); {
	case unknown && len(all) > 1:
		q.Text = append(q.Text, messages.Say(messages.JoinedNames, "name", messages.Code(last)))
	case unknown:
		q.Text = append(q.Text, messages.Say(messages.NoInstance, "name", messages.Code(last)))
		q.Text = append(q.Text, spelling(last, "upgrade", h.Now())...)
	case len(all) == 1 && h.names(ctx, when):
		q.Text = append(q.Text, messages.Say(messages.SpacedNames))
	}
	return err
}

// timeBehindComma takes what stands behind a comma for the time where it is one, and like nobody's name:
// "bastion-prod, sunday 2am".
func (h *Handlers) timeBehindComma(ctx context.Context, a actor, c messages.Draft) messages.Draft {
	comma := strings.LastIndex(c.Instance, listed)
	if comma < 0 {
		return c
	}
	last := c.Instance[comma+len(listed):]
	phrase := strings.TrimSpace(last + " " + c.Phrase)
	if when, _ := cutStagger(phrase); !tellsTime(when, a.at) {
		return c
	}
	_, err := h.Cloud.Find(ctx, last)
	if unknown, ok := errors.AsType[*cloud.UnknownError](err); !ok || len(unknown.Near) > 0 && !timephrase.Knows(last) {
		return c
	}
	c.Instance, c.Phrase = c.Instance[:comma], phrase
	return h.timeBehindComma(ctx, a, c)
}

// hintAtCommas is hintAtNames where several are named: what stands behind a comma may be a time.
func (h *Handlers) hintAtCommas(ctx context.Context, names, when string, err error) error {
	if !strings.Contains(names, listed) {
		return err
	}
	return h.hintAtNames(ctx, names, when, err)
}

// timeBehindName takes the Chinese right behind a name for the time where it is one, and all of it is nobody's name:
// "bastion-prod周日凌晨2点".
func (h *Handlers) timeBehindName(ctx context.Context, a actor, c messages.Draft) messages.Draft {
	last := c.Instance[strings.LastIndex(c.Instance, listed)+1:]
	parts := glued.FindStringSubmatch(strings.TrimSpace(last))
	if parts == nil {
		return c
	}
	phrase := strings.TrimSpace(parts[2] + " " + c.Phrase)
	if when, _ := cutStagger(phrase); !tellsTime(when, a.at) || !h.nobodys(ctx, parts[0]) {
		return c
	}
	c.Instance, c.Phrase = strings.TrimSuffix(c.Instance, parts[2]), phrase
	return c
}

// names reports whether a word of some is the name of an instance.
func (h *Handlers) names(ctx context.Context, words string) bool {
	all, _ := h.Cloud.Instances(ctx)
	return slices.ContainsFunc(strings.Fields(words), func(word string) bool {
		return slices.ContainsFunc(all, func(i cloud.Instance) bool { return strings.EqualFold(i.Name, word) })
	})
}

// heard is a phrase and how it was read; nothing when a button was pressed.
type heard struct {
	phrase string
	read   timephrase.Reading
}

// answer says how each part of the phrase was read, too, so that a misreading is seen
// before anybody approves. Whoever types Chinese is answered in Chinese.
func (t heard) answer(text messages.Saying) *messages.Answer {
	if t.phrase == "" {
		return messages.Tell(text)
	}
	answer := messages.Tell(text, messages.Say(messages.ReadAs, "how", messages.HowRead(t.read)))
	answer.Language = messages.Typed(t.read.Chinese)
	return answer
}

// time reads a phrase in the person's zone. What cannot be read for sure comes
// back as a question with the possible times as buttons.
func (h *Handlers) time(ctx context.Context, a actor, phrase string, draft messages.Draft) (timephrase.Reading, error) {
	if h.Engine.Trusted("", engine.JudgeSkew) != nil { // "tomorrow" may be another day
		return timephrase.Reading{}, messages.Refuse(messages.ClocksDiffer)
	}
	zone, err := h.zone(ctx, a)
	if err != nil {
		return timephrase.Reading{}, err
	}
	reach := h.reach(h.anyNotice())
	if zone == messages.Nowhere && needsZone(phrase, a.at, reach) {
		return timephrase.Reading{}, messages.Refuse(messages.ZoneUnknown)
	}
	reading, unread := parse(phrase, a.at, zone, reach)
	if unread == nil {
		return reading, nil
	}
	unread.Candidates = append(unread.Candidates, respelt(phrase, unread, a.at, zone, reach)...)
	q := askTime(unread, draft)
	when, words := cutUnread(phrase, unread)
	_, fault := parse(when, a.at, zone, reach)
	begin := span.ReplaceAllString(phrase, "$1$2")
	switch {
	case begin != phrase && tellsTime(begin, a.at):
		q.Text = append(q.Text, messages.Say(messages.BeginsOnce, "typed", messages.Code(begin)))
	case words == "" || !tellsTime(when, a.at):
	case tellsTime(until.ReplaceAllString(words, ""), a.at):
		q.Text = append(q.Text, messages.Say(messages.BeginsOnce, "typed", messages.Code(when)))
	case fault == nil && draft.Verb == "upgrade" && draft.Reason == "" && !h.names(ctx, words):
		q.Text = append(q.Text, messages.Say(messages.ReasonBehind, "words", messages.Code(words), "typed", messages.Code(when+" -- "+words)))
	}
	return reading, q
}

// needsZone reports whether a phrase means other times in other zones.
func needsZone(phrase string, now time.Time, reach timephrase.Limits) bool {
	here := meanings(phrase, now, time.UTC, reach)
	there := meanings(phrase, now, time.FixedZone("", 11*60*60), reach)
	return !slices.EqualFunc(here, there, func(one, other timephrase.Candidate) bool { return one.Time.Equal(other.Time) })
}

// respelt is the times that a phrase can mean when what is not read of it is misspelt.
func respelt(phrase string, unread *timephrase.Error, now time.Time, zone *time.Location, reach timephrase.Limits) (all []timephrase.Candidate) {
	for _, right := range messages.Respelt(phrase, unread) {
		all = append(all, meanings(right, now, zone, reach)...)
	}
	return all
}

// meanings is the times that a phrase can mean.
func meanings(phrase string, now time.Time, zone *time.Location, reach timephrase.Limits) []timephrase.Candidate {
	switch reading, question := parse(phrase, now, zone, reach); {
	case question == nil:
		return []timephrase.Candidate{{Time: reading.Time}}
	case question.Kind == timephrase.Ambiguous:
		return question.Candidates
	}
	return nil
}

// parse is timephrase.Parse, whose error is always one of its own.
func parse(phrase string, now time.Time, zone *time.Location, reach timephrase.Limits) (timephrase.Reading, *timephrase.Error) {
	read, err := timephrase.Parse(phrase, now, zone, reach)
	unread, _ := errors.AsType[*timephrase.Error](err)
	return read, unread
}

// anywhen is no limit to where a time lies.
var anywhen timephrase.Limits

// span is a span of time with its end, of which the beginning alone is to be typed.
var span = regexp.MustCompile(`(?i)\b(?:between|from)\s+(.+?)\s+(?:and|to|till?|until)\s+\d\S*(?:\s+[ap]m)?|[从從](.+?)[到至].+`)

// until is what stands before the end of a span of time.
var until = regexp.MustCompile(`(?i)^(?:to|till?|until|and|or|[~～至到])\s*`)

// withDash takes what stands behind a dash for a part of the time where it is one: in "sunday 2am – 4am" and
// "sunday 2am – UTC" it is no reason.
func withDash(c messages.Draft, now time.Time) messages.Draft {
	when, reason := cutReason(c.Reason)
	switch {
	case tellsTime(when, now):
		c.Phrase, c.Reason = strings.TrimPrefix(c.Phrase+" – "+when, " – "), reason
	case goesWith(c.Phrase, when, now):
		c.Phrase, c.Reason = strings.TrimSpace(c.Phrase+" "+when), reason
	}
	return c
}

// withStagger takes the distance between several upgrades for a part of the time also where it ends the reason.
func withStagger(c messages.Draft) messages.Draft {
	reason, seconds := cutStagger(c.Reason)
	if seconds > 0 && strings.Contains(c.Instance, listed) && strings.HasPrefix(c.Reason, reason) {
		c.Phrase, c.Reason = c.Phrase+c.Reason[len(reason):], reason
	}
	return c
}

// tellsTime reports whether words are nothing but a time, be it one to ask about.
func tellsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong == nil || len(wrong.Candidates) > 0
}

// beginsTime reports whether words are a time, or what lacks only its day or its time of day.
func beginsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong == nil || wrong.Kind == timephrase.Ambiguous
}

// goesWith reports whether words are a day or a zone that a phrase may lack. Figures alone may be a version.
func goesWith(phrase, words string, now time.Time) bool {
	zone := bareZone.MatchString(words)
	if !zone && !strings.ContainsFunc(words, unicode.IsLetter) {
		return false
	}
	alone := noTime(words, now)
	if !zone && alone != nil && alone.Kind != timephrase.Ambiguous && alone.Remark.Point != timephrase.NoDayOrClock {
		return false
	}
	both := noTime(phrase+" "+words, now)
	return both == nil || both.Remark.Point != timephrase.NotATime
}

// bareZone is a zone that is one only behind a clock time: an offset, or that of somebody or something else.
var bareZone = regexp.MustCompile(`(?i)^(?:[+-]\d\d:?\d\d|(?:server|system|our|your|their) time)$`)

// misspellsTime reports whether words are one when what is not read of them is spelt as it is nearly.
func misspellsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong != nil && slices.ContainsFunc(messages.Respelt(words, wrong), func(right string) bool { return beginsTime(right, now) })
}

// noTime is why words are no time; nil where they are one.
func noTime(words string, now time.Time) *timephrase.Error {
	_, wrong := parse(words, now, time.UTC, anywhen)
	return wrong
}

// cutUnread cuts a phrase in front of what is not read as a time, which may be a reason.
func cutUnread(phrase string, unread *timephrase.Error) (when, words string) {
	at := strings.LastIndex(phrase, strings.TrimSuffix(unread.Part, "…"))
	if unread.Remark.Point != timephrase.NotATime || at < 0 {
		return "", ""
	}
	const signs = "-－–—:：,; "
	return strings.TrimRight(phrase[:at], signs), strings.TrimLeft(phrase[at:], signs)
}

// askTime offers what a phrase can mean: a button for each instant, which
// continues the same command, and a form for any other.
func askTime(unread *timephrase.Error, draft messages.Draft) *messages.Answer {
	q := messages.Tell(messages.PhraseFault(unread))
	q.Language = messages.Typed(unread.Chinese)
	q.OfferPhrase(unread, draft)
	q.OfferOtherTime(draft)
	return q
}

// askOpen offers times at which the policy's calendar is open, and to those who
// may override it the one they asked for. Other errors pass.
func (h *Handlers) askOpen(err error, draft messages.Draft) error {
	closed, ok := errors.AsType[*policy.ClosedError](err)
	if !ok {
		return err
	}
	q := messages.Tell(messages.Closed(closed))
	for _, at := range slices.DeleteFunc(slices.Clone(closed.Near), h.outOfReach) {
		q.OfferTime(at, messages.Saying{}, draft)
	}
	q.OfferOtherTime(draft)
	if closed.Override {
		q.Buttons = append(q.Buttons, messages.Button{
			Action: messages.ActOverride, Label: messages.Say(messages.LabelAnyway), Value: draft.Value(), Style: slack.StyleDanger,
		})
	}
	return q
}

// outOfReach reports whether a time is too soon for any upgrade, or too far ahead.
func (h *Handlers) outOfReach(at time.Time) bool {
	ahead := at.Sub(h.Now())
	return ahead <= h.anyNotice()+messages.LeadSlack || h.MaxLead > 0 && ahead > h.MaxLead
}

// request makes the request of a complete draft and says so privately.
func (h *Handlers) request(ctx context.Context, a actor, draft messages.Draft, when heard) error {
	at := time.Unix(draft.At, 0).UTC()
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	targets, err := h.targets(ctx, draft)
	if err != nil {
		return err
	}
	notice, items := h.notice(targets), approvals.NewItems(staggerOf(draft), targets...)
	if err := h.inReach(at.In(zone), items[len(items)-1].Offset, notice, draft); err != nil {
		return err
	}
	wanted := engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Items: items,
		Timing: approvals.Timing{At: at, Deadline: decidedBy(at, notice), Lead: notice, Zone: zone.String(), Phrase: when.phrase},
		Reason: draft.Reason, Override: draft.Override, Channel: draft.Channel, Private: h.isDirect(ctx, a, draft.Channel),
	}
	made, err := h.Engine.Ask(ctx, wanted)
	if err != nil {
		return h.askOpen(h.inTheWay(ctx, err, wanted), draft)
	}
	return h.tell(ctx, a, when.answer(messages.AskedFor(made)))
}

// inReach checks a chosen instant, in the zone of whoever chose it, against the notice that is
// needed, at this moment: it may have been chosen a while ago. The last upgrade of a batch is to
// begin a span later.
func (h *Handlers) inReach(at time.Time, span, notice time.Duration, draft messages.Draft) error {
	if refusal := h.reach(notice).Refuse(at, h.Now()); refusal != nil {
		return askTime(refusal, draft)
	}
	last, latest := at.Add(span), h.Now().Add(h.MaxLead)
	if h.MaxLead > 0 && last.After(latest) {
		return messages.Refuse(messages.LastTooFar, "time", messages.Exact(last), "latest", messages.Exact(latest))
	}
	return nil
}

// link is the request's name, leading to its card where that is known.
func (h *Handlers) link(ctx context.Context, r *approvals.Request) any {
	return messages.Link(r, h.links(ctx, []*approvals.Request{r})[r.ID])
}
