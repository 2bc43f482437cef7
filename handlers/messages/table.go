package messages

import (
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
)

// Table is rows of facts under a head. All rows are as long as the head.
type Table struct {
	Head []Saying
	Rows [][]any
}

// table is a table block (https://docs.slack.dev/reference/block-kit/blocks/table-block):
// a message has one at most.
func (v Voice) table(t Table) *slack.TableBlock {
	block := slack.NewTableBlock("")
	var head []slack.TableCell
	for _, title := range t.Head {
		head = append(head, rich(slack.NewRichTextSectionTextElement(v.Plain(title), &slack.RichTextSectionTextStyle{Bold: true})))
		block.ColumnSettings = append(block.ColumnSettings, slack.ColumnSetting{Align: slack.ColumnAlignmentLeft, IsWrapped: true})
	}
	block.AddRow(head...)
	for _, row := range t.Rows[:min(len(t.Rows), mostRows-1)] {
		var cells []slack.TableCell
		for _, fact := range row {
			cells = append(cells, v.cell(fact))
		}
		block.AddRow(cells...)
	}
	return block
}

func rich(elements ...slack.RichTextSectionElement) slack.TableCell {
	return slack.NewTableRichTextCell(slack.NewRichTextSection(elements...))
}

// longestCell is more than any fact in a table has.
const longestCell = 200

// cell is a fact in a table, or several below each other. No cell is empty: Slack takes
// no empty text.
func (v Voice) cell(fact any) slack.TableCell {
	several, ok := fact.(cells)
	if !ok {
		several = cells{fact}
	}
	var elements []slack.RichTextSectionElement
	for _, f := range several.shown() {
		if len(elements) > 0 {
			elements = append(elements, slack.NewRichTextSectionTextElement("\n", nil))
		}
		elements = append(elements, v.element(f))
	}
	if len(elements) == 0 {
		return slack.NewTableRawTextCell("–")
	}
	return rich(elements...)
}

func (v Voice) element(fact any) slack.RichTextSectionElement {
	switch f := fact.(type) {
	case time.Time:
		fallback := v.spelled(f, v.Zone)
		return slack.NewRichTextSectionDateElement(f.Unix(), string(v.Language.moment), nil, &fallback)
	case user:
		if mrkdwn.IsUser(string(f)) {
			return slack.NewRichTextSectionUserElement(string(f), nil)
		}
	case linked:
		if f.url != "" {
			return slack.NewRichTextSectionLinkElement(f.url, f.request.Name(), nil)
		}
		fact = f.request
	}
	words := mrkdwn.Line(v.plain(fact), longestCell)
	if words == "" {
		words = "–"
	}
	return slack.NewRichTextSectionTextElement(words, nil)
}

// lines are a table's rows for where there is none.
func (t Table) lines() []Saying {
	return each(t.Rows, func(row []any) Saying { return Say(Row, "cells", cells(row)) })
}

// cells are the facts of a row that are there.
type cells []any

func (c cells) shown() []any {
	var shown []any
	for _, fact := range c {
		t, instant := fact.(time.Time)
		if fact != nil && fact != "" && !(instant && t.IsZero()) {
			shown = append(shown, fact)
		}
	}
	return shown
}

// Requests is the table of a list of requests; urls lead to their cards by their ids, as
// far as they are known. Three columns are what a phone shows side by side.
func Requests(all []*approvals.Request, urls map[int64]string) Table {
	t := Table{Head: []Saying{Say(HeadRequest), Say(HeadState), Say(HeadWhen)}}
	for _, r := range all {
		v := Whole(r)
		what := cells{Link(r, urls[r.ID]), v.titleNamed(), user(r.Requester.ID)}
		t.Rows = append(t.Rows, []any{what, v.standings(), v.At})
	}
	return t
}

// PageOf is where a page of so many rows begins and ends in a list: its last one where the
// list has become shorter.
func PageOf(page, rows, total int) (from, to int) {
	from = max(0, min(page*rows, (total-1)/rows*rows))
	return from, min(from+rows, total)
}

// Turns are buttons to the pages beside one.
func Turns(action string, page int, more bool, value func(page int) string) []Button {
	var turns []Button
	if page > 0 {
		turns = append(turns, Button{Action: action, Label: Say(LabelPrevious), Value: value(page - 1)})
	}
	if more {
		turns = append(turns, Button{Action: action, Label: Say(LabelNext), Value: value(page + 1)})
	}
	return turns
}
