package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// This file holds how the time of a move is said: from where, and in which direction.

// The verbs of a move in one direction.
const (
	postpone = `postpone|push|delay|defer|推[迟遲后後]|延[迟遲后後期]|[顺順]延|押[后後]|[往向]?[后後][推延挪移]`
	prepone  = `prepone|bring|pull|提[前早]|[往向]?前[提挪移]`
)

// to is what people put between what they move and its new time; later and earlier are how
// they say by how much they move it.
var (
	to = regexp.MustCompile(`(?i)^(?:改成\s*|` +
		`(?:(?:move|change|shift|改期?|更改|[变變]更|[调調]整?|[换換挪移]|移[动動]|(?P<later>` + postpone + `)|(?P<earlier>` + prepone + `))\s*)?` +
		`(?:it\s+)?(?:(?:back|out|forward)\s+)?(?:to\s+|[到至为為去]\s*))`)
	later = regexp.MustCompile(`(?i)^(?:(?:` + postpone + `)\s*(?:it\s+)?(?:(?:back|out)\s+)?(?:by\s+)?|` +
		`by\s+|[+＋]|[往向][后後]|晚|[迟遲])\s*(.+?)(?:\s+later)?$`)
	earlier = regexp.MustCompile(`(?i)^(?:by\s+)?(.+)\s+earlier$|` +
		`^(?:(?:` + prepone + `)\s*(?:it\s+)?(?:forward\s+)?(?:by\s+)?|[-−－]|[往向]前|早)\s*(.+)$`)
)

// sameTime is how people say that a move leaves the time of day as it is.
var sameTime = regexp.MustCompile(`(?i)(?:\bat )?(?:\bthe )?\bsame time\b(?: on\b)?|同一(?:個|个)?[时時][间間]`)

// movedTo reads the time that something is moved to which is to begin at another, and asks where that can be meant from
// either.
func (h *Handlers) movedTo(
	ctx context.Context, a actor, toward []string, phrase string, at time.Time, draft messages.Draft,
) (read timephrase.Reading, err error) {
	zone, err := h.zone(ctx, a)
	if err == nil {
		err = h.askSince(ctx, a, phrase, at, zone, draft)
	}
	if err == nil {
		err = h.askKept(a, phrase, at, zone, draft)
	}
	if err == nil {
		read, err = h.time(ctx, a, phrase, draft)
	}
	if err == nil {
		err = h.askDirection(ctx, a, toward, phrase, read, at, draft)
	}
	return read, err
}

// askKept asks about a time that leaves out the day, or the time of day, and offers first that of the time there is:
// "3am", "saturday".
func (h *Handlers) askKept(a actor, phrase string, at time.Time, zone *time.Location, draft messages.Draft) error {
	phrase, reach := sameTime.ReplaceAllString(phrase, ""), h.reach(h.anyNotice())
	_, unread := parse(phrase, a.at, zone, reach)
	if unread == nil || !slices.Contains([]timephrase.Point{timephrase.NoDay, timephrase.NoClock}, unread.Remark.Point) {
		return nil
	}
	kept := time.DateOnly
	if unread.Remark.Point == timephrase.NoClock {
		kept = "15:04"
	}
	unread.Candidates = append(meanings(phrase+" "+at.In(zone).Format(kept), a.at, zone, reach), unread.Candidates...)
	return askTime(unread, draft)
}

// askDirection asks about a time that is on the other side of the one there is than people say: "推迟到周一" of
// what is due on the Sunday after that may mean the Monday behind it.
func (h *Handlers) askDirection(ctx context.Context, a actor, toward []string, phrase string, read timephrase.Reading, at time.Time, draft messages.Draft) error {
	says := func(direction string) bool { return toward != nil && toward[to.SubexpIndex(direction)] != "" }
	ways := []since{{read.Time, messages.SinceNow}}
	switch {
	case says("earlier") && read.Time.After(at):
	case says("later") && read.Time.Before(at):
		if late, unclear := parse(phrase, at, read.Time.Location(), anywhen); unclear == nil {
			ways = append(ways, since{late.Time, messages.SinceThen})
		}
	default:
		return nil
	}
	q := messages.Tell(messages.Say(messages.SinceWhen))
	q.Language = messages.Typed(read.Chinese)
	return h.askWhich(ctx, a, q, draft, ways...)
}

