package messages

import (
	"time"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// Answer is what one person is told. As an error it is one that the person can do
// something about.
type Answer struct {
	Greeting Saying   // above it; Saying{} is none
	Text     []Saying // sentences
	Lines    []Saying // below them
	Table    Table    // below them; without rows there is none
	Buttons  []Button

	Language *Language // nil: the reader's
}

// Tell makes an Answer of sentences.
func Tell(text ...Saying) *Answer { return &Answer{Text: text} }

// Refuse makes an error of one sentence.
func Refuse(key Key, facts ...any) error { return Tell(Say(key, facts...)) }

func (a *Answer) Error() string {
	return Voice{Language: Languages[0]}.paragraph(a.Text...).String()
}

// Answer is the message that somebody reads in their own language. Where it has a table
// there is a second way to say it: see WithoutTable.
func (v Voice) Answer(a *Answer) bot.Message {
	text := v.withLines(v.paragraph(a.Text...), a)
	m := bot.Message{Text: text.Cut(longestNotice), Blocks: append(sections(v.Say(a.Greeting)), sections(text)...)}
	if len(a.Buttons) > 0 {
		m.Blocks = append(m.Blocks, v.buttons(a.Buttons))
	}
	if len(a.Table.Rows) > 0 {
		m.Blocks = append(m.Blocks, v.table(a.Table))
	}
	return m
}

// WithoutTable is the answer with lines instead of its table, for where Slack takes none.
func (v Voice) WithoutTable(a *Answer) bot.Message {
	plain := *a
	plain.Table, plain.Lines = Table{}, append(a.Lines, a.Table.lines()...)
	return v.Answer(&plain)
}

// withLines puts the lines below the text. What Slack has no room for is counted.
func (v Voice) withLines(text mrkdwn.Text, a *Answer) mrkdwn.Text {
	for n, line := range a.Lines {
		shown := v.Say(line)
		if text.Len()+shown.Len() > longestAnswer-longestCount {
			return mrkdwn.Join([]mrkdwn.Text{text, v.Say(Say(MoreLines, "n", len(a.Lines)-n))}, "\n")
		}
		if text = mrkdwn.Join([]mrkdwn.Text{text, shown}, "\n"); n == 0 && len(a.Text) == 0 {
			text = shown
		}
	}
	return text
}

// OfferTime adds an instant to choose, with a button that goes on with a draft.
func (a *Answer) OfferTime(at time.Time, why Saying, draft Draft) {
	a.Lines = append(a.Lines, Say(TimeChoice, "exact", exact(at), "ahead", ahead(at), "why", why))
	a.Buttons = append(a.Buttons, Button{Action: ActContinue, Label: just(short(at)), Value: draft.AtTime(at).Value()})
}

// OfferOtherTime adds a button to the form for any other time.
func (a *Answer) OfferOtherTime(draft Draft) {
	a.Buttons = append(a.Buttons, Button{Action: ActPickTime, Label: Say(LabelOtherTime), Value: draft.Value()})
}
