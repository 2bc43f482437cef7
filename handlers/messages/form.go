package messages

import (
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// Block ids of the forms' inputs.
const (
	InputReason   = "reason"
	InputTime     = "time"
	InputInstance = "instance"
	InputChannel  = "channel"
)

const (
	longestTitle  = 24 // of a form, and of its buttons
	longestOption = 75 // also of what it stands for
)

func (v Voice) form(callback string, title, submit Key, private string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, PrivateMetadata: private, Blocks: slack.Blocks{BlockSet: blocks},
		Title: v.label(title, longestTitle), Submit: v.label(submit, longestTitle), Close: v.label(FormBack, longestTitle),
	}
}

func (v Voice) label(key Key, max int) *slack.TextBlockObject { return plain(v.Plain(Say(key)), max) }

func (v Voice) input(block string, label Key, optional bool, element slack.BlockElement) *slack.InputBlock {
	b := slack.NewInputBlock(block, v.label(label, 200), nil, element)
	b.Optional = optional
	return b
}

func textInput(initial string) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, "text")
	e.Multiline, e.MaxLength, e.InitialValue = true, LongestReason, initial
	return e
}

// ReasonForm asks for a reason.
func (v Voice) ReasonForm(callback string, title, submit, why Key, initial, private string) slack.ModalViewRequest {
	return v.form(callback, title, submit, private, v.input(InputReason, why, false, textInput(initial)))
}

// TimeForm asks for another time of a request, and begins with one.
func (v Voice) TimeForm(callback string, draft Draft, at time.Time) slack.ModalViewRequest {
	return v.form(callback, FormTime, FormAsk, draft.Value(), v.timeInput(at))
}

func (v Voice) timeInput(at time.Time) slack.Block {
	picker := slack.NewDateTimePickerBlockElement("time")
	picker.InitialDateTime = at.Unix()
	return v.input(InputTime, FormWhen, false, picker)
}

// Choice tells instances of the same name apart.
func Choice(i cloud.Instance) Saying {
	if !i.Shared {
		return just(i.Target())
	}
	name := mrkdwn.Line(called(i.Target()), longestLabel-len(" (12345678…)"))
	return Say(NameAndID, "name", name, "id", mrkdwn.Line(i.ServerID, 9))
}

// Errors are what is wrong with a form, at its inputs.
func (v Voice) Errors(input string, wrong Saying) *slack.ViewSubmissionResponse {
	return slack.NewErrorsViewSubmissionResponse(map[string]string{input: v.Plain(wrong)})
}

// Leading is a message with a link to the card behind it, and without buttons.
func Leading(l *Language, m bot.Message, url string) bot.Message {
	v := Voice{Language: l}
	link := mrkdwn.Link(url, v.Say(Say(OpenCard)))
	text := v.Say(Say(OpenCardAt, "text", m.Text, "link", link))
	return bot.Message{Text: text, Blocks: sections(text), Metadata: m.Metadata}
}

// InTheWayOf says which open request is in the way of an action, and what can be done
// about it.
func InTheWayOf(action approvals.Action, v View, link any) []Saying {
	var at time.Time
	if v.R.Action == approvals.Upgrade {
		at = v.At
	}
	next := v.endsBy()
	if action == approvals.Upgrade && v.R.Action == approvals.Upgrade { // at another time it may be what is wanted
		next = v.movesBy()
	}
	return []Saying{Say(InTheWay, "link", link, "time", at, v), Say(next, v)}
}

// movesBy is how an upgrade gets to another time.
func (v View) movesBy() Key {
	switch {
	case v.Stage == approvals.Pending && !v.R.Batch(): // all of a batch would move
		return NextPending
	case v.Stage == approvals.Scheduled && v.R.Batch():
		return NextInBatch
	case v.Stage == approvals.Scheduled:
		return NextScheduled
	case v.Stage == approvals.Changed:
		return NextChanged
	}
	return v.endsBy()
}

// endsBy is how a request gets out of the way.
func (v View) endsBy() Key {
	switch {
	case v.Stage == approvals.Pending && !v.R.Batch():
		return NextWithdraw
	case v.Stage == approvals.Pending:
		return NextTakeOut
	case v.Stage == approvals.Scheduled && v.R.Action == approvals.Upgrade, v.Stage == approvals.Changed:
		return NextCancel
	case v.stuck():
		return NextStuck
	}
	return NextWait
}