// since is one way to count a length of time.
type since struct {
	at  time.Time
	why messages.Key
}

// askSince asks about a length of time that does not say from when it is counted: "a week later" may
// be meant from the time that is to be moved. "By a week" is, and is shown before it is done.
func (h *Handlers) askSince(ctx context.Context, a actor, phrase string, at time.Time, zone *time.Location, draft messages.Draft) error {
	if moved, ok := shifted(phrase, at.In(zone)); ok {
		q := messages.Tell()
		q.Language = messages.Typed(chinese(phrase))
		return h.askWhich(ctx, a, q, draft, since{moved, messages.SinceThen})
	}
	ways := slices.Concat(unanchored(phrase, at, zone, messages.SinceThen), unanchored(phrase, a.at, zone, messages.SinceNow))
	if len(ways) == 0 {
		return nil
	}
	q := messages.Tell(messages.Say(messages.SinceWhen))
	q.Language = messages.Typed(chinese(phrase))
	return h.askWhich(ctx, a, q, draft, ways...)
}

// chinese reports whether a phrase is in Chinese.
func chinese(phrase string) bool { return firstHan(phrase) >= 0 }

// firstHan is where the Chinese of a text begins, -1 for none.
func firstHan(text string) int {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// unanchored is what such a length of time can come to from a moment on; nothing for all else.
func unanchored(phrase string, from time.Time, zone *time.Location, why messages.Key) (ways []since) {
	switch read, unclear := parse(phrase, from, zone, anywhen); {
	case read.Since == timephrase.SinceUnsaid:
		ways = append(ways, since{read.Time, why})
	case unclear != nil && unclear.Since == timephrase.SinceUnsaid:
		for _, c := range unclear.Candidates {
			ways = append(ways, since{c.Time, why})
		}
	}
	return ways
}

// askWhich offers those of some times that are in reach, and any other. Where none is, it says why.
func (h *Handlers) askWhich(ctx context.Context, a actor, q *messages.Answer, draft messages.Draft, ways ...since) error {
	near := slices.DeleteFunc(slices.Clone(ways), func(way since) bool { return h.outOfReach(way.at) })
	switch len(near) {
	case 0:
		return h.inReach(ways[0].at.In(h.voice(ctx, a.user).Zone), 0, h.anyNotice(), draft)
	case 1:
		q.Text = append(q.Text, messages.Say(messages.ThisOne))
	default:
		q.Text = append(q.Text, messages.Say(messages.WhichOne))
	}
	for _, way := range near {
		q.OfferTime(way.at, messages.Say(way.why), draft)
	}
	q.OfferOtherTime(draft)
	return q
}

// shifted is a time moved by a length that says in which direction: "by a day", "提前两小时".
func shifted(phrase string, at time.Time) (moved time.Time, ok bool) {
	length, back := earlier.FindStringSubmatch(phrase), true
	if length == nil {
		length, back = later.FindStringSubmatch(phrase), false
	}
	if length == nil {
		return at, false
	}
	words := strings.ReplaceAll(strings.Join(length[1:], ""), "日", "天")
	for _, spelled := range []string{"in " + words, words + "后"} {
		switch read, _ := parse(spelled, at, at.Location(), anywhen); {
		case read.Since == "", back && read.Clock != "":
		case back:
			return asLongBefore(at, read.Time), true
		default:
			return read.Time, true
		}
	}
	return at, false
}

// asLongBefore is as long before a time as another is behind it: by whole days, which keep the time of day, where that has it, too.
func asLongBefore(at, behind time.Time) time.Time {
	if at.Format(time.TimeOnly) == behind.Format(time.TimeOnly) {
		return at.AddDate(0, 0, -int(behind.Sub(at).Round(24*time.Hour)/(24*time.Hour)))
	}
	return at.Add(at.Sub(behind))
}
