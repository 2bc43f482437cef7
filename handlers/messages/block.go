package messages

import (
	"fmt"

	"github.com/slack-go/slack"

	"cbhbot/bot/mrkdwn"
)

// This file holds the small pieces that messages are made of. It is the only one that
// fills Slack's text objects: mrkdwn with a mrkdwn.Text, plain_text with what can be
// seen of any words.

// What Block Kit takes (https://docs.slack.dev/reference/block-kit/blocks and
// https://docs.slack.dev/reference/block-kit/composition-objects).
const (
	longestSection = 3000
	longestHeader  = 150
	longestLabel   = 75
	LongestValue   = 2000 // of a button
	mostRows       = 100  // of a table, with its head
)

// All blocks of a message together may have 13,200 characters. These are the parts
// that answers and cards make of them.
const (
	longestAnswer = 11_000
	longestCount  = 50 // of what an answer says of its lines that do not fit
	longestWords  = 1200
	longestNote   = 1000
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

func small(t mrkdwn.Text) slack.Block {
	return slack.NewContextBlock("", markup(t.Cut(longestNote)))
}

// paragraphs shows what a person wrote, as they wrote it: plain text has no markup.
func paragraphs(words string) slack.Block {
	shown := mrkdwn.Paragraphs(words, longestWords)
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, shown, false, false), nil, nil)
}

// Button is one that a message offers.
type Button struct {
	Action  string
	Label   Saying
	Value   string
	Style   slack.Style // "" is the usual one
	Confirm *Confirm    // asks before it acts
}

// Confirm is what a button asks before it acts. All fields are required.
type Confirm struct{ Title, Text, Yes Saying }

// buttons are an actions block. Buttons of the same action get ids of their own.
func (v Voice) buttons(all []Button) slack.Block {
	var elements []slack.BlockElement
	seen := map[string]int{}
	for _, b := range all {
		id := b.Action
		if n := seen[id]; n > 0 {
			id = fmt.Sprintf("%s:%d", id, n)
		}
		seen[b.Action]++
		elements = append(elements, v.button(id, b))
	}
	return slack.NewActionBlock("", elements...)
}

func (v Voice) button(id string, b Button) *slack.ButtonBlockElement {
	element := slack.NewButtonBlockElement(id, b.Value, plain(v.Plain(b.Label), longestLabel))
	element.Style = b.Style
	if c := b.Confirm; c != nil {
		element.Confirm = slack.NewConfirmationBlockObject(
			plain(v.Plain(c.Title), 100), plain(v.Plain(c.Text), 300), plain(v.Plain(c.Yes), 30), plain(v.Plain(Say(NotNow)), 30))
	}
	return element
}
