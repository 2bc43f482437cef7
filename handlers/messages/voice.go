package messages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/bot/mrkdwn"
)

// Voice puts facts into words. All fields are required.
type Voice struct {
	Language *Language
	Zone     *time.Location // in which instants are spelled out
	Now      time.Time
}

// Values of facts, besides those of package approvals and calendar, Saying, string (the
// words of others), int and int64:
//
//	time.Time      an instant, shown in each reader's zone
//	time.Duration  a length of time: "1 h 20 min"
type (
	user        string           // is mentioned
	named       approvals.Person // is called by name, and not mentioned
	group       string           // a user group, is mentioned
	channel     string           // is linked
	code        string           // a name or word from outside, set off from the text
	typable     string           // a name inside a command that can be copied
	commandName string           // a command, as its reader types it
	exact       time.Time        // an instant spelled out, in the voice's zone and in UTC
	short       time.Time        // an instant on a button, in the voice's zone
	deadline    time.Time        // how much time is left until then
	ahead       time.Time        // how far away an instant is
	ample       time.Duration    // a length of time in whole hours, such as a policy has
	listed      []any            // joined as the language joins lists
	commas      []any            // a list without "and": people of whom some are enough
	lines       []any            // one below the other
	literal     Saying           // a text without any markup of its own, such as how a command is typed
	linked      struct {         // a request, leading to its card where there is a link
		request *approvals.Request
		url     string
	}
)

// Code, Typable, Exact, Ahead, Ample, Link and List make such values.
func Code(name string) any                            { return code(name) }
func Exact(t time.Time) any                           { return exact(t) }
func Ahead(t time.Time) any                           { return ahead(t) }
func Ample(d time.Duration) any                       { return ample(d) }
func Link(r *approvals.Request, permalink string) any { return linked{r, permalink} }
func List(values ...any) any                          { return listed(values) }
func Typable(t approvals.Target) any                  { return typable(typableName(t)) }

// each is what is made of every value.
func each[T, U any](values []T, of func(T) U) []U {
	all := make([]U, len(values))
	for i, value := range values {
		all[i] = of(value)
	}
	return all
}

// factsOf makes facts of some values.
func factsOf[T any](values []T) []any { return each(values, func(value T) any { return value }) }

// Say is a Saying in mrkdwn.
func (v Voice) Say(s Saying) mrkdwn.Text {
	if s.None() {
		return mrkdwn.Text{}
	}
	return v.Language.text(s.key).Fill(filling{v, s})
}

// Plain is a Saying in plain text.
func (v Voice) Plain(s Saying) string {
	if s.None() {
		return ""
	}
	return v.Language.text(s.key).Plain(filling{v, s})
}

// paragraph is one Saying behind the other.
func (v Voice) paragraph(all ...Saying) mrkdwn.Text {
	var texts []mrkdwn.Text
	for _, s := range all {
		if text := v.Say(s); !text.Empty() {
			texts = append(texts, text)
		}
	}
	return mrkdwn.Join(texts, v.Language.space)
}

// text is a fact in mrkdwn.
func (v Voice) text(fact any) mrkdwn.Text {
	switch f := fact.(type) {
	case nil:
		return mrkdwn.Text{}
	case Saying:
		return v.Say(f)
	case mrkdwn.Text:
		return f
	case guide:
		return mrkdwn.Address(v.Language.guide)
	case user:
		return mrkdwn.User(string(f))
	case approvals.Person:
		return mrkdwn.User(f.ID)
	case named:
		if f.Name == "" {
			return mrkdwn.User(f.ID)
		}
		return mrkdwn.Words(f.Name)
	case group:
		return mrkdwn.Group(string(f))
	case channel:
		return mrkdwn.Channel(string(f))
	case code:
		return mrkdwn.Code(string(f))
	case typable:
		return mrkdwn.Typed(string(f))
	case approvals.Target:
		return mrkdwn.Code(called(f))
	case linked:
		return mrkdwn.Link(f.url, mrkdwn.Words(f.request.Name()))
	case time.Time:
		if !f.IsZero() {
			return mrkdwn.Date(f, v.Language.moment, v.spelled(f, v.Zone))
		}
	case approvals.Set:
		return v.text(mentions(f))
	case approvals.Quorum:
		return v.Say(quorum(f, mentions))
	case listed:
		return v.joined(f)
	case commas:
		return mrkdwn.Join(v.texts(f), v.Language.comma)
	case lines:
		return mrkdwn.Join(v.texts(f), "\n")
	case cells:
		return mrkdwn.Join(v.texts(f.shown()), " · ")
	case sentences:
		return v.paragraph(f...)
	}
	return mrkdwn.Words(v.plain(fact))
}

