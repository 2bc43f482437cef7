package handlers

import (
	"github.com/slack-go/slack"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// This file holds the small pieces that cards and answers are made of. It is the
// only one that fills Slack's text objects: mrkdwn with a mrkdwn.Text, plain_text with
// what can be seen of any words.

var (
	say     = mrkdwn.Say
	code    = mrkdwn.Code
	mention = mrkdwn.User
)

// What Block Kit takes (https://docs.slack.dev/reference/block-kit/blocks and
// https://docs.slack.dev/reference/block-kit/composition-objects).
const (
	longestSection = 3000
	longestHeader  = 150
	longestLabel   = 75
	longestValue   = 2000
)

// All blocks of a message together may have 13,200 characters. These are the parts
// that answers and cards make of them: no card has more than four fields, three
// reasons and two long notes.
const (
	longestAnswer = 11_000
	longestBatch  = 3800
	longestWords  = 1200
	longestNote   = 1000
	longestField  = 500
	longestNotice = 3000 // of a notification, which is beside the blocks; Slack advises less than 4000
)

func markup(t mrkdwn.Text) *slack.TextBlockObject {
	block := slack.NewTextBlockObject(slack.MarkdownType, t.String(), false, false)
	block.Verbatim = true
	return block
}

// plain is words on one line, without any markup.
func plain(words string, max int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, mrkdwn.Line(words, max), false, false)
}

func header(words string) slack.Block { return slack.NewHeaderBlock(plain(words, longestHeader)) }

// sections shows a text in as few sections as take it.
func sections(t mrkdwn.Text) []slack.Block {
	var blocks []slack.Block
	for _, part := range t.Cut(longestAnswer).Split(longestSection) {
		blocks = append(blocks, slack.NewSectionBlock(markup(part), nil, nil))
	}
	return blocks
}

func fields(texts ...mrkdwn.Text) slack.Block {
	var objects []*slack.TextBlockObject
	for _, text := range texts {
		objects = append(objects, markup(text.Cut(longestField)))
	}
	return slack.NewSectionBlock(nil, objects, nil)
}

// footnote is a line of small print for each text.
func footnote(texts ...mrkdwn.Text) slack.Block {
	var elements []slack.MixedElement
	for _, text := range texts {
		elements = append(elements, markup(text.Cut(longestNote)))
	}
	return slack.NewContextBlock("", elements...)
}

// words shows what a person wrote, as they wrote it: plain text has no markup.
func words(label, text string) slack.Block {
	shown := mrkdwn.Paragraphs(label+": "+text, longestWords)
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, shown, false, false), nil, nil)
}

func button(action, label, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, plain(label, longestLabel))
}

func styled(b *slack.ButtonBlockElement, style slack.Style) *slack.ButtonBlockElement {
	return b.WithStyle(style)
}

func confirmed(b *slack.ButtonBlockElement, title, text, yes string) *slack.ButtonBlockElement {
	return b.WithConfirm(slack.NewConfirmationBlockObject(plain(title, 100), plain(text, 300), plain(yes, 30), plain("Not now", 30)))
}

func buttons(elements ...slack.BlockElement) slack.Block {
	return slack.NewActionBlock("", elements...)
}

// answer is a message of one text, with buttons where given.
func answer(text mrkdwn.Text, elements ...slack.BlockElement) bot.Message {
	m := bot.Message{Text: text.Cut(longestNotice), Blocks: sections(text)}
	if len(elements) > 0 {
		m.Blocks = append(m.Blocks, buttons(elements...))
	}
	return m
}