// plain is a fact in plain text, as it is wherever it has no markup of its own.
func (v Voice) plain(fact any) string {
	switch f := fact.(type) {
	case nil:
		return ""
	case string:
		return f
	case int:
		return strconv.Itoa(f)
	case int64:
		return strconv.FormatInt(f, 10)
	case Saying:
		return v.Plain(f)
	case literal:
		return v.Plain(Saying(f))
	case code:
		return string(f)
	case typable:
		return string(f)
	case commandName:
		return v.Language.nameOf(string(f))
	case approvals.Target:
		return called(f)
	case approvals.Person:
		return f.Name
	case named:
		return f.Name
	case *approvals.Request:
		return f.Name()
	case approvals.Quorum:
		return v.Plain(quorum(f, mentions))
	case time.Time:
		return v.spelled(f, v.Zone)
	case exact:
		return v.exactly(time.Time(f))
	case short:
		return v.local(time.Time(f).In(v.Zone), false) + whichOfTwo(time.Time(f).In(v.Zone))
	case dayOf:
		return v.day(time.Time(f), time.Time(f).Year() != v.Now.In(time.Time(f).Location()).Year())
	case monthOf:
		return v.Language.month(time.Time(f))
	case there:
		return v.spelled(time.Time(f), time.Time(f).Location())
	case wall:
		return v.local(time.Time(f), true)
	case deadline:
		return v.Plain(left(time.Time(f), v.Now))
	case ahead:
		return v.Plain(away(time.Time(f), v.Now, v.Zone))
	case time.Duration:
		return v.Plain(span(f))
	case since:
		return v.Plain(span(v.Now.Sub(time.Time(f))))
	case ample:
		return v.Plain(noticeOf(time.Duration(f)))
	case calendar.Window:
		return v.Plain(window(f))
	case calendar.Freeze:
		return v.Plain(freeze(f))
	case time.Weekday:
		return v.Language.weekdays[f]
	case listed:
		return v.plainList(f, v.Language.last)
	case commas:
		return v.plainList(f, v.Language.comma)
	case sentences:
		return strings.Join(each(f, v.Plain), string(v.Language.space))
	case unknown:
		return "{" + string(f) + "}"
	}
	return fmt.Sprint(fact)
}

func (v Voice) plainList(items []any, last mrkdwn.Format) string {
	var text strings.Builder
	for n, item := range items {
		switch {
		case n > 0 && n == len(items)-1:
			text.WriteString(string(last))
		case n > 0:
			text.WriteString(string(v.Language.comma))
		}
		text.WriteString(v.plain(item))
	}
	return text.String()
}

// joined is a list as the language writes one: "a, b and c".
func (v Voice) joined(items []any) mrkdwn.Text {
	texts := v.texts(items)
	n := len(texts)
	if n < 2 {
		return mrkdwn.Join(texts, "")
	}
	first := mrkdwn.Join(texts[:n-1], v.Language.comma)
	return mrkdwn.Join([]mrkdwn.Text{first, texts[n-1]}, v.Language.last)
}

// texts are those facts that there are.
func (v Voice) texts(items []any) []mrkdwn.Text {
	var texts []mrkdwn.Text
	for _, item := range items {
		if text := v.text(item); !text.Empty() {
			texts = append(texts, text)
		}
	}
	return texts
}
